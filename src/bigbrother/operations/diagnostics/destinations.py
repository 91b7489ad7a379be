"""What this installation talks to over the network, as settings and document name it."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.network import Encryption
from bigbrother.runbook.sections.alerting import (
    EmailChannel,
    SlackChannel,
    SmsChannel,
    WebhookChannel,
)

DATABASE = "bigbrother-db"
FACE = "bigbrother-face"
WATCHER = "bigbrother-ops"
WORKER = "bigbrother-worker"
_MAIL_SERVER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\s\[\]]+))(?::(\d{1,5}))?")
_MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_WEB_PORTS = {"https": 443, "http": 80}
_DATABASE_PORT = 5432


@dataclass(frozen=True, slots=True)
class Destination:
    """One place."""

    name: str
    """A unit, or `channel <name>`."""
    host: str = ""
    """A name or an address; empty for a socket."""
    port: int = 0
    socket: Path | None = None
    encryption: Encryption | None = None


def destinations(scene: Scene) -> tuple[Destination, ...]:
    """Every place, each once: the database, the face analyzer, and what channels that are on need.

    A channel whose address cannot be read is left out: `bigbrother alerts test-channel` tells.
    """
    found = (database(scene), _face(scene), *channels(scene))
    return tuple(place for place in found if place is not None)


def database(scene: Scene) -> Destination | None:
    """Where the database listens; None where its connection string does not say."""
    # The driver takes 25 MB, and is of no use until somebody diagnoses.
    import psycopg  # noqa: PLC0415

    try:
        given = psycopg.conninfo.conninfo_to_dict(scene.dsn)
    except psycopg.Error:
        return None
    host = str(given.get("hostaddr") or given.get("host") or "").split(",")[0]
    port = int(str(given.get("port") or _DATABASE_PORT).split(",")[0])
    if host.startswith("/"):
        return Destination(DATABASE, socket=Path(host) / f".s.PGSQL.{port}")
    return Destination(DATABASE, host, port) if host else None


def channels(scene: Scene) -> tuple[Destination, ...]:
    """The hosts of the channels that are on."""
    found = []
    for name, channel in scene.runbook.alert_config.channels.items():
        if not channel.enabled:
            continue
        place: Destination | None = None
        if isinstance(channel, EmailChannel):
            place = _mail(name, channel)
        elif isinstance(channel, SmsChannel | WebhookChannel):
            place = _web(name, channel.url)
        elif isinstance(channel, SlackChannel):
            # The address itself is the secret; its host is none.
            place = _web(name, _secret(scene, channel.secret))
        if place is not None:
            found.append(place)
    return tuple(found)


def is_remote(scene: Scene, place: Destination, within_seconds: float) -> bool:
    """Whether it lies beyond this machine. Raises NameUnresolved."""
    if place.socket is not None:
        return False
    addresses = scene.network.resolve(place.host, within_seconds)
    return not scene.network.is_here(addresses[0])


def _face(scene: Scene) -> Destination:
    host = scene.settings.host
    # Who listens everywhere is asked where its callers on this machine ask.
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared
    return Destination(FACE, reached, scene.settings.port)


def _mail(name: str, channel: EmailChannel) -> Destination | None:
    found = _MAIL_SERVER.fullmatch(channel.server.strip())
    if found is None:
        return None
    port = int(found[3] or _MAIL_PORTS[channel.encryption])
    encryption = None if channel.encryption == "none" else channel.encryption
    return Destination(f"channel {name}", found[1] or found[2], port, encryption=encryption)


def _web(name: str, url: str) -> Destination | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _WEB_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    encryption: Encryption | None = "tls" if parts.scheme == "https" else None
    return Destination(f"channel {name}", parts.hostname, port, encryption=encryption)


def _secret(scene: Scene, name: str) -> str:
    try:
        return (scene.settings.secrets / name).read_text("utf-8").strip() if name else ""
    except (OSError, UnicodeDecodeError):
        return ""
