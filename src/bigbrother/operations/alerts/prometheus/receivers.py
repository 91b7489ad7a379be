"""The document's channels as Alertmanager's receivers; what it cannot do is told, never faked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigbrother.runbook.sections.alerting import (
    AnyChannel,
    ConsoleChannel,
    EmailChannel,
    SlackChannel,
    SmsChannel,
)

_IMPLICIT_TLS = ":465"
_LINE = (
    "{{ range .Alerts }}[{{ .Status }}] {{ .Annotations.summary }} "
    "{{ .Annotations.description }} {{ .Annotations.remedy }}\n{{ end }}"
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """One channel's receiver; `content` is None where Alertmanager has none like it."""

    content: dict[str, Any] | None
    notes: tuple[str, ...] = ()


def receiver(name: str, channel: AnyChannel, secrets: Path) -> Receiver:
    """What carries this channel's messages. Secrets are named by their files, never read."""
    if isinstance(channel, ConsoleChannel):
        return Receiver(
            None, (f"{name}: its list is Alertmanager's own page, and 'amtool alert'.",)
        )
    if isinstance(channel, SmsChannel):
        return Receiver(
            None,
            (
                (
                    f"{name}: Alertmanager has no SMS; let Prometheus tell the watcher too, and it "
                    "sends them."
                ),
            ),
        )
    if isinstance(channel, EmailChannel):
        return _email(name, channel, secrets)
    if isinstance(channel, SlackChannel):
        return Receiver(
            {
                "name": name,
                "slack_configs": [
                    {
                        "api_url_file": str(secrets / channel.secret),
                        "channel": channel.channel,
                        "send_resolved": True,
                        "text": _LINE,
                    }
                ],
            }
        )
    notes = [f"{name}: the body is Alertmanager's own, not the watcher's."]
    if channel.secret:
        notes.append(f"{name}: Alertmanager signs nothing; who receives must trust the network.")
    return Receiver(
        {"name": name, "webhook_configs": [{"url": channel.url, "send_resolved": True}]},
        tuple(notes),
    )


def _email(name: str, channel: EmailChannel, secrets: Path) -> Receiver:
    to: dict[str, Any] = {
        "to": ", ".join(channel.recipients),
        "from": channel.sender,
        "smarthost": channel.server,
        "require_tls": channel.encryption == "starttls",
        "send_resolved": True,
    }
    if channel.user:
        to["auth_username"] = channel.user
        to["auth_password_file"] = str(secrets / channel.secret)
    notes: tuple[str, ...] = ()
    if channel.encryption == "tls" and not channel.server.endswith(_IMPLICIT_TLS):
        notes = (f"{name}: Alertmanager speaks TLS from the first byte on port 465 alone.",)
    return Receiver({"name": name, "email_configs": [to]}, notes)
