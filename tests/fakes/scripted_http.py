"""A real HTTP server on loopback that misbehaves as told: each POST takes a step of its script."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self


@dataclass(frozen=True)
class Answer:
    """What a POST is answered."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


Step = Answer | Literal["hang", "drop", "dribble", "dribble-body"]


@dataclass(frozen=True)
class Received:
    """A POST as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedHttp:
    """Answers by script, and with success when the script is over."""

    def __init__(self) -> None:
        self.url = ""
        self.script: deque[Step] = deque()
        self.always: Step | None = None
        """What every POST gets in place of success once the script is over."""
        self.received: list[Received] = []
        """Every POST, those that were not answered too."""
        self.leaving = threading.Event()
        self._lock = threading.Lock()

    def answer_to(self, request: Received) -> Answer:
        """What a well-behaved server says to this request."""
        return Answer(200 if request.body else 400)

    def step(self, request: Received) -> Step:
        with self._lock:
            self.received.append(request)
            if self.script:
                return self.script.popleft()
        return self.always or self.answer_to(request)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serves on a free port of loopback."""
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"scripted": self})
        )
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            self.leaving.set()
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Serves one script; a subclass names it."""

    scripted: ScriptedHttp

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.close_connection = True
        if len(body) < length:
            # Its sender died in the midst of it.
            return
        step = self.scripted.step(Received(self.path, dict(self.headers), body))
        if isinstance(step, Answer):
            self._answer(step)
        elif step == "hang":
            self.scripted.leaving.wait(30)
        elif step != "drop":
            self._dribble(b"\r\n" * (step == "dribble-body"))

    def _dribble(self, end_of_headers: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + end_of_headers)
        while not self.scripted.leaving.wait(0.05):
            self.wfile.write(b"X: y\r\n")

    def _answer(self, step: Answer) -> None:
        said = step.body.encode()
        self.send_response(step.status)
        for name, value in step.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Says nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            return


def as_json(body: object) -> str:
    """The text of a JSON answer."""
    return json.dumps(body)
