"""The heartbeat beats while the watcher lives, and only then."""

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bigbrother.operations.escalation.heartbeat import Heartbeat, call_address
from bigbrother.runbook.sections import alerting
from tests.unit.operations.escalation.documents import document
from tests.waiting import until

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECTION = document("heartbeat: {url: 'https://watch.example.com/bb', every: 1min}").heartbeat


class Outside:
    """What is called; it answers, refuses or hangs."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, float]] = []
        self.refuses = False
        self.hangs = threading.Event()
        self.hangs.set()

    def call(self, url: str, within_seconds: float) -> None:
        self.calls.append((url, within_seconds))
        self.hangs.wait(5)
        if self.refuses:
            raise ConnectionRefusedError("refused")


def beating(
    outside: Outside, alive: Callable[[], bool] = lambda: True, url: str = SECTION.url
) -> Heartbeat:
    section = SECTION.model_copy(update={"url": url})
    return Heartbeat(lambda: section, alive, outside.call)


def test_the_first_beat_is_at_once_and_then_one_each_interval() -> None:
    outside = Outside()
    heart = beating(outside)
    assert heart.tick(NOW) == NOW + MINUTE
    assert heart.tick(NOW + MINUTE / 2) == NOW + MINUTE
    assert heart.tick(NOW + MINUTE) == NOW + 2 * MINUTE
    until(lambda: heart.sent == 2)
    assert outside.calls == [(SECTION.url, 10), (SECTION.url, 10)]


def test_a_watcher_whose_work_stands_still_stays_silent_until_it_goes_on() -> None:
    outside, lives = Outside(), [False]
    heart = beating(outside, lambda: lives[0])
    assert heart.tick(NOW) == NOW + MINUTE
    assert (outside.calls, heart.withheld) == ([], 1)
    lives[0] = True
    heart.tick(NOW + MINUTE)
    until(lambda: heart.sent == 1)


def test_an_address_that_refuses_is_counted_and_called_again() -> None:
    outside = Outside()
    outside.refuses = True
    heart = beating(outside)
    heart.tick(NOW)
    until(lambda: heart.failed == 1)
    outside.refuses = False
    heart.tick(NOW + MINUTE)
    until(lambda: heart.sent == 1)


def test_an_address_that_hangs_holds_nobody_up() -> None:
    outside = Outside()
    outside.hangs.clear()
    heart = beating(outside)
    heart.tick(NOW)
    until(lambda: len(outside.calls) == 1)
    assert heart.tick(NOW + MINUTE) == NOW + 2 * MINUTE
    until(lambda: len(outside.calls) == 2)
    outside.hangs.set()
    until(lambda: heart.sent == 2)


def test_a_clock_that_was_set_back_does_not_silence_the_heart() -> None:
    outside = Outside()
    heart = beating(outside)
    heart.tick(NOW)
    heart.tick(NOW - timedelta(days=1))
    until(lambda: heart.sent == 2)


def test_without_an_address_nothing_is_called() -> None:
    outside = Outside()
    assert beating(outside, url="").tick(NOW) == NOW + MINUTE
    assert outside.calls == []


def test_an_address_that_the_operator_just_gave_is_called_at_once() -> None:
    outside, section = Outside(), [SECTION.model_copy(update={"url": ""})]

    def in_force() -> alerting.Heartbeat:
        return section[0]

    heart = Heartbeat(in_force, lambda: True, outside.call)
    heart.tick(NOW)
    section[0] = SECTION
    heart.tick(NOW + MINUTE / 2)
    until(lambda: heart.sent == 1)


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/good" else 500)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Tests stay silent."""


def test_a_real_address_is_called_and_its_failure_is_an_error() -> None:
    with HTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            at = f"http://127.0.0.1:{server.server_port}"
            call_address(f"{at}/good", 5)
            with pytest.raises(OSError, match="500"):
                call_address(f"{at}/bad", 5)
        finally:
            server.shutdown()


def test_an_answer_that_is_no_answer_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        section = SECTION.model_copy(update={"url": url})
        heart = Heartbeat(lambda: section, lambda: True)
        heart.tick(NOW)
        conversation, _ = listening.accept()
        with conversation:
            conversation.sendall(b"nonsense\r\n\r\n")
            until(lambda: heart.failed == 1)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com", "no address"])
def test_what_is_no_web_address_is_not_opened(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        call_address(url, 5)
