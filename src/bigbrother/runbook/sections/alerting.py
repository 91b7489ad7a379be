"""Section 7.2: alerts and the channels that carry them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bigbrother.runbook.figures import Cron, Duration, Size, TimeZone
from bigbrother.runbook.section import Count, Name, Section

Severity = Literal["low", "medium", "high", "critical", "emergency"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical", "emergency")
"""From the least to the gravest."""
ChannelType = Literal["email", "slack", "sms", "console", "webhook"]
Language = Literal["en", "pt_BR"]
Matcher = dict[str, str]
"""The name of an alert under `alert`, and labels with their values; all must be equal."""
SecretName = Annotated[str, Field(pattern=r"^[a-z0-9-]*$")]
"""The name of a file below etc/secrets; empty for none."""


class AlertRule(Section):
    """What a finding of this name becomes."""

    severity: Severity
    warning: Severity | None = None
    for_: Annotated[Duration, Field(alias="for")]


class Inhibition(Section):
    """While an alert that matches `when` fires, those that match `quiet` do not page."""

    when: Matcher
    quiet: tuple[Matcher, ...]


class Maintenance(Section):
    """A time that comes again, in which alerts that match do not page; no matcher means all."""

    name: Name
    cron: Cron
    lasts: Duration
    time_zone: TimeZone
    quiet: tuple[Matcher, ...] = ()


class Alerts(Section):
    """What becomes an alert, and how it lives."""

    rules: dict[str, AlertRule]
    sent_in_severity: Severity
    sent_in_lives: Duration
    largest_request: Size
    sent_in_labels: Count
    sent_in_text: Size
    sent_in_open: Count
    silence_lasts: Duration
    flapping_changes: Annotated[int, Field(ge=3)]
    flapping_within: Duration
    flapping_calm: Duration
    inhibition_lingers: Duration
    inhibitions: tuple[Inhibition, ...]
    maintenance: tuple[Maintenance, ...]

    @model_validator(mode="after")
    def _rules_exist(self) -> "Alerts":
        for inhibition in self.inhibitions:
            for matcher in (inhibition.when, *inhibition.quiet):
                name = matcher.get("alert")
                if name is not None and name not in self.rules:
                    raise ValueError(f"an inhibition names the alert '{name}', which has no rule.")
        return self


class Channel(Section):
    """What every channel has."""

    enabled: bool
    severity: tuple[Severity, ...]


class EmailChannel(Channel):
    """Mail over SMTP."""

    type: Literal["email"]
    recipients: tuple[str, ...]
    server: str
    encryption: Literal["starttls", "tls", "none"]
    sender: str
    user: str
    secret: SecretName


class SlackChannel(Channel):
    """An incoming webhook of Slack, or of whoever speaks its language."""

    type: Literal["slack"]
    channel: str
    secret: SecretName


class SmsChannel(Channel):
    """Text messages through an interface like Twilio's."""

    type: Literal["sms"]
    numbers: tuple[str, ...]
    url: str
    account: str
    sender: str
    secret: SecretName
    longest: Annotated[int, Field(ge=60)]


class ConsoleChannel(Channel):
    """The watcher's own log and its list of alerts."""

    type: Literal["console"]


class WebhookChannel(Channel):
    """A POST of JSON to an address of the operator's own."""

    type: Literal["webhook"]
    url: str
    secret: SecretName


AnyChannel = Annotated[
    EmailChannel | SlackChannel | SmsChannel | ConsoleChannel | WebhookChannel,
    Field(discriminator="type"),
]


class Delivery(Section):
    """How a message is sent."""

    attempts: Count
    within: Duration
    first_pause: Duration
    longest_pause: Duration
    at_once: Count


class AlertConfig(Section):
    """Section 7.2."""

    language: Language
    public_url: str
    acknowledge_link_lives: Duration
    gather: Duration
    named_alerts: Count
    longest_text: Annotated[int, Field(ge=100)]
    longest_diagnosis: Annotated[int, Field(ge=100)]
    channels: dict[str, AnyChannel]
    delivery: Delivery


class Heartbeat(Section):
    """Who watches the watcher."""

    url: str
    every: Duration
    within: Duration
