"""What the face analyzer, its worker, its client and the installation make of a document."""

import json
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.client import face_client
from bigbrother.entrypoints import face
from bigbrother.entrypoints.cli.bulk import enrolment as sending
from bigbrother.face.api import documentation
from bigbrother.face.api.connections import connection_pool
from bigbrother.face.api.strict_json import parse_json
from bigbrother.face.batch.connections import connection_parameters
from bigbrother.face.batch.patience import Patience
from bigbrother.face.batch.webhook.addresses import check_url
from bigbrother.face.engine.types import Quality
from bigbrother.face.gallery.errors import QualityTooLow
from bigbrother.face.gallery.examples import check_quality
from bigbrother.installation.machine import free_disk
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.store import PackStore
from bigbrother.runbook.model import Runbook
from tests.unit.runbook.probe import Probe


def thresholds(runbook: Runbook) -> object:
    manifest = PackStore(Path("/nonexistent")).load("sface").manifest
    matching = runbook.matching
    return (
        manifest.verification_threshold(matching.verification_false_match_rate.value),
        manifest.identification_threshold(80, matching.identification_false_positive_rate.value),
    )


def enrolment(runbook: Runbook) -> object:
    quality: Any = SimpleNamespace(**dict.fromkeys(Quality.__annotations__, 0.0) | {"reasons": ()})
    try:
        check_quality(quality, runbook.enrolment_quality)
    except QualityTooLow as refused:
        return str(refused)
    return "taken"


def connections(runbook: Runbook) -> object:
    pool = connection_pool("", runbook)
    kept = (pool.max_size, pool.timeout, pool.reconnect_timeout, str(pool.kwargs))
    return kept, dict(connection_parameters(runbook))


def pauses(runbook: Runbook) -> object:
    batch = runbook.batch
    patience = Patience(batch.first_pause.value, batch.longest_pause.value, SimpleNamespace())  # type: ignore[arg-type]  # never waited for
    return [patience.pause_seconds(attempt) for attempt in range(1, 20)]


def room(runbook: Runbook) -> object:
    return free_disk(Path("/"), runbook.requirements.free_disk.value).detail.rpartition(",")[2]


def api_description(runbook: Runbook) -> object:
    def form(*fields: str) -> dict[str, Any]:
        properties = {field: {"type": "array"} for field in fields}
        schema = {"schema": {"properties": properties}}
        return {
            "responses": {},
            "parameters": [{"name": "limit", "schema": {}}],
            "requestBody": {"content": {"multipart/form-data": schema}},
        }

    operations = [form("image"), form("image", "archive")]
    for operation in operations:
        documentation._set_figures(operation, runbook)
    return operations


def bodies(runbook: Runbook) -> object:
    """How deep and how rich a JSON body may be."""
    seen = [read(b"[" * depth + b"]" * depth, runbook) for depth in range(1, 100)]
    seen += [read(json.dumps([0] * 2**power).encode(), runbook) for power in range(8, 18)]
    return seen


def read(body: bytes, runbook: Runbook) -> bool:
    try:
        parse_json(body, runbook.limits)
    except BigBrotherError:
        return False
    return True


def webhooks(runbook: Runbook) -> object:
    try:
        return check_url("http://10.0.0.5/hook", runbook.webhook.allowed_networks)
    except BigBrotherError as refused:
        return str(refused)


def server(runbook: Runbook) -> object:
    services: Any = SimpleNamespace(runbook=runbook)
    config = face.server(SimpleNamespace(), services).config  # type: ignore[arg-type]  # not called
    return (
        config.h11_max_incomplete_event_size,
        config.timeout_keep_alive,
        config.timeout_graceful_shutdown,
    )


def client(runbook: Runbook) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(face_client, "_document", lambda: runbook)
        service = face_client._service("http://127.0.0.1", None, None, None)
        return service, face_client._timeout(None)


def bulk(runbook: Runbook) -> object:
    """How many photographs `face enrol-many` sends at a time."""
    parts: list[int] = []

    class Enrolment:
        """Sends nothing."""

        tally = SimpleNamespace(complete=True)

        def __init__(self, *_: object, **__: object) -> None:
            """Whom it would enrol does not matter."""

        def run(self, _photos: object, part: int) -> None:
            parts.append(part)

    command = import_module("bigbrother.entrypoints.cli.face.enrol_many")
    people = SimpleNamespace(photos=(), faults=())
    replaced = {
        "load_runbook": lambda _: runbook,
        "connected": lambda *_: nullcontext(),
        "suggesting": lambda *_, **__: nullcontext(),
        "require_collection": lambda *_, **__: None,
        "_checked": lambda *_, **__: people,
        "_print": lambda *_: None,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, other in replaced.items():
            patch.setattr(command, name, other)
        patch.setattr(sending, "Enrolment", Enrolment)
        command.enrol_many(Path(), collection="staff", purpose="door")
    return parts


SERVICE: tuple[Probe, ...] = (
    Probe(("matching.*",), thresholds),
    Probe(("enrolment_quality.*",), enrolment),
    Probe(("serving.*", "batch.*"), connections),
    Probe(("batch.*",), pauses),
    Probe(("requirements.*",), room),
    Probe(("limits.*", "batch.items"), api_description),
    Probe(("limits.json_*",), bodies),
    Probe(("webhook.allowed_networks",), webhooks),
    Probe(("serving.*",), server),
    Probe(("client.*", "batch.upload_within"), client),
    Probe(("client.enrolment_part",), bulk),
)
