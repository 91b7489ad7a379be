"""Finds what was done to the chain by somebody without its key."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain as joined
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from bigbrother.telemetry.audit.anchors import Anchor
from bigbrother.telemetry.audit.chain import BEGINNING, fits, mac_of
from bigbrother.telemetry.audit.records import (
    AuditEntry,
    AuditRecord,
    Finding,
    FindingKind,
    Verification,
)

COLUMNS = (
    "sequence, at, action, token_id, token_name, collection_id, subject_ids, purpose, result,"
    " request_id, mac"
)
_FETCHED_AT_ONCE = 2000
_MOST_ATTEMPTS = 200_000
"""Of finding the place where a record belongs: about a second of digests."""
_DETAILS: dict[FindingKind, str] = {
    "changed": "This is not what was written there.",
    "removed": "Nothing stands there; what the next record says can no longer be proven.",
    "inserted": "This was put between what was written.",
    "reordered": "This was written at another place.",
    "cut-off": "The chain had grown this far and ends before.",
    "replaced": "Other records stood there when they were noted outside the database.",
}


def verify(conn: psycopg.Connection[Any], *, key: bytes, anchors: Sequence[Anchor]) -> Verification:
    """Looks at every record and every anchor.

    `key` as for `chain.append`. A chain without findings holds what was written, all of it up to
    the newest anchor at least, in the order in which it was written.
    """
    noted: dict[int, set[bytes]] = defaultdict(set)
    for anchor in anchors:
        noted[anchor.sequence].add(anchor.mac)
    walk = _Walk(key)
    replaced = []
    with conn.transaction(), conn.cursor(name="audit", row_factory=tuple_row) as cursor:
        cursor.itersize = _FETCHED_AT_ONCE
        query = f"SELECT {COLUMNS} FROM audit_record ORDER BY sequence"  # noqa: S608 - a constant
        for row in cursor.execute(query):
            record = record_of(row)
            walk.see(record)
            if noted.pop(record.sequence, {record.mac}) != {record.mac}:
                replaced.append(record.sequence)
    findings = list(walk.findings())
    if replaced:
        findings.append(_finding("replaced", min(replaced), max(replaced)))
    if max(noted, default=0) > walk.last:
        findings.append(_finding("cut-off", walk.last + 1, max(noted)))
    return Verification(walk.records, tuple(sorted(findings, key=lambda one: one.first)))


def record_of(row: Sequence[Any]) -> AuditRecord:
    """A record from a row of COLUMNS."""
    sequence, at, action, token_id, token_name, collection_id, subject_ids, *texts, mac = row
    entry = AuditEntry(action, token_id, token_name, collection_id, tuple(subject_ids), *texts)
    return AuditRecord(sequence, at, entry, bytes(mac))


class _Walk:
    """One pass over the chain, from its beginning."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._before = BEGINNING
        self._should_be = BEGINNING
        self.last = 0
        self.records = 0
        self._missing: list[tuple[int, int]] = []
        self._broken: list[AuditRecord] = []
        self._links: list[tuple[int, bytes]] = [(0, BEGINNING)]
        """Sequences and digests of genuine records that something broken follows."""

    def see(self, record: AuditRecord) -> None:
        """Takes the next record in the order of the sequences."""
        self.records += 1
        gap = record.sequence != self.last + 1
        if gap:
            self._missing.append((self.last + 1, record.sequence - 1))
        # A record whose digest alone was changed does not break the one behind it.
        known = any(
            fits(self._key, before, record, sequence=record.sequence)
            for before in {self._before, self._should_be}
        )
        # What stood before a gap is gone, and with it the proof of the record behind it.
        if known or gap:
            self._should_be = record.mac
        else:
            if not self._broken or self._broken[-1].sequence != self.last:
                self._links.append((self.last, self._before))
            self._broken.append(record)
            self._should_be = mac_of(
                self._key, self._before, record.sequence, record.at, record.entry
            )
        self._before = record.mac
        self.last = record.sequence

    def findings(self) -> Iterator[Finding]:
        """What is wrong, neighbours with the same fault in one."""
        for first, last in self._missing:
            yield _finding("removed", first, last)
        places = self._places()
        taken = set(places.values())
        kinds: list[tuple[int, FindingKind]] = []
        for record in self._broken:
            place = places.get(record.sequence)
            if place == record.sequence:
                continue
            if place is not None:
                kinds.append((record.sequence, "reordered"))
            else:
                kinds.append(
                    (record.sequence, "inserted" if record.sequence in taken else "changed")
                )
        yield from _joined(kinds)

    def _places(self) -> dict[int, int]:
        """Where broken records belong, by where they stand: each is tried behind genuine ones."""
        homeless = {record.sequence: record for record in self._broken}
        links = deque(self._links)
        places: dict[int, int] = {}
        attempts = shift = 0
        while links and homeless:
            sequence, mac = links.popleft()
            # A record more or a record less moves all behind it by the same number of places.
            near = (each for each in (sequence + 1 + shift, sequence + 1) if each in homeless)
            for candidate in joined(near, homeless):
                attempts += 1
                if attempts > _MOST_ATTEMPTS:
                    return places
                if fits(self._key, mac, homeless[candidate], sequence=sequence + 1):
                    places[candidate] = sequence + 1
                    shift = candidate - sequence - 1
                    links.append((sequence + 1, homeless.pop(candidate).mac))
                    break
        return places


def _joined(kinds: Iterable[tuple[int, FindingKind]]) -> Iterator[Finding]:
    """Findings in which neighbours of the same kind are one."""
    runs: list[tuple[FindingKind, int, int]] = []
    for sequence, kind in kinds:
        if runs and runs[-1][0] == kind and runs[-1][2] == sequence - 1:
            runs[-1] = (kind, runs[-1][1], sequence)
        else:
            runs.append((kind, sequence, sequence))
    return (_finding(kind, first, last) for kind, first, last in runs)


def _finding(kind: FindingKind, first: int, last: int) -> Finding:
    return Finding(kind, first, last, _DETAILS[kind])
