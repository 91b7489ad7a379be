"""What the audit writes down and what its verification finds; plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Action = Literal["identify", "enrol", "export", "erase"]
FindingKind = Literal["changed", "removed", "inserted", "reordered", "cut-off", "replaced"]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One use of faces, as whoever carries it out describes it: no names, no external ids."""

    action: Action
    token_id: UUID | None
    """None where no caller asked for it: a retention that ended, an erasure carried out again."""
    token_name: str
    """As the token was called at that time."""
    collection_id: UUID | None
    subject_ids: tuple[UUID, ...]
    """Of everybody who was found, enrolled, exported or erased."""
    purpose: str
    result: str
    """Short, such as `2 faces, 1 match`."""
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry in its place in the chain."""

    sequence: int
    """1, 2, 3 … without a gap."""
    at: datetime
    entry: AuditEntry
    mac: bytes
    """Keyed digest of this record and of the `mac` before it; 32 bytes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Neighbouring records with which the same is wrong."""

    kind: FindingKind
    first: int
    last: int
    """Sequences, both included."""
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification saw; sound when there are no findings."""

    records: int
    findings: tuple[Finding, ...]
