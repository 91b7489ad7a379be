"""What one request may ask of the face analyzer, and what it is answered."""

import asyncio
import struct
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi import FastAPI
from prometheus_client import Counter, Gauge
from pydantic import BaseModel
from starlette.requests import Request

from bigbrother import wiring
from bigbrother.face.api import collections, identify, subjects, tokens
from bigbrother.face.api.engine_gate import EngineGate
from bigbrother.face.api.errors import TooBusy
from bigbrother.face.api.form_parts import PartHeading
from bigbrother.face.api.memory import ImageMemory
from bigbrother.face.api.multipart import FormReader
from bigbrother.face.api.problems import install_problems
from bigbrother.face.api.purpose import _purpose
from bigbrother.face.api.uploads import read_form, read_json
from bigbrother.face.engine import analyzer
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.detect import Detections
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.store import PackStore
from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.face_metrics import FaceMetrics
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.virtual_time import VirtualTime

MEBIBYTE = 2**20
FORM = "multipart/form-data; boundary=b"


class Anything(BaseModel):
    """A body that says nothing."""


def services(runbook: Runbook) -> Any:  # noqa: ANN401 - as much of them as is looked at
    return SimpleNamespace(runbook=runbook)


def request(content_type: str = "", length: int | None = None, *, silent: bool = False) -> Request:
    """A request without a body; or whose body never comes."""

    async def receive() -> dict[str, Any]:
        if silent:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"content-type", content_type.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    return Request(scope | {"state": {"request_id": "r"}}, receive)


def image_memory(runbook: Runbook) -> ImageMemory:
    taken = Gauge("taken", "Bytes.", registry=None)
    return ImageMemory(runbook.limits, taken, Counter("refused", "Requests.", registry=None))


def refusal(work: Any) -> str:  # noqa: ANN401 - a coroutine of any result
    """The code of what was refused."""
    try:
        VirtualTime().run(work)
    except BigBrotherError as refused:
        return refused.code
    return "taken"


def announced_bodies(runbook: Runbook) -> object:
    """How long a body may say that it is."""
    limits, seen = runbook.limits, []
    for length in (2**power for power in range(12, 31)):
        small = request("application/json", length)
        seen.append(refusal(read_json(small, Anything, limits)))
        with image_memory(runbook).share() as share:
            form = read_form(request(FORM, length), share, frozenset(), frozenset(), limits)
            seen.append(refusal(form))
    return seen


def silent_bodies(runbook: Runbook) -> object:
    clock = VirtualTime()
    body = request("application/json", silent=True)
    with suppress(BigBrotherError):
        clock.run(read_json(body, Anything, runbook.limits))
    return clock.seconds


def images(runbook: Runbook) -> object:
    """How large an image in a form may be, and what the engine is told of its limits."""
    reader = FormReader(FORM, frozenset({"image"}), frozenset(), runbook.limits)
    for size in (10 * MEBIBYTE, 30 * MEBIBYTE):
        reader.begin_part()
        reader.name_part(PartHeading("image", "a.jpg"))
        reader.take_data(memoryview(bytes(size)))
        reader.end_part()
    return [isinstance(image, bytes) for image in reader._form.images["image"]]


def crowd() -> Detections:
    """More faces than any image has."""
    corners = np.tile(np.array([[0, 0, 30, 30]], np.float32), (250, 1))
    points = np.tile(
        np.array([[[9, 9], [21, 9], [15, 15], [10, 21], [20, 21]]], np.float32), (250, 1, 1)
    )
    return Detections(corners, np.ones(250, np.float32), points)


def engine(runbook: Runbook) -> Analyzer:
    """The engine as the units get it; it sees the crowd in every image."""
    pack = PackStore(Path("/nonexistent")).load("sface")
    eyes = SimpleNamespace(detect=lambda _pixels, _least: crowd())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer, "Detector", lambda *_: eyes)
        patch.setattr(analyzer, "Embedder", lambda *_: SimpleNamespace(embed=lambda crops: crops))
        return wiring._analyzer(pack, runbook)


def pixels(runbook: Runbook) -> object:
    """How many pixels an image may claim."""
    looking = engine(runbook)
    seen: list[object] = []
    for side in (5000, 7000, 9000, 12_000):
        about = struct.pack("<IiiHH6I", 40, side, side, 1, 24, 0, 0, 1, 1, 0, 0)
        picture = struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54) + about
        try:
            seen.append(looking.decoded_bytes(picture))
        except BigBrotherError as refused:
            seen.append(refused.code)
    return seen


def faces(runbook: Runbook) -> object:
    """How many faces of one image are told of."""
    picture = cv2.imencode(".png", np.zeros((40, 40, 3), np.uint8))[1].tobytes()
    return len(engine(runbook).analyze(picture).faces)


def memory(runbook: Runbook) -> object:
    """How many bytes of images all requests together may hold."""
    held = []
    for size in range(0, 4000 * MEBIBYTE, 50 * MEBIBYTE):
        with image_memory(runbook).share() as share:
            try:
                share.resize(size)
            except TooBusy:
                break
            held.append(size)
    return held


def places(runbook: Runbook) -> object:
    """How many requests are let in."""
    metrics = FaceMetrics(runbook)
    engine: Any = SimpleNamespace()
    cache: Any = None
    gate = EngineGate(engine, image_memory(runbook), cache, runbook, metrics, 2)
    let_in = 0
    with ExitStack() as stack, suppress(TooBusy):
        while True:
            stack.enter_context(gate.place())
            let_in += 1
    return let_in


def refusals(runbook: Runbook) -> object:
    """What a caller hears when there is no room."""
    app = FastAPI()
    install_problems(app, lambda: runbook)
    handler: Any = app.exception_handlers[BigBrotherError]
    answer = VirtualTime().run(handler(request(), TooBusy("Full.", remedy="Wait.")))
    return dict(answer.headers)


def matches(runbook: Runbook) -> object:
    seen: list[object] = [identify._limit(None, services(runbook))]
    for wanted in range(1, 300):
        try:
            seen.append(identify._limit(wanted, services(runbook)))
        except BigBrotherError as refused:
            seen.append(refused.code)
    return seen


def metadata(runbook: Runbook) -> object:
    """How much may be kept of a subject."""
    power = 8
    with suppress(BigBrotherError):
        while True:
            subjects._check_metadata({"text": "x" * 2**power}, services(runbook))
            power += 1
    return power


def purposes(runbook: Runbook) -> object:
    try:
        return _purpose(request(), services(runbook))
    except BigBrotherError as refused:
        return refused.code


def longest_asked_for(runbook: Runbook) -> object:
    """How long a token may live, and a collection keep its faces."""
    seen = []
    for years in range(1, 30):
        span = timedelta(days=365 * years)
        with suppress(BigBrotherError):
            tokens._checked_life(span, services(runbook))
            seen.append(("token", years))
        collection: Any = SimpleNamespace(retention=span)
        with suppress(BigBrotherError):
            collections._check_retention(collection, services(runbook))
            seen.append(("collection", years))
    return seen


REQUESTS: tuple[Probe, ...] = (
    Probe(("limits.json_size", "limits.request_size"), announced_bodies),
    Probe(("limits.read_within",), silent_bodies),
    Probe(("limits.image_size",), images),
    Probe(("limits.image_pixels",), pixels),
    Probe(("limits.faces_per_image",), faces),
    Probe(("limits.bytes_in_flight",), memory),
    Probe(("limits.waiting_requests",), places),
    Probe(("limits.retry_after",), refusals),
    Probe(("limits.matches", "limits.largest_matches"), matches),
    Probe(("limits.metadata_size",), metadata),
    Probe(("audit.purpose_required",), purposes),
    Probe(("tokens.longest_life", "retention.largest_collection_retention"), longest_asked_for),
)
