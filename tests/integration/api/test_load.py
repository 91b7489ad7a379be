"""More than it can take at once: a bounded queue, a clear refusal, and a live event loop."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.runbook.model import Runbook
from tests.conftest import Cluster
from tests.integration.api import images
from tests.integration.api.conftest import Service, run_service
from tests.waiting import until


class Held:
    """An analyzer whose work waits at a gate, around the real one."""

    def __init__(self, real: Any) -> None:  # noqa: ANN401 - the engine's Analyzer
        self._real = real
        self.open = threading.Event()
        self.open.set()
        self.inside = 0
        self.most_inside = 0
        self._lock = threading.Lock()

    def decoded_bytes(self, data: bytes) -> int:
        decoded: int = self._real.decoded_bytes(data)
        return decoded

    def analyze(self, data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        with self._lock:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
        try:
            assert self.open.wait(20)
            analysis: ImageAnalysis = self._real.analyze(data, options)
            return analysis
        finally:
            with self._lock:
                self.inside -= 1


WAITING = 3


@pytest.fixture(scope="module")
def small(cluster: Cluster, runbook: Runbook) -> Iterator[tuple[Service, Held]]:
    """A service with two threads and room for three waiting requests."""
    limits = runbook.limits.model_copy(update={"waiting_requests": WAITING})
    database = cluster.new_database()
    made = run_service(database, runbook.model_copy(update={"limits": limits}))
    service = next(made)
    gate: Any = service.services.gate
    held = Held(gate._analyzer)
    gate._analyzer = held
    yield service, held
    held.open.set()
    made.close()  # type: ignore[attr-defined]  # a generator
    cluster.drop(database)


def test_requests_beyond_the_queue_are_refused_and_the_others_answered(
    small: tuple[Service, Held], photo: bytes
) -> None:
    service, held = small
    client = service.client()
    held.open.clear()
    with ThreadPoolExecutor(12) as threads:
        sent = [
            threads.submit(client.post, "/v1/analyze", files={"image": photo})
            for _ in range(2 + WAITING)
        ]
        until(lambda: service.services.gate._requests == 2 + WAITING)
        refused = client.post("/v1/analyze", files={"image": photo})
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:bigbrother:problem:too-busy"
        assert int(refused.headers["retry-after"]) >= 1
        # What needs no engine goes on.
        assert client.get("/livez").status_code == 200
        assert client.get("/v1/collections").status_code == 200
        assert "bigbrother_waiting_requests 3.0" in client.get("/metrics").text
        held.open.set()
        assert {each.result().status_code for each in sent} == {200}
    assert held.most_inside == 2
    assert service.services.gate._requests == 0
    assert client.post("/v1/analyze", files={"image": photo}).status_code == 200


def raw_request(service: Service, body: bytes, length: int | None = None) -> socket.socket:
    """A request on a bare connection, so that it can be left in the middle."""
    host, port = service.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), 10)
    content = images.form_body([('form-data; name="image"; filename="a"', body)])
    head = (
        "POST /v1/analyze HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {service.texts['admin']}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(content) if length is None else length}\r\n\r\n"
    )
    connection.sendall(head.encode() + content)
    return connection


def test_a_client_that_leaves_while_it_waits_frees_its_place(
    small: tuple[Service, Held], photo: bytes
) -> None:
    service, held = small
    client = service.client()
    held.open.clear()
    with ThreadPoolExecutor(2) as threads:
        running = [
            threads.submit(client.post, "/v1/analyze", files={"image": photo}) for _ in range(2)
        ]
        until(lambda: held.inside == 2)
        leavers = [raw_request(service, photo) for _ in range(WAITING)]
        until(lambda: service.services.gate._requests == 2 + WAITING)
        for leaver in leavers:
            leaver.close()
        until(lambda: service.services.gate._requests == 2)
        held.open.set()
        assert {each.result().status_code for each in running} == {200}
    until(lambda: service.services.memory.taken_bytes == 0)


def test_a_client_that_leaves_while_it_is_served_keeps_the_core_until_the_thread_ends(
    small: tuple[Service, Held], photo: bytes
) -> None:
    service, held = small
    held.open.clear()
    leaver = raw_request(service, photo)
    until(lambda: held.inside == 1)
    leaver.close()
    assert service.client().get("/livez").status_code == 200
    assert service.services.memory.taken_bytes > 0
    held.open.set()
    until(lambda: service.services.memory.taken_bytes == 0)
    until(lambda: service.services.gate._requests == 0)


def test_a_client_that_leaves_in_mid_upload_frees_its_memory(
    small: tuple[Service, Held],
) -> None:
    service, _ = small
    leaver = raw_request(service, b"\xff\xd8\xff", length=10_000_000)
    until(lambda: service.services.memory.taken_bytes == 10_000_000)
    leaver.close()
    until(lambda: service.services.memory.taken_bytes == 0)


def test_uploads_beyond_the_memory_set_aside_are_refused(
    small: tuple[Service, Held], photo: bytes
) -> None:
    service, _ = small
    memory: Any = service.services.memory
    before = memory._encoded_limit_bytes
    memory._encoded_limit_bytes = 15_000_000
    try:
        slow = raw_request(service, b"\xff\xd8\xff", length=14_990_000)
        until(lambda: service.services.memory.taken_bytes == 14_990_000)
        refused = service.client().post("/v1/analyze", files={"image": photo})
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:bigbrother:problem:too-busy"
        slow.close()
        until(lambda: service.services.memory.taken_bytes == 0)
        assert service.client().post("/v1/analyze", files={"image": photo}).status_code == 200
    finally:
        memory._encoded_limit_bytes = before


def test_the_event_loop_answers_while_big_images_are_analysed(
    small: tuple[Service, Held], photo: bytes
) -> None:
    service, _ = small
    big = images.enlarged(photo, 1500)
    body = {"images": [{"data": images.b64(big)}] * 4}
    client = service.client()
    slowest_seconds = 0.0
    with ThreadPoolExecutor(2) as threads:
        sent = [threads.submit(client.post, "/v1/analyze", json=body) for _ in range(2)]
        answers = 0
        while not all(each.done() for each in sent):
            started = time.perf_counter()
            assert client.get("/livez").status_code == 200
            slowest_seconds = max(slowest_seconds, time.perf_counter() - started)
            answers += 1
            threading.Event().wait(0.02)
        assert {each.result().status_code for each in sent} == {200}
    assert answers >= 5
    # On an idle machine it is a few milliseconds; the bound leaves room for a busy one.
    assert slowest_seconds < 1.0


def test_no_engine_work_runs_on_the_event_loops_thread(
    small: tuple[Service, Held], photo: bytes
) -> None:
    service, held = small
    names: set[str] = set()
    real = held._real

    class Watched:
        def decoded_bytes(self, data: bytes) -> int:
            names.add(threading.current_thread().name)
            with pytest.raises(RuntimeError):
                asyncio.get_running_loop()
            decoded: int = real.decoded_bytes(data)
            return decoded

        def analyze(self, data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
            names.add(threading.current_thread().name)
            analysis: ImageAnalysis = real.analyze(data, options)
            return analysis

    held._real = Watched()
    try:
        client = service.client()
        assert client.post("/v1/analyze", files={"image": photo}).status_code == 200
        assert client.post("/v1/verify", files={"image_a": photo, "image_b": photo}).is_success
    finally:
        held._real = real
    assert names
    assert all(name.startswith("engine") for name in names)


def test_a_body_that_never_ends_times_out(cluster: Cluster, runbook: Runbook) -> None:
    within = runbook.limits.read_within.__class__(0.3, "duration", "300ms")
    limits = runbook.limits.model_copy(update={"read_within": within})
    database = cluster.new_database()
    made = run_service(database, runbook.model_copy(update={"limits": limits}))
    service = next(made)
    try:
        connection = raw_request(service, b"\xff\xd8\xff", length=10_000)
        connection.settimeout(5)
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408")
        connection.close()
        assert service.services.memory.taken_bytes == 0
    finally:
        made.close()  # type: ignore[attr-defined]  # a generator
        cluster.drop(database)


def test_headers_are_bounded(small: tuple[Service, Held]) -> None:
    service, _ = small
    with httpx.Client(base_url=service.url, trust_env=False) as client:
        answer = client.get("/livez", headers={"x-padding": "x" * 100_000})
    assert answer.status_code == 431
    assert answer.json()["type"] == "urn:bigbrother:problem:headers-too-large"
