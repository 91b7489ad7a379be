"""Every kind of channel, a line each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bigbrother.operations.alerts.channels.console.send import send as send_to_console
from bigbrother.operations.alerts.channels.email.send import send as send_mail
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.slack.send import send as send_to_slack
from bigbrother.operations.alerts.channels.sms.send import send as send_sms
from bigbrother.operations.alerts.channels.webhook.send import send as send_to_webhook
from bigbrother.operations.alerts.outbox.messages import NewMessage
from bigbrother.runbook.sections.alerting import (
    AnyChannel,
    Channel,
    ConsoleChannel,
    EmailChannel,
    SlackChannel,
    SmsChannel,
    WebhookChannel,
)

C = TypeVar("C", bound=Channel)


@dataclass(frozen=True, slots=True)
class Kind(Generic[C]):
    """One kind of channel."""

    settings: type[C]
    """What the document says of such a channel."""
    send: Callable[[C, NewMessage, Means], str]
    """Sends a message and returns the answer; raises ChannelUnavailable if it may be tried again,
    another BigBrotherError if not."""
    addresses: Callable[[C], tuple[str, ...]]
    """Where its broadcasts go; each address gets a message of its own."""


KINDS: tuple[Kind[Any], ...] = (
    Kind(EmailChannel, send_mail, lambda channel: channel.recipients),
    Kind(SlackChannel, send_to_slack, lambda channel: (channel.channel,)),
    Kind(SmsChannel, send_sms, lambda channel: channel.numbers),
    Kind(ConsoleChannel, send_to_console, lambda _: ("",)),
    Kind(WebhookChannel, send_to_webhook, lambda channel: (channel.url,)),
)


def kind_of(channel: AnyChannel) -> Kind[Any]:
    """The kind of a channel of the document."""
    return next(kind for kind in KINDS if kind.settings is type(channel))


def send(channel: AnyChannel, message: NewMessage, means: Means) -> str:
    """Sends a message over a channel; as `Kind.send`."""
    return kind_of(channel).send(channel, message, means)


def addresses(channel: AnyChannel) -> tuple[str, ...]:
    """Where a channel's broadcasts go."""
    return kind_of(channel).addresses(channel)
