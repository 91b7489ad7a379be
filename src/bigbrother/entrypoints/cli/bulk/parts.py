"""Photos in parts of a size that one batch takes, and what names a part."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from bigbrother.client.errors import PictureUnreadable
from bigbrother.client.results import Consent
from bigbrother.entrypoints.cli.bulk.people import Photo


@dataclass(frozen=True, slots=True)
class Read:
    """A photo with the SHA-256 of its file, in hexadecimal digits."""

    photo: Photo
    sha256: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every photo of a run."""

    collection: str
    consent: Consent
    """Of every subject that is made on the way."""
    prominent: bool


def read(photo: Photo) -> Read:
    """Reads a photo once. Raises PictureUnreadable."""
    try:
        with photo.file.open("rb") as file:
            return Read(photo, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise PictureUnreadable(
            f"It cannot be read: {error.strerror}.", remedy="Bring the file back, or grant access."
        ) from error


def in_parts(photos: Iterable[Read], size: int) -> Iterator[tuple[Read, ...]]:
    """The photos in parts of so many, in order."""
    left = iter(photos)
    while part := tuple(islice(left, size)):
        yield part


def content_of(part: Sequence[Read], terms: Terms) -> str:
    """A digest of everything that the part asks: the same one asks the same."""
    asked = {
        "terms": {**asdict(terms), "consent": terms.consent.model_dump(mode="json")},
        "photos": [
            (one.photo.external_id, one.photo.name, one.photo.path, one.sha256) for one in part
        ],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
