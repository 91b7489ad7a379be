"""Whether the service's address is free, and who holds it when it is not."""

import errno
import socket

import psutil

from bigbrother.installation.findings import Finding, failed, passed
from bigbrother.settings import Settings

_NAME = "port"


def port(settings: Settings) -> Finding:
    """Tries to take the addresses of the face analyzer and of the watcher for an instant."""
    found = _try(settings, settings.port, "BIGBROTHER_PORT")
    if not found.passed:
        return found
    watcher = _try(settings, settings.watcher_port, "BIGBROTHER_OPS_PORT")
    return watcher if not watcher.passed else found


def _try(settings: Settings, number: int, variable: str) -> Finding:
    try:
        addresses = socket.getaddrinfo(
            settings.host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        return failed(
            _NAME,
            f"'{settings.host}' is no address of this machine: {error}.",
            "Set BIGBROTHER_HOST to one, such as 127.0.0.1.",
        )
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as trial:
            # As the server does it: an address of connections that just ended counts as free.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(address)
            except OSError as error:
                return _taken(settings, number, variable, error)
    return passed(_NAME, f"{settings.host}:{number} is free.")


def _taken(settings: Settings, number: int, variable: str, error: OSError) -> Finding:
    place = f"{settings.host}:{number}"
    other = f"{variable}={number + 1 if number < 65535 else 8080}"
    if error.errno == errno.EADDRINUSE:
        return failed(
            _NAME,
            f"{place} is taken by {_holder(number)}.",
            f"End that process, or choose another port: {other} make up",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return failed(
            _NAME,
            f"{place} may not be used by this user.",
            "Choose a port above 1023: BIGBROTHER_PORT=8080 make up",
        )
    return failed(
        _NAME,
        f"{place} cannot be used: {error.strerror}.",
        "Set BIGBROTHER_HOST to an address of this machine, such as 127.0.0.1.",
    )


def _holder(number: int) -> str:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (number,)
            if listens and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f"process {connection.pid} ({name})"
    except (psutil.Error, OSError):
        pass  # Only root may see whose sockets they are; the port itself is known.
    return "another process"
