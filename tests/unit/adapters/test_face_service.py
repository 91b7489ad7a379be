"""Asking a face analyzer that behaves in every bad way."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.ports.face_service import FaceServiceUnreachable, PictureRefused
from tests.scenarios.place import free_port

HEAD = b"HTTP/1.1 200 OK\r\n"
Behave = Callable[[socket.socket], None]
Asking = Callable[[Behave], HttpFaceService]


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    """A service whose other side does what it is told with each connection."""
    listeners = []
    (tmp_path / "token").write_text("bb_secret\n")

    def make(behave: Behave) -> HttpFaceService:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listener.accept()
                    with line, suppress(OSError):
                        behave(line)

        threading.Thread(target=serve, daemon=True).start()
        port = listener.getsockname()[1]
        return HttpFaceService("127.0.0.1", port, SystemClock(), tmp_path / "token")

    yield make
    for listener in listeners:
        listener.close()


def saying(*parts: bytes) -> Behave:
    """Reads the request and answers so, then closes."""

    def behave(line: socket.socket) -> None:
        line.recv(65536)
        for part in parts:
            line.sendall(part)

    return behave


def dripping(first: bytes, drop: bytes) -> Behave:
    """Never ends, and is never silent for long."""

    def behave(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(first)
        while True:
            line.sendall(drop)
            threading.Event().wait(0.02)

    return behave


def analysis(status: int, body: object) -> Behave:
    """Answers POST /v1/analyze."""
    text = json.dumps(body).encode()

    def behave(line: socket.socket) -> None:
        received = b""
        while not received.rstrip().endswith(b"--"):
            received += line.recv(65536)
        assert b"Authorization: Bearer bb_secret\r\n" in received
        assert b"PICTURE" in received
        line.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(text)) + text)

    return behave


def test_an_answer_is_given_with_its_status_and_time(asking: Asking) -> None:
    answer = asking(saying(HEAD + b"Content-Length: 4\r\n\r\n", b"well")).get("/health", 5, 100)
    assert (answer.status, answer.body) == (200, b"well")
    assert 0 < answer.seconds < 5
    answer = asking(saying(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n")).get("/readyz", 5, 100)
    assert (answer.status, answer.body) == (503, b"")


def test_nobody_who_listens_is_unreachable(tmp_path: Path) -> None:
    face = HttpFaceService("127.0.0.1", free_port(), SystemClock(), tmp_path / "token")
    with pytest.raises(FaceServiceUnreachable, match="Connection refused"):
        face.get("/health", 5, 100)


@pytest.mark.parametrize(
    "behave",
    [
        lambda _line: threading.Event().wait(1),
        dripping(b"", b"H"),
        dripping(HEAD, b"X: y\r\n"),
        dripping(HEAD + b"Content-Length: 9000\r\n\r\n", b"x"),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["silent", "drips the status", "endless headers", "drips the body", "drips chunks"],
)
def test_the_whole_answer_has_one_time_limit_however_it_drips(
    asking: Asking, behave: Behave
) -> None:
    clock = SystemClock()
    began = clock.monotonic_seconds()
    with pytest.raises(FaceServiceUnreachable):
        asking(behave).get("/metrics", 0.3, 1_000_000)
    assert clock.monotonic_seconds() - began < 1.5


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((HEAD + b"Content-Length: 101\r\n\r\n" + b"x" * 101,), "more than 100 bytes"),
        ((HEAD + b"\r\n" + b"x" * 100_000,), "more than 100 bytes"),
        ((HEAD + b"Content-Length: 9\r\n\r\nhalf",), "in mid answer"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "does not speak HTTP"),
        ((b"",), ""),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",), ""),
    ],
    ids=["long", "without an end", "cut", "not HTTP", "nothing", "broken chunks"],
)
def test_an_answer_that_is_none_is_refused(
    asking: Asking, parts: tuple[bytes, ...], reason: str
) -> None:
    with pytest.raises(FaceServiceUnreachable) as refused:
        asking(saying(*parts)).get("/metrics", 5, 100)
    assert reason in refused.value.detail
    assert refused.value.remedy


def test_a_picture_becomes_the_embedding_of_its_first_face(asking: Asking) -> None:
    body = {"images": [{"faces": [{"embedding": [0.6, 0.8]}]}]}
    assert asking(analysis(200, body)).embed(b"PICTURE", 5) == (0.6, 0.8)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"images": [{"faces": []}]}, PictureRefused),
        (415, {}, PictureRefused),
        (422, {}, PictureRefused),
        (401, {}, FaceServiceUnreachable),
        (403, {}, FaceServiceUnreachable),
        (500, {}, FaceServiceUnreachable),
        (200, {"images": []}, FaceServiceUnreachable),
        (200, [1], FaceServiceUnreachable),
        (200, {"images": [{"faces": [{"embedding": None}]}]}, FaceServiceUnreachable),
    ],
)
def test_a_picture_that_is_refused_is_told_apart_from_a_service_that_fails(
    asking: Asking, status: int, body: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        asking(analysis(status, body)).embed(b"PICTURE", 5)


def test_a_busy_service_is_asked_again_until_the_time_is_up(asking: Asking) -> None:
    answers = iter(
        [analysis(503, {}), analysis(200, {"images": [{"faces": [{"embedding": [1.0]}]}]})]
    )

    def take_turns(line: socket.socket) -> None:
        next(answers)(line)

    assert asking(take_turns).embed(b"PICTURE", 5) == (1.0,)
    with pytest.raises(FaceServiceUnreachable, match="503"):
        asking(analysis(503, {})).embed(b"PICTURE", 0.3)


def test_without_a_credential_nothing_is_asked(tmp_path: Path) -> None:
    face = HttpFaceService("127.0.0.1", free_port(), SystemClock(), tmp_path / "none")
    with pytest.raises(FaceServiceUnreachable, match="no credential"):
        face.embed(b"", 5)
