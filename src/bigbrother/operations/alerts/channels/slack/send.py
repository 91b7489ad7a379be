"""Posts a message to an incoming webhook, whose address is the channel's secret."""

import json

from bigbrother.operations.alerts.channels.cleaning import cut
from bigbrother.operations.alerts.channels.http_post import Post, post
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.reading import read
from bigbrother.operations.alerts.channels.secret import read_secret
from bigbrother.operations.alerts.channels.writing import write
from bigbrother.operations.alerts.outbox.messages import NewMessage
from bigbrother.runbook.sections.alerting import SlackChannel

# Slack's own bounds. Source: its reference of block kit, `section` and `blocks`.
_BLOCK_LETTERS = 3000
_BLOCKS = 50


def send(channel: SlackChannel, message: NewMessage, means: Means) -> str:
    """What Slack answered; raises ChannelUnavailable, MessageRefused, SecretUnusable.

    Incoming webhooks know no idempotency key: a message repeated after a crash is seen twice, with
    the same text.
    """
    url = read_secret(means.secrets, channel.secret)
    body = json.dumps(compose(channel, message, means), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return post(Post(url, body, headers, secrets=(url,)), means)


def compose(channel: SlackChannel, message: NewMessage, means: Means) -> dict[str, object]:
    """The JSON of the call: a block for each paragraph, and the line that a phone shows."""
    language, reading = means.runbook.alert_config.language, read(message, means)
    text = write("slack", "text.txt", language, reading, _escape)
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": cut(part, _BLOCK_LETTERS)}}
        for part in text.split("\n\n")[:_BLOCKS]
    ]
    return {"channel": channel.channel, "text": _escape(reading.headline), "blocks": blocks}


def _escape(text: str) -> str:
    """Without it an alert's text could call everybody (`<!channel>`) or hide where a link goes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
