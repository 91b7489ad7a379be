"""What the watcher takes in, keeps quiet about, and sends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts import silences
from bigbrother.operations.alerts.book import AlertBook
from bigbrother.operations.alerts.channels.http_post import Post
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.sms import send as sms
from bigbrother.operations.alerts.channels.webhook import send as webhook
from bigbrother.operations.alerts.errors import InvalidSilence, TooManyAlerts
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.response.pager import Pager
from bigbrother.operations.response.telling import Explanation
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import SmsChannel, WebhookChannel
from tests.fakes import told
from tests.fakes.clock import FakeClock
from tests.unit.runbook.probe import Probe

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FACE = {"unit": "bigbrother-face"}
NOTHING = Explanation("", whole=False)


@contextmanager
def opened_store() -> Iterator[Store]:
    """A watcher's file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "ops.db")
        yield store
        store.close()


def sent_in(runbook: Runbook) -> object:
    """Whether so many alerts of others may be open at a time."""
    with opened_store() as store:
        book = AlertBook(store, lambda: runbook)
        many = [Finding(f"others-{n}", Status.FAILED, NOON, severity="low") for n in range(10_001)]
        try:
            book.admit(many)
        except TooManyAlerts as refused:
            return str(refused)
    return "taken"


def silenced(runbook: Runbook) -> object:
    """For how many days alerts may be silenced."""
    taken = 0
    with opened_store() as store:
        for days in range(100, 1000, 100):
            end = NOON + timedelta(days=days)
            asked = silences.NewSilence({"alert": "cpu_usage"}, end, "ana", "Work.")
            with suppress(InvalidSilence):
                silences.add(store, asked, runbook.alerts, NOON)
                taken = days
    return taken


def pages_after_quiet(runbook: Runbook) -> object:
    """A silent unit whose death is over: when its alert pages, and how long its link lives."""
    links: list[object] = []

    def link(_key: str, contact: str, until: datetime) -> str:
        links.append((contact, until))
        return "https://watch.example.org/ack"

    with opened_store() as store:
        book = AlertBook(store, lambda: runbook)
        outbox: Any = Outbox(
            store,
            lambda: runbook,
            Path("/nonexistent"),
            FakeClock(),
            told=lambda _: None,
            report=lambda _: None,
        )
        pager = Pager(store, book, outbox, lambda: runbook, link, lambda *_: NOTHING)
        pager.begin(NOON)
        for seconds in range(60):
            now = NOON + timedelta(seconds=seconds)
            pager.follow((*book.take(happened(seconds, now), now), *book.tick(now)), now)
    return links


def happened(seconds: int, now: datetime) -> list[Finding]:
    """The unit is down and silent; then it is only silent."""
    if seconds == 0:
        return [Finding(name, Status.FAILED, now, FACE) for name in ("unit_down", "unit_silent")]
    return [Finding("unit_down", Status.PASSED, now, FACE)] if seconds == 20 else []


def lanes(runbook: Runbook) -> object:
    """How many messages of one channel are sent at a time."""
    begun: list[str] = []

    class Thread:
        """One that never comes to an end."""

        def __init__(self, *, name: str, **_: object) -> None:
            self.name = name

        def start(self) -> None:
            begun.append(self.name)

    with opened_store() as store, pytest.MonkeyPatch.context() as patch:
        clock = FakeClock(told.NOW)
        outbox = Outbox(
            store, lambda: runbook, Path(), clock, told=lambda _: None, report=lambda _: None
        )
        messages = [told.message("webhook", key=str(number)) for number in range(30)]
        outbox.queue(messages, told.NOW)
        patch.setattr("threading.Thread", Thread)
        outbox._begin_lanes()
    return begun


def calls(runbook: Runbook) -> object:
    """What is sent over HTTP, with the names of the secrets that were asked for."""
    seen: list[object] = []

    def post(call: Post, _: Means) -> str:
        seen.append(call)
        return "taken"

    def read_secret(_: Path, name: str) -> str:
        return f"the secret of {name}"

    means = Means(runbook, Path(), told.NOW)
    message = told.message("sms", "+5511999990001")
    with pytest.MonkeyPatch.context() as patch:
        for room in (sms, webhook):
            patch.setattr(room, "post", post)
            patch.setattr(room, "read_secret", read_secret)
        for channel in runbook.alert_config.channels.values():
            if isinstance(channel, SmsChannel):
                sms.send(channel, message, means)
            elif isinstance(channel, WebhookChannel):
                webhook.send(channel, message, means)
    return seen


ALERTS: tuple[Probe, ...] = (
    Probe(("alerts.sent_in_open",), sent_in),
    Probe(("alerts.silence_lasts",), silenced),
    Probe(("alerts.inhibition_lingers", "alert_config.acknowledge_link_lives"), pages_after_quiet),
    Probe(("alert_config.delivery.at_once",), lanes),
    Probe(("alert_config.channels.sms.*", "alert_config.channels.webhook.*"), calls),
)
