"""The watcher's HTTP server, in a thread of its own: whoever decides waits for nobody."""

import socket
import threading

import uvicorn
from starlette.applications import Starlette

from bigbrother.runbook.model import Runbook


class InThread:
    """uvicorn around the application."""

    def __init__(self, app: Starlette, bound: socket.socket, runbook: Runbook) -> None:
        figures = runbook.serving
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=int(figures.header_size.value),
            timeout_keep_alive=int(figures.keep_alive.value),
            timeout_graceful_shutdown=1,
        )
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
