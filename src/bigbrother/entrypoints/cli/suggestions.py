"""The nearest right name for one that a person mistyped."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from bigbrother.client.errors import ClientError, ResourceMissing
from bigbrother.runbook.load import load_runbook

if TYPE_CHECKING:
    from bigbrother.client.face_client import FaceClient

_NO_COLLECTION = "collection-not-found"
_NO_SUBJECT = "subject-not-found"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None when nothing is near."""
    by_folded = {candidate.casefold(): candidate for candidate in names}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest one, or the way to see them all; may be empty."""
    found = nearest(name, names)
    return f"Did you mean '{found}'?" if found else ""


@contextmanager
def suggesting(
    client: "FaceClient",
    collection: str | None = None,
    external_id: str | None = None,
    *,
    otherwise: str = "",
) -> Iterator[None]:
    """Adds the nearest right name to an error about an unknown collection or subject.

    `otherwise` is what a person can do about a collection that is unknown on purpose.
    """
    try:
        yield
    except ResourceMissing as error:
        remedy = _remedy(client, error, collection, external_id) or error.remedy
        unknown = otherwise if error.code == _NO_COLLECTION else ""
        error.remedy = f"{remedy} {unknown}".strip()
        raise


def _remedy(
    client: "FaceClient", error: ResourceMissing, collection: str | None, external_id: str | None
) -> str:
    largest = load_runbook().limits.largest_page_size
    try:
        if collection is not None and error.code == _NO_COLLECTION:
            names = [item.name for item in islice(client.collections.list(), largest)]
            return did_you_mean(collection, names) or "See them all: 'bigbrother face list'."
        if collection is not None and external_id is not None and error.code == _NO_SUBJECT:
            subjects = client.subjects.list(collection, page_size=largest)
            ids = [item.external_id for item in islice(subjects, largest)]
            return (
                did_you_mean(external_id, ids)
                or f"See them all: 'bigbrother face list {collection}'."
            )
    except ClientError:
        pass  # a suggestion is a courtesy; the error itself is what has to be told
    return ""
