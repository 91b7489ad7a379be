"""The page behind a message's link, in both languages, against hostile texts and old links."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.entrypoints.ops.pages import AcknowledgePages
from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.links import LinkKey, make
from bigbrother.operations.monitoring.finding import Finding
from tests.integration.operations.response.desk import Desk, document

KEY = LinkKey(bytes(range(32)))
HOSTILE = "<script>alert(1)</script> & 'quotes'"


class DeskClock:
    """Tells the desk's time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def now(self) -> datetime:
        """As the desk has it."""
        return self._desk.now


@pytest.fixture(params=["en", "pt_BR"])
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """A desk on which one alert fired and was told."""
    made = Desk(tmp_path, document(tmp_path, {"alert_config": {"language": request.param}}))
    labels = {"unit": "bigbrother-face"}
    made.find(Finding("unit_down", Status.FAILED, made.now, labels=labels, summary=HOSTILE))
    made.settle()
    return made


def pages_of(desk: Desk) -> AcknowledgePages:
    services: Any = SimpleNamespace(
        clock=DeskClock(desk), store=desk.store, runbook=lambda: desk.runbook
    )
    watcher: Any = SimpleNamespace(book=desk.book, link_key=KEY, changed=lambda: None)
    return AcknowledgePages(services, watcher)


def link_of(desk: Desk) -> str:
    message_key = desk.messages()[0]["key"].split(" ")[0]
    return make(message_key, "ops", "acknowledge", desk.now + timedelta(hours=1), KEY)


def test_looking_changes_nothing_and_pressing_takes_it_on_once(desk: Desk) -> None:
    pages, link = pages_of(desk), link_of(desk)
    status, html = pages.ask(link)
    assert status == 200
    assert "<form" in html
    assert desk.only().acknowledged_at is None
    assert pages.acknowledge(link)[0] == 200
    first = desk.only().acknowledged_at
    assert (first, desk.only().acknowledged_by) == (desk.now, "ops")
    desk.now += timedelta(minutes=1)
    status, html = pages.acknowledge(link)
    assert status == 200
    assert "<form" not in html
    assert desk.only().acknowledged_at == first


def test_an_alerts_text_is_only_text(desk: Desk) -> None:
    _, html = pages_of(desk).ask(link_of(desk))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("spoil", [lambda link: link[:-2], lambda _: "x", lambda _: "." * 2000])
def test_a_spoilt_link_opens_nothing(desk: Desk, spoil: Callable[[str], str]) -> None:
    status, html = pages_of(desk).acknowledge(spoil(link_of(desk)))
    assert status == 403
    assert "rack" not in html
    assert desk.only().acknowledged_at is None


def test_a_link_ends(desk: Desk) -> None:
    link = link_of(desk)
    desk.now += timedelta(hours=1)
    assert pages_of(desk).acknowledge(link)[0] == 403


def test_what_is_over_says_so(desk: Desk) -> None:
    link = link_of(desk)
    labels = {"unit": "bigbrother-face"}
    desk.find(Finding("unit_down", Status.PASSED, desk.now, labels=labels))
    status, html = pages_of(desk).acknowledge(link)
    assert status == 200
    assert HOSTILE not in html
    assert "<form" not in html
