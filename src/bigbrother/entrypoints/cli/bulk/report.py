"""The report of a bulk enrolment: a line a photo, by which a later run knows what is done.

A line is written once, at the end of the file, and never changed. What a kill left of the last one
is cut off: no field holds a line break, so whatever follows the last one is torn.
"""

import csv
import fcntl
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput

Outcome = Literal["enrolled", "already-enrolled", "refused", "failed"]


class ReportRefused(InvalidInput):
    """The file cannot be the report of a bulk enrolment."""

    code = "report-refused"
    title = "The report cannot be used"


class ReportInUse(Conflict):
    """Another run writes the same report at this moment."""

    code = "report-in-use"
    title = "The report is in use"


class ReportNotWritten(BigBrotherError):
    """A line could not be written; the photo it tells of is enrolled all the same."""

    code = "report-not-written"
    title = "The report could not be written"


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one photo."""

    external_id: str
    path: str
    outcome: Outcome
    code: str = ""
    reason: str = ""
    remedy: str = ""
    face_id: str = ""
    sha256: str = ""
    collection: str = ""
    batch_id: str = ""

    @property
    def done(self) -> bool:
        """Whether the photo is in the gallery."""
        return self.outcome in ("enrolled", "already-enrolled")


_COLUMNS = tuple(field.name for field in fields(Line))
_HEAD = (",".join(_COLUMNS) + "\r\n").encode()


class Report:
    """A report that is open for this run alone."""

    def __init__(self, path: Path, file: BinaryIO, lines: list[Line]) -> None:
        self.path = path
        self._file = file
        self._lines = {_key(line): line for line in lines}
        self._told = {(line.batch_id, *_key(line)) for line in lines}

    def latest(self, collection: str, external_id: str, path: str) -> Line | None:
        """The newest line about a photo of a person in a collection."""
        return self._lines.get((collection, external_id, path))

    def add(self, line: Line) -> None:
        """Writes a line, unless the same batch's word about the same photo stands there."""
        key = (line.batch_id, *_key(line))
        if key in self._told:
            return
        row = io.StringIO()
        csv.writer(row).writerow([_in_one_line(value) for value in astuple(line)])
        try:
            self._file.write(row.getvalue().encode())
        except OSError as error:
            raise self._not_written(error) from error
        self._told.add(key)
        self._lines[_key(line)] = line

    def keep(self) -> None:
        """Returns once every line is safe from a power cut."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> ReportNotWritten:
        return ReportNotWritten(
            f"{self.path} cannot be written: {error.strerror}.",
            remedy="Make room or grant access, then run the same command again: it goes on.",
        )


@contextmanager
def open_report(path: Path) -> Iterator[Report]:
    """The report at this path, made where it is missing and mended where a line was torn.

    Raises ReportRefused for a file that is something else, ReportInUse while another run has it.
    """
    try:
        # Unbuffered: what was written outlives the process, however it ends.
        file = path.open("ab+", buffering=0)
    except OSError as error:
        raise ReportRefused(
            f"{path} cannot be written: {error.strerror}.",
            remedy="Give a file in a folder where you may write.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReportInUse(
                f"Another run is writing {path}.", remedy="Wait for it, or give another report."
            ) from error
        yield Report(path, file, _mended(path, file))


def _mended(path: Path, file: BinaryIO) -> list[Line]:
    file.seek(0)
    data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    if not whole and _HEAD.startswith(data):
        file.truncate(0)
        file.write(_HEAD)
        os.fsync(file.fileno())
        return []
    try:
        rows = list(csv.reader(io.StringIO(whole.decode("utf-8-sig"), newline=""), strict=True))
        lines = _lines(rows)
    except (ValueError, csv.Error) as error:
        raise ReportRefused(
            f"{path} is not a report of 'bigbrother face enrol-many': {error}.",
            remedy="Give another file; this one is left as it is.",
        ) from error
    file.truncate(len(whole))
    return lines


def _lines(rows: list[list[str]]) -> list[Line]:
    if tuple(rows[0] if rows else ()) != _COLUMNS:
        raise ValueError("its first line is not a report's")
    if any(len(row) != len(_COLUMNS) or row[2] not in get_args(Outcome) for row in rows[1:]):
        raise ValueError("a line is not as a run writes it")
    return [Line(*row) for row in rows[1:]]  # type: ignore[arg-type]  # outcomes were looked at


def _key(line: Line) -> tuple[str, str, str]:
    return (line.collection, line.external_id, line.path)


def _in_one_line(value: str) -> str:
    return re.sub(r"[\r\n]+", " ", value)
