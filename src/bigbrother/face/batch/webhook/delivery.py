"""One POST to an address that was checked: no redirects, no second look-up, little read."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress

from bigbrother.face.batch.webhook.addresses import Networks, Target, check_addresses
from bigbrother.face.batch.webhook.errors import WebhookFailed

_REMEDY = "Look at what listens there; it is tried again after a pause."
_LONGEST_STATUS_LINE = 1000


async def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Networks,
    within_seconds: float,
) -> None:
    """Sends the body; returns on any answer of 2xx within the time.

    Raises WebhookNotAllowed, WebhookFailed.
    """
    try:
        async with asyncio.timeout(within_seconds):
            addresses = await _resolve(target)
            # Only what was checked is called: a name may mean something else a moment later.
            for_call = check_addresses(target.host, addresses, allowed)
            status = await _post(target, for_call, _request(target, body, headers))
    except TimeoutError as error:
        raise WebhookFailed(f"No answer within {within_seconds:g} s.", remedy=_REMEDY) from error
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise WebhookFailed(f"It was not reached: {error}.", remedy=_REMEDY) from error
    if not 200 <= status < 300:
        raise WebhookFailed(f"The answer was {status}.", remedy=_REMEDY)


async def _resolve(target: Target) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(
        target.host, target.port, type=socket.SOCK_STREAM
    )
    # A link-local address comes with the name of its network card.
    return list(dict.fromkeys(str(address[4][0]).partition("%")[0] for address in found))


async def _post(target: Target, addresses: tuple[str, ...], request: bytes) -> int:
    reader, writer = await _connect(target, addresses)
    try:
        writer.write(request)
        await writer.drain()
        line = await reader.readuntil(b"\r\n")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return _status(line)


async def _connect(
    target: Target, addresses: tuple[str, ...]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    secured = target.scheme == "https"
    failure: OSError = OSError("the name stands for no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(
                address,
                target.port,
                limit=_LONGEST_STATUS_LINE,
                ssl=ssl.create_default_context() if secured else None,
                server_hostname=target.host if secured else None,
            )
        except OSError as error:
            failure = error
    raise failure


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.host_header}",
        "User-Agent: bigbrother-worker",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def _status(line: bytes) -> int:
    protocol, _, rest = line.partition(b" ")
    code = rest[:3]
    if not protocol.startswith(b"HTTP/1.") or not code.isdigit():
        raise WebhookFailed("The answer is not HTTP.", remedy=_REMEDY)
    return int(code)
