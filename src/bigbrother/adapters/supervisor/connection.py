"""supervisord's XML-RPC interface over its Unix socket, with a time limit on every call."""

import http.client
import socket
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigbrother.ports.service_manager import ServiceManagerUnavailable, UnitFailed, UnitUnknown

# Source: supervisor.xmlrpc.Faults.
_SHUTTING_DOWN = 6
_NO_SUCH_UNIT = 10


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_seconds: float) -> None:
        super().__init__("localhost", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path, timeout_seconds: float) -> None:
        super().__init__()
        self._path = path
        self._timeout_seconds = timeout_seconds

    def make_connection(self, host: object) -> http.client.HTTPConnection:  # noqa: ARG002
        return _UnixConnection(self._path, self._timeout_seconds)


def call(path: Path, method: str, *arguments: object, timeout_seconds: float) -> Any:  # noqa: ANN401
    """One call, such as `supervisor.getState`; what it returns is supervisord's own.

    Raises UnitUnknown, UnitFailed for other faults, and ServiceManagerUnavailable.
    """
    # A connection a call: supervisord may be killed between any two of them.
    with xmlrpc.client.ServerProxy(
        "http://localhost", transport=_UnixTransport(path, timeout_seconds)
    ) as server:
        try:
            return getattr(server, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == _NO_SUCH_UNIT:
                raise UnitUnknown(
                    f"There is no unit '{arguments[0]}'.", remedy="See `bigbrother status`."
                ) from fault
            if fault.faultCode == _SHUTTING_DOWN:
                raise ServiceManagerUnavailable(
                    "The service manager is shutting down.", remedy="Wait for it to end."
                ) from fault
            raise UnitFailed(
                f"The service manager refused: {fault.faultString}.",
                remedy="See `bigbrother status` and `bigbrother logs UNIT`.",
            ) from fault
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise ServiceManagerUnavailable(
                f"The service manager does not answer: {error}.",
                remedy="Start it with `bigbrother up`.",
            ) from error


Info = Mapping[str, Any]
"""One answer of supervisor.getProcessInfo."""
