"""How a service is reached: address, credential, and what goes over the line for a request."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from bigbrother.client.errors import RequestRefused
from bigbrother.client.request import Body, Request


def connection_options(url: str, token: str | None, *, timeout_seconds: float) -> dict[str, Any]:
    """What a client of httpx is made with. Raises RequestRefused for an unusable url or token."""
    return {
        "base_url": _checked_url(url),
        "headers": {"Authorization": f"Bearer {_checked_token(token)}"} if token else {},
        "timeout": timeout_seconds,
        # A proxy named in the environment can reach no service of this machine.
        "trust_env": not _is_loopback(url),
    }


def as_sent(
    http: httpx.Client | httpx.AsyncClient,
    request: Request,
    body: Body,
    content: bytes | Iterator[bytes] | AsyncIterator[bytes],
) -> httpx.Request:
    """The request as httpx sends it; `content` is that of the body."""
    timeout = http.timeout
    if request.answer_within_seconds is not None:
        timeout = httpx.Timeout(
            connect=timeout.connect,
            read=request.answer_within_seconds,
            write=timeout.write,
            pool=timeout.pool,
        )
    return http.build_request(
        request.method,
        request.path,
        params=dict(request.params),
        headers={**body.all_headers, **request.headers},
        content=content or None,
        timeout=timeout,
    )


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise RequestRefused(
            # What stands before an @ may be a password.
            f"'{url.rpartition('@')[2]}' is not the address of a service.",
            remedy="Give one such as http://127.0.0.1:8080.",
            code="url-not-valid",
        )
    return url


def _checked_token(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise RequestRefused(
            "The token holds characters that no token has.",
            remedy="Give it as it was made, or the path of the file that holds it.",
            code="token-not-valid",
        )
    return token


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
