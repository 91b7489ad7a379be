"""The running service goes by the document that the watcher publishes, without a restart."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from structlog.testing import capture_logs

from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.runbook.load import load_runbook
from tests.conftest import Cluster
from tests.integration.api.conftest import Service, run_service
from tests.waiting import until

WITHIN_SECONDS = 2.0
QUICK: dict[str, Any] = {"serving": {"document_every": "50ms"}}


@pytest.fixture(scope="module")
def followed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that looks often at what is published."""
    folder = tmp_path_factory.mktemp("followed")
    overlay = folder / "runbook.yaml"
    overlay.write_text(yaml.safe_dump(QUICK), "utf-8")
    database = cluster.new_database()
    yield from run_service(database, load_runbook(overlay), folder=folder)
    cluster.drop(database)


@pytest.fixture(autouse=True)
def _as_it_was(followed: Service) -> Iterator[None]:
    """Each test leaves the shipped figures."""
    yield
    publish(followed, {})
    until(lambda: followed.services.runbook.limits == load_runbook().limits, WITHIN_SECONDS)


def publish(service: Service, sections: dict[str, Any]) -> None:
    """As the watcher does it: another file takes its place."""
    write(service, yaml.safe_dump({**sections, "serving": {**QUICK["serving"]}}))


def write(service: Service, text: str) -> None:
    file = service.services.published_runbook
    assert isinstance(file, Path)
    draft = file.with_suffix(".new")
    draft.write_text(text, "utf-8")
    draft.replace(file)


def status_of(service: Service, *images: bytes) -> int:
    files = [("image", image) for image in images]
    return service.client().post("/v1/analyze", files=files).status_code


def test_a_smaller_figure_counts_and_a_larger_one_again(followed: Service, photo: bytes) -> None:
    assert status_of(followed, photo, photo) == 200
    publish(followed, {"limits": {"images_per_request": 1}})
    until(lambda: status_of(followed, photo, photo) != 200, WITHIN_SECONDS)
    assert status_of(followed, photo) == 200
    described = followed.client().get("/api/openapi.json").json()
    body = described["components"]["schemas"]["AnalyzeRequest"]
    assert body["properties"]["images"]["maxItems"] == 1
    publish(followed, {"limits": {"image_size": "1 kB"}})
    until(lambda: status_of(followed, photo) == 413, WITHIN_SECONDS)


def test_a_request_in_flight_ends_well_while_the_document_changes(
    followed: Service, photo: bytes
) -> None:
    real = followed.services.analyzer.analyze
    inside, proceed = threading.Event(), threading.Event()

    def held(data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        inside.set()
        assert proceed.wait(10)
        return real(data, options)

    followed.services.analyzer.analyze = held  # type: ignore[method-assign,assignment]  # to hold it there
    try:
        with ThreadPoolExecutor(1) as threads:
            sent = threads.submit(status_of, followed, photo)
            assert inside.wait(5)
            small = {"bytes_in_flight": "20 MB", "request_size": "1 MB", "image_size": "1 MB"}
            publish(followed, {"limits": {**small, "image_pixels": 900_000}})
            until(lambda: followed.services.memory._total_bytes == 20_000_000, WITHIN_SECONDS)
            proceed.set()
            assert sent.result() == 200
    finally:
        del followed.services.analyzer.analyze
    until(lambda: followed.services.memory.taken_bytes == 0, WITHIN_SECONDS)


def test_a_document_that_does_not_hold_is_ignored_and_logged(
    followed: Service, photo: bytes
) -> None:
    with capture_logs() as lines:
        write(followed, "limits: {images_per_request: none}\n")
        until(
            lambda: any(line["event"].startswith("the published") for line in lines),
            WITHIN_SECONDS,
        )
    (told,) = [line for line in lines if line["log_level"] == "error"]
    assert "images_per_request" in told["detail"]
    assert status_of(followed, photo, photo) == 200


def test_what_waits_for_the_next_start_is_named_in_the_log(followed: Service) -> None:
    with capture_logs() as lines:
        publish(followed, {"units": {"bigbrother-face": {"stop_within": "30s"}}})
        until(lambda: any(line["log_level"] == "warning" for line in lines), WITHIN_SECONDS)
    (told,) = [line for line in lines if line["log_level"] == "warning"]
    assert told["figures"] == ["units.bigbrother-face.stop_within"]
    assert str(followed.services.runbook.units["bigbrother-face"].stop_within) == "15s"
