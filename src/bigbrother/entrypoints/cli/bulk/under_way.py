"""Which part of a bulk enrolment is under way: noted beside the report before it is sent."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class Sent(BaseModel):
    """One photo of the part, at the number that its result will carry."""

    model_config = ConfigDict(frozen=True)

    external_id: str
    path: str
    sha256: str


class UnderWay(BaseModel):
    """A part that was sent, or is about to be."""

    model_config = ConfigDict(frozen=True)

    collection: str
    content: str
    """Digest of all that is asked: collection, consent, people and images."""
    key: str
    """The idempotency key: the same part sent again is the same batch."""
    batch_id: str | None
    """None until the service has answered."""
    photos: tuple[Sent, ...]


class Note:
    """The file beside the report. Without a report nothing is noted."""

    def __init__(self, report: Path | None) -> None:
        self._file = None if report is None else report.with_name(f"{report.name}.under-way")

    def read(self) -> UnderWay | None:
        """What was noted; None where nothing is under way."""
        if self._file is None:
            return None
        try:
            return UnderWay.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            return None  # no run writes such a one; the service knows which photos it has

    def write(self, part: UnderWay) -> None:
        """Notes a part so that it outlives a kill and a power cut."""
        if self._file is None:
            return
        draft = self._file.with_name(f"{self._file.name}.new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(part.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)
        _keep_folder(self._file.parent)

    def clear(self) -> None:
        """The part is over and told of."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)


def _keep_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
