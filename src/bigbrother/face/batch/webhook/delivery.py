"""One POST to an address that was checked: no redirects, no second look-up, little read."""

import asyncio
import socket
import ssl
from collections.abc import Mapping

import httpx

from bigbrother.face.batch.webhook.addresses import Networks, Target, check_addresses
from bigbrother.face.batch.webhook.errors import WebhookFailed

_REMEDY = "Look at what listens there; it is tried again after a pause."


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
            status = await _post(target, for_call, body, headers)
    except TimeoutError as error:
        raise WebhookFailed(f"No answer within {within_seconds:g} s.", remedy=_REMEDY) from error
    except (OSError, httpx.HTTPError) as error:
        raise WebhookFailed(f"It was not reached: {error}.", remedy=_REMEDY) from error
    if not 200 <= status < 300:
        raise WebhookFailed(f"The answer was {status}.", remedy=_REMEDY)


async def _resolve(target: Target) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(
        target.host, target.port, type=socket.SOCK_STREAM
    )
    # A link-local address comes with the name of its network card.
    return list(dict.fromkeys(str(address[4][0]).partition("%")[0] for address in found))


async def _post(
    target: Target, addresses: tuple[str, ...], body: bytes, headers: Mapping[str, str]
) -> int:
    """The status of the first address that can be connected to; the answer's body is not read."""
    failure: httpx.HTTPError = httpx.ConnectError("The name stands for no address.")
    # Its own time limit lies around it. A proxy of the environment would look the name up again.
    # The machine's own certificate authorities count, so that an organisation's own one does.
    trusted = ssl.create_default_context()
    async with httpx.AsyncClient(verify=trusted, trust_env=False, timeout=None) as http:  # noqa: S113
        for address in addresses:
            try:
                async with http.stream(
                    "POST",
                    httpx.URL(
                        scheme=target.scheme,
                        host=address,
                        port=target.port,
                        raw_path=target.path.encode("ascii"),
                    ),
                    content=body,
                    headers={
                        "Host": target.host_header,
                        "User-Agent": "bigbrother-worker",
                        "Content-Type": "application/json",
                        "Connection": "close",
                        **headers,
                    },
                    # The certificate is that of the name, wherever the connection goes.
                    extensions={"sni_hostname": target.host},
                ) as answer:
                    return answer.status_code
            except httpx.ConnectError as error:
                failure = error
    raise failure
