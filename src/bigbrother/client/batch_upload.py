"""The images of a batch on their way: thousands of files, few of them open or in memory at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from bigbrother.client.errors import RequestRefused
from bigbrother.client.multipart import JSON, Form, Part, is_plain, length_of
from bigbrother.client.pictures import Picture
from bigbrother.client.request import Body, Progress, json_bytes

Archive = str | PathLike[str] | bytes
"""A zip file's path, or its bytes."""


@dataclass(frozen=True, slots=True)
class BatchPicture:
    """One image of a batch, with the name by which its result is known."""

    name: str
    picture: Picture
    external_id: str | None = None
    """enrol: whose face it is."""
    subject_name: str = ""
    """enrol: the name of a subject that is made on the way."""


def archive_body(request: Mapping[str, Any], archive: Archive, progress: Progress | None) -> Body:
    """The request and one zip file. Raises PictureUnreadable for a file that is not there."""
    form = Form()
    parts = (
        _request_part(request),
        Part("archive", archive, length_of(archive), "application/zip", "archive.zip"),
    )
    length_bytes = form.length_bytes(parts)
    return Body(
        pieces=lambda: form.pieces(parts),
        length_bytes=length_bytes,
        # What has no length is a pipe: empty the second time.
        rereadable=length_bytes is not None,
        headers=form.headers,
        progress=progress,
    )


def pictures_body(
    request: Mapping[str, Any],
    pictures: Iterable[Picture | BatchPicture],
    progress: Progress | None,
) -> Body:
    """The request and its pictures, each read while it is sent.

    Raises PictureUnreadable for a file that is not there.
    """
    if isinstance(pictures, Iterator):
        return _sent_once(request, pictures, progress)
    lengths_bytes: list[int | None] = []
    items: list[dict[str, str]] = []
    for given in _named(pictures):
        lengths_bytes.append(length_of(given.picture))
        items.append(_item(given))
    # A plain name travels with its picture.
    if not all(item.keys() == {"name"} and is_plain(item["name"]) for item in items):
        request = {**request, "items": items}
    first = _request_part(request)

    def parts() -> Iterator[Part]:
        yield first
        for given, length_bytes in zip(_named(pictures), lengths_bytes, strict=True):
            yield _picture_part(given, length_bytes)

    form = Form()
    length_bytes = None if None in lengths_bytes else form.length_bytes(parts())
    return Body(
        pieces=lambda: form.pieces(parts()),
        length_bytes=length_bytes,
        headers=form.headers,
        progress=progress,
    )


def _sent_once(
    request: Mapping[str, Any],
    pictures: Iterator[Picture | BatchPicture],
    progress: Progress | None,
) -> Body:
    """What can be iterated once only is sent once only, and held by nobody meanwhile."""

    def parts() -> Iterator[Part]:
        yield _request_part(request)
        for given in _named(pictures):
            if _item(given).keys() != {"name"}:
                raise RequestRefused(
                    "Whose face a picture is has to be sent before the first picture.",
                    remedy="Give the pictures as a list instead of an iterator.",
                )
            yield _picture_part(given, None)

    form = Form()
    return Body(
        pieces=lambda: form.pieces(parts()),
        rereadable=False,
        headers=form.headers,
        progress=progress,
    )


def _named(pictures: Iterable[Picture | BatchPicture]) -> Iterator[BatchPicture]:
    for number, given in enumerate(pictures, 1):
        if isinstance(given, BatchPicture):
            yield given
        elif isinstance(given, str | PathLike):
            yield BatchPicture(Path(given).name, given)
        else:
            yield BatchPicture(f"image-{number}", given)


def _item(given: BatchPicture) -> dict[str, str]:
    told = {"external_id": given.external_id, "subject_name": given.subject_name}
    return {"name": given.name, **{name: value for name, value in told.items() if value}}


def _request_part(request: Mapping[str, Any]) -> Part:
    content = json_bytes(request)
    return Part("request", content, len(content), JSON)


def _picture_part(given: BatchPicture, length_bytes: int | None) -> Part:
    return Part("image", given.picture, length_bytes, filename=given.name)
