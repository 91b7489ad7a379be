"""Which addresses a webhook may call: the public internet, and networks that the document names.

Otherwise a client could make the service talk to machines that only the service can reach.
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from bigbrother.face.batch.webhook.errors import WebhookNotAllowed

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 2000
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
# Addresses that stand for an IPv4 address somewhere else: a way around the rules for those.
_DISGUISES = tuple(
    ip_network(text)
    for text in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)
_REMEDY = (
    "Give an http or https address on the public internet without user name and password, or "
    "have the operator name its network in the document's webhook.allowed_networks."
)


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query."""

    @property
    def host_header(self) -> str:
        """As HTTP names the host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def check_url(url: str, allowed: Networks) -> Target:
    """The address taken apart, if it may be called as far as can be seen without asking for names.

    Raises WebhookNotAllowed.
    """
    if len(url) > _LONGEST_URL or _PRINTABLE.fullmatch(url) is None or "\\" in url:
        raise _refused(f"It is not a URL of up to {_LONGEST_URL} printable ASCII characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("It is not a URL.") from error
    if parts.scheme not in _PORTS:
        raise _refused("Its scheme is neither http nor https.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise _refused("It holds a user name or a password.")
    host = parts.hostname or ""
    if _HOST.fullmatch(host) is None:
        raise _refused("It names no host.")
    if port == 0:
        raise _refused("Its port is 0.")
    literal = _literal(host)
    if literal is not None and not is_allowed(literal, allowed):
        raise _refused(f"{host} is an address that may not be called.")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], _path(parts))


def check_addresses(host: str, addresses: Sequence[str], allowed: Networks) -> tuple[str, ...]:
    """The addresses that a name stands for, if every one may be called.

    Raises WebhookNotAllowed: a name that leads to one forbidden place is not trusted for others.
    """
    for text in addresses:
        if not is_allowed(ip_address(text), allowed):
            raise _refused(f"{host} leads to {text}, which may not be called.")
    return tuple(addresses)


def is_allowed(address: Address, allowed: Networks) -> bool:
    """Whether a webhook may call it."""
    if any(address in network for network in allowed):
        return True
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return any(address.ipv4_mapped in network for network in allowed)
        if any(address in network for network in _DISGUISES):
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # Whatever the system's resolver takes for an address: 127.1, 0x7f000001, 2130706433.
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _refused(why: str) -> WebhookNotAllowed:
    return WebhookNotAllowed(f"The webhook's URL cannot be used. {why}", remedy=_REMEDY)
