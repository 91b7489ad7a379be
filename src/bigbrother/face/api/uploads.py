"""Reads bodies while they arrive, within the limits, before memory is taken for them."""

import asyncio
import binascii
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from bigbrother.face.api.errors import (
    ClientGone,
    InvalidBase64,
    RequestTimeout,
    RequestTooLarge,
    UnsupportedEncoding,
    UnsupportedMediaType,
)
from bigbrother.face.api.memory import Share
from bigbrother.face.api.multipart import EncodedImage, Form, FormReader, too_large
from bigbrother.face.api.problems import invalid_body
from bigbrother.face.api.strict_json import parse_json
from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook.model import Limits

T = TypeVar("T")
Body = TypeVar("Body", bound=BaseModel)

JSON = "application/json"
FORM = "multipart/form-data"
_JSON_COPIES = 3
"""A JSON body is held as bytes, as text and as the parsed texts while it is read."""


def content_type_of(request: Request, *accepted: str) -> str:
    """The body's media type. Raises UnsupportedMediaType when it is none of those accepted."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    media_type = kind.decode("latin-1").strip().lower()
    charset = options.get(b"charset", b"utf-8").decode("latin-1").strip().lower()
    if media_type not in accepted or (media_type == JSON and charset not in ("utf-8", "utf8")):
        raise UnsupportedMediaType(
            f"The Content-Type is not {' or '.join(accepted)}.",
            remedy="Send the body, and its Content-Type, as described at /api/docs.",
        )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedEncoding(
            "The body has a Content-Encoding.", remedy="Send it as it is, uncompressed."
        )
    return media_type


async def read_json(request: Request, model: type[Body], limits: Limits) -> Body:
    """A small JSON body as its model; for requests that carry no image."""
    content_type_of(request, JSON)
    # Text as \\uXXXX escapes takes six bytes a character at the most; the rest is the frame.
    limit_bytes = int(limits.json_size.value)
    body = bytearray()

    async def take(chunk: bytes) -> None:
        body.extend(chunk)

    await take_body(request, limit_bytes, limits.read_within, take)
    return fit(model, parse_json(bytes(body), limits))


async def read_form(
    request: Request,
    share: Share,
    images: frozenset[str],
    fields: frozenset[str],
    limits: Limits,
) -> Form:
    """A multipart body; its share of the image memory grows while it arrives."""
    reader = FormReader(request.headers["content-type"], images, fields, limits)
    await _take_shared(request, share, limits, 1, reader.write)
    return reader.finish()


async def read_large_json(request: Request, share: Share, limits: Limits) -> bytearray:
    """A JSON body with images in it, not parsed yet: that takes a core."""
    body = bytearray()
    await _take_shared(request, share, limits, _JSON_COPIES, body.extend)
    return body


def fit(model: type[Body], value: object) -> Body:
    """The value as its model. Raises InvalidRequest naming every place that does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_body(error) from error


def decode_base64(text: str, limits: Limits) -> EncodedImage:
    """An image from strict base64, or why it cannot be one."""
    if len(text) * 3 // 4 > limits.image_size.value + 2:
        return too_large(limits)
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (ValueError, UnicodeEncodeError):
        return InvalidBase64(
            "An image is not strict base64.",
            remedy="Encode the file's bytes with the standard alphabet and padding, without line "
            "breaks and without a 'data:' prefix.",
        )


async def unless_client_leaves(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; gives the work up when the client closes the connection.

    Only after the whole body was read. Raises ClientGone.
    """
    task = asyncio.ensure_future(work)
    watcher = asyncio.ensure_future(_client_leaves(request.receive))
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise _gone()
        return task.result()
    finally:
        for pending in (task, watcher):
            pending.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await pending


async def _client_leaves(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def take_body(
    request: Request,
    limit_bytes: int,
    within: Quantity,
    take: Callable[[bytes], Awaitable[None]],
) -> None:
    """Hands the body on piece by piece. Raises RequestTooLarge, RequestTimeout, ClientGone."""
    announced_bytes(request, limit_bytes)
    read_bytes = 0
    try:
        async with asyncio.timeout(within.value):
            async for chunk in request.stream():
                read_bytes += len(chunk)
                if read_bytes > limit_bytes:
                    raise _request_too_large(limit_bytes)
                await take(chunk)
    except TimeoutError as error:
        raise RequestTimeout(
            f"The body did not arrive within {within}.", remedy="Send it faster, or smaller."
        ) from error
    except ClientDisconnect as error:
        raise _gone() from error


def announced_bytes(request: Request, limit_bytes: int) -> int:
    """What Content-Length says, or 0 when the body comes in chunks. Raises RequestTooLarge."""
    text = request.headers.get("content-length", "")
    # More digits than any size has: refused without making a number of them.
    announced = int(text[:20]) if text.isascii() and text.isdigit() else 0
    if announced > limit_bytes:
        raise _request_too_large(limit_bytes)
    return announced


async def _take_shared(
    request: Request, share: Share, limits: Limits, copies: int, keep: Callable[[bytes], object]
) -> None:
    """Hands on a body that is held in memory, as so many copies."""
    limit_bytes = int(limits.request_size.value)
    share.resize(announced_bytes(request, limit_bytes) * copies)
    read_bytes = 0

    async def take(chunk: bytes) -> None:
        nonlocal read_bytes
        read_bytes += len(chunk)
        if share.bytes < read_bytes * copies:
            share.resize(read_bytes * copies)
        keep(chunk)

    await take_body(request, limit_bytes, limits.read_within, take)


def _request_too_large(limit_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"The body has more than {limit_bytes} bytes.",
        remedy="Send less in one request; the runbook document's limits tell how much.",
    )


def _gone() -> ClientGone:
    return ClientGone("The client closed the connection before the answer.")
