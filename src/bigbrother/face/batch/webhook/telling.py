"""Tells how a batch ended, and keeps whether that was heard."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import structlog

from bigbrother.face.batch.patience import Patience
from bigbrother.face.batch.sealing import seal_of
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.batch.webhook.addresses import check_url
from bigbrother.face.batch.webhook.delivery import post
from bigbrother.face.batch.webhook.errors import WebhookFailed, WebhookNotAllowed
from bigbrother.face.batch.webhook.signature import signature
from bigbrother.face.gallery.statements import Row, load, row

_SQL = load("telling", "bigbrother.face.batch.webhook")
_log = structlog.get_logger("bigbrother.worker")


def tell(services: WorkerServices, batch_id: UUID, *, attempt: int) -> datetime | None:
    """Tells the batch's end once; when to try again, or None when there is nothing left to do.

    Raises what the database raises.
    """
    with services.pool.connection() as conn:
        end = row(conn, _SQL["end"], {"batch_id": batch_id})
        if end is None:
            # Told already, destroyed, or at work again: then its next end is told.
            return None
        seal = seal_of(conn, batch_id, services.master_key)
    secret = seal.open_webhook_secret(end["sealed_webhook_secret"])
    refused = _deliver(services, end, secret)
    if refused is None:
        _remember(services, end, "delivered")
        return None
    figures = services.runbook.webhook
    _log.warning("a webhook was not taken", batch=str(batch_id), attempt=attempt, reason=refused)
    if attempt >= figures.attempts:
        _remember(services, end, "given-up")
        return None
    pauses = Patience(figures.first_pause.value, figures.longest_pause.value, services.leaving)
    return services.clock.now() + timedelta(seconds=pauses.pause_seconds(attempt - 1))


def _deliver(services: WorkerServices, end: Row, secret: bytes) -> str | None:
    """Why it was not taken; None when it was."""
    body = json.dumps(
        {
            "id": str(end["id"]),
            "kind": end["kind"],
            "state": end["state"],
            **{name: end[name] for name in ("items", "succeeded", "failed", "cancelled", "erased")},
            "created_at": _text(end["created_at"]),
            "finished_at": _text(end["finished_at"]),
        }
    ).encode()
    timestamp = str(int(services.clock.now().timestamp()))
    headers = {
        "X-BigBrother-Timestamp": timestamp,
        "X-BigBrother-Signature": signature(secret, timestamp, body),
        # Of this end of this batch: the same however often it is told.
        "X-BigBrother-Delivery": str(uuid5(end["id"], _text(end["finished_at"]))),
    }
    figures = services.runbook.webhook
    try:
        asyncio.run(
            post(
                check_url(end["webhook_url"], figures.allowed_networks),
                body,
                headers,
                allowed=figures.allowed_networks,
                within_seconds=figures.answer_within.value,
            )
        )
    except (WebhookNotAllowed, WebhookFailed) as error:
        return error.detail
    return None


def _remember(services: WorkerServices, end: Row, state: str) -> None:
    given = {"batch_id": end["id"], "state": state, "finished_at": end["finished_at"]}

    def store() -> None:
        with services.pool.connection() as conn:
            conn.execute(_SQL["told"], given)

    services.patience.steadily(store)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
