"""One POST to an address of the operator's own; redirects are not followed."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from ssl import SSLCertVerificationError, create_default_context
from urllib.parse import SplitResult, urlsplit

from bigbrother import __version__
from bigbrother.operations.alerts.channels.cleaning import answer_line, place
from bigbrother.operations.alerts.channels.cut_off import cut_off
from bigbrother.operations.alerts.channels.errors import ChannelUnavailable, MessageRefused
from bigbrother.operations.alerts.channels.means import Means

_READ_BYTES = 4096
"""Of an answer; nothing after it is of use."""
_LATER = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent where."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    """What must not stand in an answer or an error."""


def post(call: Post, means: Means) -> str:
    """The answer, in a line; raises ChannelUnavailable, MessageRefused."""
    parts = _parts(call.url)
    connection = _connection(parts, means.within_seconds)
    held: socket | None = None
    try:
        with cut_off(means.within_seconds, lambda: held or connection.sock) as over:
            connection.connect()
            # The connection lets go of it before the answer is read.
            held = connection.sock
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, call.body, _headers(call))
            answer = connection.getresponse()
            if over.is_set():
                raise TimeoutError
            with closing(answer):
                text = _text(answer)
    except SSLCertVerificationError as error:
        raise MessageRefused(
            f"{place(call.url)}: its certificate is not valid: {error.verify_message}.",
            remedy="Have it signed by an authority that this machine trusts.",
        ) from error
    except HTTPException as error:
        raise ChannelUnavailable(
            f"{place(call.url)} broke off or does not speak HTTP: {type(error).__name__}."
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ChannelUnavailable(f"{place(call.url)} was not reached: {reason}.") from error
    finally:
        connection.close()
    return _judge(call, answer, text, means)


def _text(answer: HTTPResponse) -> str:
    """The beginning of the body. One that breaks off takes nothing back: the status counts."""
    try:
        return answer.read(_READ_BYTES).decode("utf-8", "replace")
    except (HTTPException, OSError):
        return ""


def _judge(call: Post, answer: HTTPResponse, text: str, means: Means) -> str:
    longest = means.runbook.alert_config.longest_text
    line = answer_line(f"{answer.status} {text}", (call.url, *call.secrets), longest)
    if 200 <= answer.status < 300:
        return line
    said = f"{place(call.url)} answered {line}"
    if answer.status in _LATER or answer.status >= 500:
        asked = _retry_after_seconds(answer.getheader("Retry-After"), means.now)
        raise ChannelUnavailable(said, retry_after_seconds=asked)
    remedy = "Look at the channel's address, account and secret in the document."
    if answer.status < 400:
        remedy = "Name the address to which it redirects in the document."
    raise MessageRefused(said, remedy=remedy)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), None
    right = parts.scheme in ("http", "https") and parts.hostname and port != 0
    if not right or not url.isascii() or not url.isprintable() or " " in url:
        raise MessageRefused(
            "The channel's address is no http or https URL.",
            remedy="Mend it: in the document, or in its file below etc/secrets.",
        )
    return parts


def _connection(parts: SplitResult, within_seconds: float) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port, timeout=within_seconds)
    # The machine's own certificate authorities count, so that an organisation's own one does.
    return HTTPSConnection(
        host, parts.port, timeout=within_seconds, context=create_default_context()
    )


def _headers(call: Post) -> dict[str, str]:
    return {
        "User-Agent": f"bigbrother-ops/{__version__}",
        "Connection": "close",
        **call.headers,
    }


def _retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """Seconds, or a date; None for anything else. Source: RFC 9110, section 10.2.3."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        # More digits than any patience has are no reason to compute with them.
        return float(text[:12])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
