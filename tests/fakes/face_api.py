"""A face API on loopback that answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal


@dataclass(frozen=True)
class Asked:
    """One request as it came over the line."""

    method: str
    path: str
    """With its query, as sent: still percent-encoded."""
    headers: Message
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        return json.loads(self.body)

    def form(self) -> dict[str, bytes]:
        """The fields of a multipart body; of a repeated one the last."""
        return {name: data for name, _, data in self.parts()}

    def parts(self) -> list[tuple[str, str | None, bytes]]:
        """Name, file's name and content of each part of a multipart body."""
        head = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n"
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return [
            (
                str(part.get_param("name", header="content-disposition")),
                part.get_filename(),
                bytes(part.get_payload(decode=True)),
            )
            for part in message.iter_parts()
        ]


@dataclass(frozen=True)
class Answer:
    """What to answer; a status of 0 breaks the connection instead."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """An answer that comes in pieces, over an open line."""

    pieces: Sequence[bytes | threading.Event] = ()
    """What is sent, each at once; an event is waited for."""
    then: Literal["end", "break", "hold"] = "end"
    """How the line goes on: it ends as it should, breaks, or stays until the client leaves it."""


class FaceApi:
    """Answers each route with its scripted answers in turn; the last one stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.left = threading.Event()
        """Set once a client has left a line that was held open."""
        self._routes: dict[tuple[str, str], deque[Answer | Told]] = {}
        self._lock = threading.Lock()

    def answers(self, method: str, path: str, *answers: Answer | Told) -> None:
        """Scripts a route; `path` is as sent, without its query."""
        self._routes[method, path] = deque(answers)

    def take(self, asked: Asked) -> Answer | Told:
        with self._lock:
            self.asked.append(asked)
            script = self._routes.get((asked.method, asked.path.partition("?")[0]))
            if script is None:
                return problem(404, "not-found", f"Nothing answers at {asked.path}.")
            return script.popleft() if len(script) > 1 else script[0]


def problem(
    status: int, code: str, detail: str = "It is so.", *, headers: Mapping[str, str] | None = None
) -> Answer:
    """An error as the real API words it."""
    body = {
        "type": f"urn:bigbrother:problem:{code}",
        "title": "A title",
        "status": status,
        "detail": detail,
        "remedy": "Do this.",
        "request_id": "r-1",
    }
    return Answer(status, body, {"Content-Type": "application/problem+json", **(headers or {})})


class _Server(ThreadingHTTPServer):
    """Listens on a free port of loopback."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = FaceApi(f"http://127.0.0.1:{self.server_address[1]}")


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Keeps the test's output clean."""

    def _serve(self) -> None:
        answer = self.server.api.take(Asked(self.command, self.path, self.headers, self._body()))
        if isinstance(answer, Told):
            try:
                self._tell(answer)
            except ConnectionError:
                self.server.api.left.set()
            return
        if answer.status == 0:
            self.close_connection = True
            return
        self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        data = answer.body
        if not isinstance(data, bytes):
            data = b"" if data is None else json.dumps(data).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while length := int(self.rfile.readline(), 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _tell(self, answer: Told) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in answer.pieces:
            if isinstance(piece, threading.Event):
                piece.wait(10)
            else:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if answer.then == "end":
            self.wfile.write(b"0\r\n\r\n")
            return
        self.close_connection = True
        if answer.then == "hold":
            self.connection.settimeout(10)
            if not self.rfile.read(1):
                self.server.api.left.set()

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names


@contextmanager
def running_face_api() -> Iterator[FaceApi]:
    """The fake, listening."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
