"""The ledger of erasures: what must never come back, noted outside the database.

An erasure is written down and on disk before the database commits it. So one that was asked for
is carried out even if the database is lost in that instant, and again in every older copy that is
restored later. Nobody's name or external id stands in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from bigbrother.face.gallery.errors import LedgerDamaged, LedgerUnwritable
from bigbrother.telemetry.chained_file import ChainedFile, ChainedFileDamaged, Content

_NAME = "erasures.jsonl"
Kind = Literal["subject", "collection", "face", "withdrawal"]


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line of the ledger."""

    sequence: int
    """1, 2, 3 … without a gap."""
    at: datetime
    kind: Kind
    collection_id: UUID
    subject_id: UUID | None = None
    """None when a whole collection is erased."""
    face_id: UUID | None = None
    subject_mac: bytes | None = None
    """Of an erased subject: see security/subject_mac.py."""
    image_sha256: tuple[bytes, ...] = ()
    """Of the images from which the erased faces were enrolled."""
    withdrawn_at: datetime | None = None
    """Of a withdrawal: what the subject's consent then says."""


class Ledger:
    """The file of erasures; `key` is the master key's `derive(b"ledger")`."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._file = ChainedFile(folder / _NAME, key)

    @property
    def path(self) -> Path:
        return self._file.path

    def id(self) -> UUID:
        """The ledger's own name; the first call begins the file.

        Raises LedgerDamaged, LedgerUnwritable.
        """
        return UUID(str(self._header(self._lines())["ledger_id"]))

    def erasures(self, after: int = 0) -> tuple[Erasure, ...]:
        """The lines behind a sequence, oldest first. Raises LedgerDamaged."""
        lines = self._lines()
        return tuple(_erasure(line) for line in lines[after + 1 :])

    def newest(self) -> int:
        """Sequence of the newest line; 0 while there is none. Raises LedgerDamaged."""
        return max(0, len(self._lines()) - 1)

    def add(
        self,
        kind: Kind,
        *,
        at: datetime,
        collection_id: UUID,
        subject_id: UUID | None = None,
        face_id: UUID | None = None,
        subject_mac: bytes | None = None,
        image_sha256: Sequence[bytes] = (),
        withdrawn_at: datetime | None = None,
    ) -> Erasure:
        """Writes a line, on disk when this returns. Raises LedgerDamaged, LedgerUnwritable."""
        self.id()
        return _erasure(
            self._append(
                lambda lines: {
                    "sequence": lines,
                    "at": at.isoformat(),
                    "kind": kind,
                    "collection_id": str(collection_id),
                    "subject_id": _text(subject_id),
                    "face_id": _text(face_id),
                    "subject_mac": None if subject_mac is None else subject_mac.hex(),
                    "image_sha256": [digest.hex() for digest in image_sha256],
                    "withdrawn_at": _text(withdrawn_at),
                }
            )
        )

    def _header(self, lines: Sequence[Content]) -> Content:
        if lines:
            return lines[0]
        begun = {"ledger_id": str(uuid4())}

        def header(lines_before: int) -> Content:
            if lines_before:
                raise _AlreadyBegun
            return begun

        try:
            return self._append(header)
        except _AlreadyBegun:
            return self._lines()[0]

    def _lines(self) -> tuple[Content, ...]:
        try:
            return self._file.lines()
        except ChainedFileDamaged as error:
            raise _damaged(error.detail) from error
        except OSError as error:
            raise _damaged(f"{self.path} cannot be read: {error.strerror}.") from error

    def _append(self, content: Callable[[int], Content]) -> Content:
        try:
            return self._file.append(content)
        except ChainedFileDamaged as error:
            raise _damaged(error.detail) from error
        except OSError as error:
            raise LedgerUnwritable(
                f"The ledger of erasures cannot be written: {error.strerror}; nothing was erased.",
                remedy=f"Make room on the disk of {self.path.parent}, then ask again.",
            ) from error


class _AlreadyBegun(Exception):
    """Another process wrote the header first."""


def _damaged(detail: str) -> LedgerDamaged:
    return LedgerDamaged(
        f"The ledger of erasures cannot be used: {detail}",
        remedy="Put the file back from a copy. Only if there is none, move it away: erasures from "
        "then on go into a new one, and older ones are not repeated in a restored copy.",
    )


def _text(value: UUID | datetime | None) -> str | None:
    if value is None:
        return None
    return str(value) if isinstance(value, UUID) else value.isoformat()


def _erasure(line: Content) -> Erasure:
    subject_id, face_id, mac = line["subject_id"], line["face_id"], line["subject_mac"]
    withdrawn_at = line["withdrawn_at"]
    return Erasure(
        sequence=line["sequence"],
        at=datetime.fromisoformat(line["at"]),
        kind=line["kind"],
        collection_id=UUID(line["collection_id"]),
        subject_id=None if subject_id is None else UUID(subject_id),
        face_id=None if face_id is None else UUID(face_id),
        subject_mac=None if mac is None else bytes.fromhex(mac),
        image_sha256=tuple(bytes.fromhex(digest) for digest in line["image_sha256"]),
        withdrawn_at=None if withdrawn_at is None else datetime.fromisoformat(withdrawn_at),
    )
