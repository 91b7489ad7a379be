"""Sends a text message through an interface like Twilio's."""

import base64
import re
from urllib.parse import quote, urlencode

from bigbrother.operations.alerts.channels.cleaning import cut, plain_letters
from bigbrother.operations.alerts.channels.errors import AddressRefused
from bigbrother.operations.alerts.channels.http_post import Post, post
from bigbrother.operations.alerts.channels.means import Means, idempotency_key
from bigbrother.operations.alerts.channels.reading import read
from bigbrother.operations.alerts.channels.secret import read_secret
from bigbrother.operations.alerts.channels.writing import write
from bigbrother.operations.alerts.outbox.messages import NewMessage
from bigbrother.runbook.sections.alerting import SmsChannel

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def send(channel: SmsChannel, message: NewMessage, means: Means) -> str:
    """What the service answered; raises as `Kind.send` of the catalogue."""
    if not _NUMBER.fullmatch(message.address):
        raise AddressRefused(
            f"'{cut(ascii(message.address)[1:-1], 40)}' is no telephone number that can be called.",
            remedy="Write it in the document like +5511999990000 (E.164).",
        )
    token = read_secret(means.secrets, channel.secret)
    login = base64.b64encode(f"{channel.account}:{token}".encode()).decode("ascii")
    text = compose(channel, message, means)
    key = idempotency_key(message.key)
    return post(
        Post(
            f"{channel.url.rstrip('/')}/2010-04-01/Accounts/"
            f"{quote(channel.account, safe='')}/Messages.json",
            urlencode({"To": message.address, "From": channel.sender, "Body": text}).encode(),
            {
                "Authorization": f"Basic {login}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": key,
                "I-Twilio-Idempotency-Token": key,
            },
            secrets=(token, login),
        ),
        means,
    )


def compose(channel: SmsChannel, message: NewMessage, means: Means) -> str:
    """The text: lines in the order of their weight, as many as it has room for.

    A line that does not fit is left out whole, for half a link is none; the first is cut.
    """
    reading = read(message, means)
    written = write("sms", "text.txt", means.runbook.alert_config.language, reading)
    first, *others = plain_letters(written).splitlines()
    text = cut(first, channel.longest)
    for line in others:
        if len(text) + 1 + len(line) <= channel.longest:
            text += f"\n{line}"
    return text
