"""The sockets that units listen on."""

import socket

from bigbrother.kernel.errors import BigBrotherError

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
