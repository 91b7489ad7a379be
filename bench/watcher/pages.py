"""The web server at which pages arrive."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Wanted = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Page:
    """One call."""

    path: str
    at_seconds: float
    """Of `time.perf_counter`."""
    at_epoch_seconds: float
    body: dict[str, Any]


class Pages:
    """Takes every call and remembers when it came; each sender has a path of its own."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._pages: list[Page] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._take))

    def __enter__(self) -> "Pages":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        """Where a sender's pages go."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def since(self, seconds: float, path: str) -> list[Page]:
        """The calls of a sender that came after a moment."""
        with self._arrived:
            return [page for page in self._pages if page.path == path and page.at_seconds > seconds]

    def first(self, path: str, wanted: Wanted, since: float, within_seconds: float) -> Page | None:
        """The first call that is wanted, waited for; None when none came."""

        def found() -> Page | None:
            return next((page for page in self.since(since, path) if wanted(page.body)), None)

        deadline = time.perf_counter() + within_seconds
        while (page := found()) is None and (left := deadline - time.perf_counter()) > 0:
            with self._arrived:
                self._arrived.wait(min(left, 0.2))
        return page

    def _take(self, path: str, body: bytes) -> None:
        page = Page(path, time.perf_counter(), time.time(), json.loads(body))
        with self._arrived:
            self._pages.append(page)
            self._arrived.notify_all()


def _handler(take: Callable[[str, bytes], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
