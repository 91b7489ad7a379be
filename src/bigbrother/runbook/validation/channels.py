"""A channel that is enabled has everything that it needs to deliver."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import (
    AnyChannel,
    Channel,
    EmailChannel,
    SlackChannel,
    SmsChannel,
    WebhookChannel,
)
from bigbrother.runbook.validation.mistake import Mistake, Path

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_SERVER = re.compile(r"(\[[0-9a-fA-F:]+\]|[^:\s\[\]]+):(\d{1,5})")


def mistakes(runbook: Runbook) -> Iterator[Mistake]:
    """What is wrong with section 7.2 and the addresses outside."""
    config = runbook.alert_config
    if config.public_url:
        yield from _url(config.public_url, ("alert_config", "public_url"))
    if runbook.heartbeat.url:
        yield from _url(runbook.heartbeat.url, ("heartbeat", "url"))
    if not any(channel.enabled for channel in config.channels.values()):
        yield Mistake(
            ("alert_config", "channels"),
            "no channel is enabled: nobody would be told of anything.",
            "Enable at least the channel console.",
        )
    for name, channel in config.channels.items():
        if channel.enabled:
            yield from _incomplete(channel, ("alert_config", "channels", name))


def _incomplete(channel: AnyChannel, path: Path) -> Iterator[Mistake]:
    if isinstance(channel, EmailChannel):
        yield from _email(channel, path)
    elif isinstance(channel, SlackChannel):
        yield from _filled(channel, path, "channel", "secret")
    elif isinstance(channel, SmsChannel):
        yield from _url(channel.url, (*path, "url"))
        yield from _filled(channel, path, "numbers", "account", "sender", "secret")
    elif isinstance(channel, WebhookChannel):
        yield from _url(channel.url, (*path, "url"))


def _email(channel: EmailChannel, path: Path) -> Iterator[Mistake]:
    found = _SERVER.fullmatch(channel.server)
    if found is None or not 0 < int(found[2]) < 65536:
        yield Mistake(
            (*path, "server"),
            f"'{channel.server}' is not a mail server.",
            "Write host and port: smtp.company.com:587.",
        )
    yield from _filled(channel, path, "recipients")
    for index, recipient in enumerate(channel.recipients):
        if not _ADDRESS.fullmatch(recipient):
            yield Mistake(
                (*path, "recipients", index),
                f"'{recipient}' is not a mail address.",
                "Write it like ops@company.com.",
            )
    if not _ADDRESS.fullmatch(channel.sender):
        yield Mistake(
            (*path, "sender"),
            f"'{channel.sender}' is not a mail address.",
            "Write it like bigbrother@company.com.",
        )
    if channel.user:
        yield from _filled(channel, path, "secret")


def _filled(channel: Channel, path: Path, *fields: str) -> Iterator[Mistake]:
    for field in fields:
        if not getattr(channel, field):
            yield Mistake(
                (*path, field),
                f"the channel is enabled and its {field} is empty.",
                "Fill it in, or disable the channel.",
            )


def _url(text: str, path: Path) -> Iterator[Mistake]:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        good = good and parts.port != 0 and not any(c.isspace() for c in text)
    except ValueError:
        good = False
    if not good:
        yield Mistake(path, f"'{text}' is not an address.", "Begin with http:// or https://.")
