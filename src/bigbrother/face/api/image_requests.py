"""Requests that carry images: read as a form or as JSON, then analysed."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from bigbrother.face.api.errors import InvalidRequest, TooManyImages
from bigbrother.face.api.memory import Share
from bigbrother.face.api.multipart import EncodedImage
from bigbrother.face.api.schemas.parts import RequestBody
from bigbrother.face.api.services import FaceServices
from bigbrother.face.api.strict_json import parse_json
from bigbrother.face.api.uploads import (
    FORM,
    JSON,
    content_type_of,
    decode_base64,
    fit,
    read_form,
    read_large_json,
    unless_client_leaves,
)
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.model import Limits

Body = TypeVar("Body", bound=RequestBody)
Settings = TypeVar("Settings", bound=RequestBody)


@dataclass(frozen=True, slots=True)
class UploadShape(Generic[Body, Settings]):
    """How one kind of request carries its images."""

    body: type[Body]
    """Of the JSON form."""
    settings: type[Settings]
    """The fields of the multipart form that are not images."""
    image_fields: tuple[str, ...]
    """Names of the multipart form's images."""
    texts: Callable[[Body], Sequence[str]]
    """The base64 images of a JSON body."""
    settings_of: Callable[[Body], Settings]
    repeated: bool = False
    """Whether the one image field may stand several times."""


@dataclass(frozen=True, slots=True)
class Upload(Generic[Body, Settings]):
    """The images of a request, in order, and its settings."""

    images: list[EncodedImage]
    settings: Settings
    body: Body | None
    """Of a request in JSON, without its images' use."""


@contextmanager
def image_share(services: FaceServices) -> Iterator[Share]:
    """Memory for a request's images; refused before anything is read when too many wait."""
    services.gate.refuse_if_full()
    with services.memory.share() as share:
        yield share


async def read_upload(
    request: Request, share: Share, services: FaceServices, shape: UploadShape[Body, Settings]
) -> Upload[Body, Settings]:
    """The images and settings of a request. Raises why it is refused."""
    limits = services.runbook.limits
    if content_type_of(request, FORM, JSON) == FORM:
        return await _read_form(request, share, limits, shape)
    raw = await read_large_json(request, share, limits)
    upload = await services.gate.in_thread(lambda: _parse(raw, limits, shape))
    share.resize(sum(len(image) for image in upload.images if isinstance(image, bytes)))
    return upload


async def analyze_images(
    request: Request,
    services: FaceServices,
    images: Sequence[EncodedImage],
    options: AnalyzeOptions,
) -> list[ImageAnalysis | InvalidInput]:
    """Every image's analysis or refusal; gives up when the client leaves."""
    with services.gate.place():
        found = await unless_client_leaves(request, services.gate.analyze_all(images, options))
    request.state.workload = workload(found)
    return found


async def analyze_one(
    request: Request, services: FaceServices, image: EncodedImage, options: AnalyzeOptions
) -> ImageAnalysis:
    """One image's analysis. Raises why it is refused."""
    (found,) = await analyze_images(request, services, [image], options)
    if isinstance(found, InvalidInput):
        raise found
    return found


def workload(found: Sequence[ImageAnalysis | InvalidInput]) -> str:
    """The metrics' label: the runbook's times are those of requests with a single face."""
    if len(found) > 1:
        return "several-images"
    only = found[0]
    if isinstance(only, InvalidInput) or not only.faces:
        return "no-face"
    return "single-face" if len(only.faces) == 1 else "several-faces"


async def json_answer(
    services: FaceServices, build: Callable[[], BaseModel], *, unset: bool = True
) -> Response:
    """The body as JSON, built beside the event loop since it may hold thousands of figures."""
    body = await services.gate.in_thread(
        lambda: build().model_dump_json(exclude_unset=not unset).encode()
    )
    return Response(body, media_type=JSON)


async def _read_form(
    request: Request, share: Share, limits: Limits, shape: UploadShape[Body, Settings]
) -> Upload[Body, Settings]:
    names = frozenset(shape.image_fields)
    form = await read_form(request, share, names, frozenset(shape.settings.model_fields), limits)
    settings = fit(shape.settings, form.fields)
    images: list[EncodedImage] = []
    for name in shape.image_fields:
        found = form.images.get(name, [])
        if not found or (len(found) > 1 and not shape.repeated):
            message = "At least one is needed." if shape.repeated else "Exactly one is needed."
            raise InvalidRequest(
                f"{name}: {message}",
                remedy=f"Attach an image file as the part '{name}'.",
                errors=[{"location": name, "message": message}],
            )
        images += found
    return Upload(images, settings, None)


def _parse(
    raw: bytearray, limits: Limits, shape: UploadShape[Body, Settings]
) -> Upload[Body, Settings]:
    value = parse_json(raw, limits)
    raw.clear()
    body = fit(shape.body, value)
    texts = shape.texts(body)
    if len(texts) > limits.images_per_request:
        raise TooManyImages(
            f"The request has {len(texts)} images; {limits.images_per_request} are allowed.",
            remedy="Send them in several requests.",
        )
    return Upload([decode_base64(text, limits) for text in texts], shape.settings_of(body), body)


def settings_text(settings: RequestBody) -> bytes:
    """Settings as canonical bytes, for comparing two requests."""
    values: dict[str, Any] = settings.model_dump(mode="json")
    return json.dumps(values, sort_keys=True).encode()
