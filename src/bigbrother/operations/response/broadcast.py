"""Where a channel's broadcast goes."""

from bigbrother.runbook.sections.alerting import (
    AnyChannel,
    EmailChannel,
    SlackChannel,
    SmsChannel,
    WebhookChannel,
)


def broadcast_addresses(channel: AnyChannel) -> tuple[str, ...]:
    """The addresses of one channel, each of which gets a message of its own."""
    if isinstance(channel, EmailChannel):
        return channel.recipients
    if isinstance(channel, SmsChannel):
        return channel.numbers
    if isinstance(channel, SlackChannel):
        return (channel.channel,)
    if isinstance(channel, WebhookChannel):
        return (channel.url,)
    return ("",)
