"""How units listen: the socket, and the HTTP server's configuration with the document's figures."""

import socket
from typing import TYPE_CHECKING, Literal

import uvicorn

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.runbook.model import Runbook

if TYPE_CHECKING:
    from starlette.applications import Starlette

_BACKLOG = 2048


class AddressTaken(BigBrotherError):
    """The address cannot be listened on."""

    code = "address-taken"
    title = "The address cannot be listened on"


def listening_socket(host: str, port: int, variable: str) -> socket.socket:
    """A bound socket. Raises AddressTaken with the way out: the variable that chooses another."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        raise AddressTaken(
            f"{host}:{port} cannot be listened on: {error.strerror or error}.",
            remedy=f"Stop what uses it, or choose another with {variable}.",
        ) from error
    return bound


def http_configuration(
    app: "Starlette", runbook: Runbook, *, lifespan: Literal["on", "off"], leave_within_seconds: int
) -> uvicorn.Config:
    """HTTP/1.1 alone, without a log of its own; what is open at the end has so long to close."""
    figures = runbook.serving
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=int(figures.header_size.value),
        timeout_keep_alive=int(figures.keep_alive.value),
        timeout_graceful_shutdown=leave_within_seconds,
    )
