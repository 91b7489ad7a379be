"""Writes a message to the watcher's own log, as one line."""

import structlog

from bigbrother.operations.alerts.channels.means import Means, idempotency_key
from bigbrother.operations.alerts.channels.reading import read
from bigbrother.operations.alerts.channels.writing import write
from bigbrother.operations.alerts.outbox.messages import NewMessage
from bigbrother.runbook.sections.alerting import ConsoleChannel

_log = structlog.get_logger("bigbrother.alerts")


def send(channel: ConsoleChannel, message: NewMessage, means: Means) -> str:  # noqa: ARG001
    """Cannot fail: the log is the last thing that a watcher has.

    The acknowledgement link is not in it: whoever may read the log need not be who is paged.
    """
    _log.warning(
        compose(message, means),
        message_id=idempotency_key(message.key),
        kind=message.kind,
        alerts=[alert.id for alert in message.content.alerts],
    )
    return "Written to the watcher's log."


def compose(message: NewMessage, means: Means) -> str:
    """The line."""
    reading = read(message, means)
    return write("console", "line.txt", means.runbook.alert_config.language, reading)
