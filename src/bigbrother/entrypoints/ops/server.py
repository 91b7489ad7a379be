"""The watcher's HTTP server, in a thread of its own: whoever decides waits for nobody."""

import socket
import threading

import uvicorn
from starlette.applications import Starlette

from bigbrother.entrypoints.listening import http_configuration
from bigbrother.runbook.model import Runbook


class InThread:
    """uvicorn around the application."""

    def __init__(self, app: Starlette, bound: socket.socket, runbook: Runbook) -> None:
        config = http_configuration(app, runbook, lifespan="off", leave_within_seconds=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([bound],), name="http", daemon=True
        )

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Closes what is open."""
        self._server.should_exit = True
        self._thread.join()
