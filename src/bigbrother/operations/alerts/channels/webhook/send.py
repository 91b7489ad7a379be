"""Posts a message as JSON to an address of the operator's own, signed if there is a secret."""

import hmac
import json
from datetime import UTC, datetime

from bigbrother.operations.alerts.channels.http_post import Post, post
from bigbrother.operations.alerts.channels.means import Means, idempotency_key
from bigbrother.operations.alerts.channels.reading import read
from bigbrother.operations.alerts.channels.secret import read_secret
from bigbrother.operations.alerts.channels.writing import write
from bigbrother.operations.alerts.outbox.messages import NewMessage, ToldAlert
from bigbrother.runbook.sections.alerting import WebhookChannel


def send(channel: WebhookChannel, message: NewMessage, means: Means) -> str:
    """What the receiver answered; raises ChannelUnavailable, MessageRefused, SecretUnusable."""
    body = json.dumps(compose(message, means), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": idempotency_key(message.key),
    }
    secrets: tuple[str, ...] = ()
    if channel.secret:
        secret = read_secret(means.secrets, channel.secret)
        secrets = (secret,)
        timestamp = str(int(means.now.timestamp()))
        headers["X-BigBrother-Timestamp"] = timestamp
        headers["X-BigBrother-Signature"] = signature(secret.encode(), timestamp, body)
    return post(Post(channel.url, body, headers, secrets), means)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """`v1=` and HMAC-SHA256 in hexadecimal over the timestamp, a full stop and the body."""
    return "v1=" + hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


def compose(message: NewMessage, means: Means) -> dict[str, object]:
    """The JSON of the call: for programs as it is, with one line for people."""
    reading = read(message, means)
    language = means.runbook.alert_config.language
    return {
        "version": 1,
        "id": idempotency_key(message.key),
        "kind": message.kind,
        "text": write("webhook", "text.txt", language, reading),
        "contact": message.contact,
        "level": message.level,
        "acknowledge_url": message.content.acknowledge_url,
        "alerts": [_alert(alert) for alert in message.content.alerts],
        "more": message.content.rest,
    }


def _alert(alert: ToldAlert) -> dict[str, object]:
    return {
        "id": alert.id,
        "name": alert.name,
        "severity": alert.severity,
        "summary": alert.summary,
        "remedy": alert.remedy,
        "labels": dict(alert.labels),
        "value": alert.value,
        "unit": alert.unit,
        "threshold": alert.threshold,
        "fired_at": _text(alert.fired_at),
        "resolved_at": _text(alert.resolved_at),
        "diagnosis": alert.diagnosis,
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
