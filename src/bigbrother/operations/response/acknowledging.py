"""The link in a message with which somebody takes on its alerts."""

from collections.abc import Sequence
from datetime import datetime

from bigbrother.operations.alerts.links import LinkKey, make
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.store.store import Store


def acknowledge_url(
    services: WatcherServices, key: LinkKey, message_key: str, contact: str, until: datetime
) -> str:
    """The address of the page that asks, and then acknowledges."""
    base = services.runbook().alert_config.public_url or services.settings.ops_url
    token = make(message_key, contact, "acknowledge", until, key)
    return f"{base.rstrip('/')}/acknowledge/{token}"


def alerts_of(store: Store, message_key: str) -> Sequence[str]:
    """The alerts that the message was about; its key is the part before the channel."""
    rows = store.read(
        lambda conn: conn.execute(
            "SELECT DISTINCT told.alert_id FROM message_alert AS told"
            " JOIN message ON message.id = told.message_id WHERE message.key GLOB ?",
            (f"{message_key} *",),
        ).fetchall()
    )
    return [row["alert_id"] for row in rows]
