"""A face API on loopback that answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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
        head = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n"
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return {
            str(part.get_param("name", header="content-disposition")): bytes(
                part.get_payload(decode=True)
            )
            for part in message.iter_parts()
        }


@dataclass(frozen=True)
class Answer:
    """What to answer; a status of 0 breaks the connection instead."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class FaceApi:
    """Answers each route with its scripted answers in turn; the last one stays."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.asked: list[Asked] = []
        self._routes: dict[tuple[str, str], deque[Answer]] = {}
        self._lock = threading.Lock()

    def answers(self, method: str, path: str, *answers: Answer) -> None:
        """Scripts a route; `path` is as sent, without its query."""
        self._routes[method, path] = deque(answers)

    def take(self, asked: Asked) -> Answer:
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


@contextmanager
def running_face_api() -> Iterator[FaceApi]:
    """The fake, listening on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """Keeps the test's output clean."""

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            answer = api.take(Asked(self.command, self.path, self.headers, body))
            if answer.status == 0:
                self.close_connection = True
                return
            data = answer.body
            if not isinstance(data, bytes):
                data = b"" if data is None else json.dumps(data).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api = FaceApi(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
