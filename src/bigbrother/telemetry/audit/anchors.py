"""Anchors: the newest record noted outside the database, against cutting off the chain's end.

Within the database the end of the chain looks like any other record: somebody who takes records
away from the end, or puts an older copy in place, leaves a chain that is whole. The anchor says
how far it had grown.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.chained_file import ChainedFile, ChainedFileDamaged

_NAME = "anchors.jsonl"


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the chain had grown at one time."""

    at: datetime
    sequence: int
    mac: bytes


class Anchors:
    """The file of anchors; `key` is the master key's `derive(b"anchors")`."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._file = ChainedFile(folder / _NAME, key)

    @property
    def path(self) -> Path:
        return self._file.path

    def read(self) -> tuple[Anchor, ...]:
        """Every anchor, oldest first. Raises ChainedFileDamaged."""
        try:
            return tuple(
                Anchor(
                    datetime.fromisoformat(line["at"]),
                    int(line["sequence"]),
                    bytes.fromhex(line["mac"]),
                )
                for line in self._file.lines()
            )
        except OSError as error:
            raise ChainedFileDamaged(
                f"{self.path} cannot be read: {error.strerror}.",
                remedy="Run as root or as the account of the face unit.",
            ) from error

    def note(self, conn: psycopg.Connection[Any], now: datetime) -> bool:
        """Notes the newest record if the chain has grown; returns whether it did.

        Raises ChainedFileDamaged, OSError.
        """
        newest = chain.newest(conn)
        noted = self.read()
        if newest is None or (noted and (noted[-1].sequence, noted[-1].mac) == newest):
            return False
        sequence, mac = newest
        line = {"at": now.isoformat(), "sequence": sequence, "mac": mac.hex()}
        self._file.append(lambda _lines: line)
        return True
