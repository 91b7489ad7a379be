"""What the watcher does beside paging: none of it may keep it from paging."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.procedures.records import RunEvent, RunState
from bigbrother.operations.response.cures import Cures
from tests.fakes.clock import FakeClock
from tests.fakes.step_runner import FakeStepRunner, World
from tests.integration.operations.response.desk import MONDAY_NOON, Desk, document


class Desks:
    """A desk whose pager asks real cures what they know."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder, document(folder))
        self.found: list[Finding] = []
        services: Any = SimpleNamespace(
            store=self.desk.store,
            runbook=lambda: self.desk.runbook,
            steps=FakeStepRunner(World()),
            clock=FakeClock(MONDAY_NOON),
            settings=SimpleNamespace(run_locks=folder, ops=folder),
        )
        self.cures = Cures(services, lambda *_: "https://run", self.found.extend, lambda: None)
        self.desk.pager._explain = self.cures.explain

    def tick(self) -> None:
        alerts = self.desk.book.open_alerts()
        self.cures.tick(alerts, self.desk.pager.keeps_quiet, self.desk.now)

    def troubles(self) -> set[str]:
        return {each.labels["part"] for each in self.found if each.status is Status.FAILED}


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    """One on which nothing fires."""
    made = Desks(tmp_path)
    yield made
    made.desk.store.close()


def breaks(*_: object) -> NoReturn:
    raise RuntimeError("it broke")


@pytest.mark.parametrize(
    ("part", "method"),
    [
        ("cures", "_healer.tick"),
        ("needless", "_healer.drop_needless"),
        ("housekeeping", "_housekeeper.tick"),
    ],
)
def test_a_part_that_breaks_is_found_and_the_others_are_asked(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, part: str, method: str
) -> None:
    name, _, called = method.partition(".")
    monkeypatch.setattr(type(getattr(desks.cures, name)), called, breaks)
    desks.tick()
    assert desks.troubles() == {part}
    well = {each.labels["part"] for each in desks.found if each.status is Status.PASSED}
    assert well == {"runs", "cures", "needless", "housekeeping"} - {part}


def test_findings_of_runs_that_could_not_be_read_are_told_once_they_can(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "bigbrother.operations.response.cures.run_findings"
    with monkeypatch.context() as broken:
        broken.setattr(place, breaks)
        desks.tick()
    finding = Finding("procedure_failed", Status.FAILED, desks.desk.now, labels={"part": "x"})
    monkeypatch.setattr(place, lambda *_: [finding])
    desks.tick()
    assert finding in desks.found


def test_a_cause_that_cannot_be_put_into_words_keeps_no_page_back(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(desks.cures._explainer), "explain", breaks)
    desks.desk.find(desks.desk.down())
    desks.desk.settle()
    assert desks.desk.paged() == ["ops", "engineering"]
    assert desks.troubles() == {"explaining"}


def test_ten_thousand_alerts_with_a_cure_leave_time_to_page(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks.desk.find(Finding("disk_space", Status.FAILED, desks.desk.now))
    desks.desk.pass_time(minutes=10)
    (one,) = desks.desk.book.open_alerts()
    storm: list[Alert] = [
        replace(one, id=f"storm-{number}", labels={"mount": str(number)})
        for number in range(10_000)
    ]
    tick = desks.cures._healer.tick
    monkeypatch.setattr(desks.cures._healer._starter, "start", breaks)
    with pytest.raises(RuntimeError):
        tick(storm, desks.desk.pager.keeps_quiet, desks.desk.now)
    began = time.process_time()
    for _ in range(2):
        with pytest.raises(RuntimeError):
            tick(storm, desks.desk.pager.keeps_quiet, desks.desk.now)
    assert (time.process_time() - began) / 2 < 0.2


def test_a_run_that_asks_for_a_yes_has_people_told(desks: Desks) -> None:
    assert not desks.cures.more_to_tell()
    event = RunEvent(1, "run", desks.desk.now, f"run.{RunState.WAITING}", {})
    desks.cures._happened(event)
    assert desks.cures.more_to_tell()
    assert not desks.cures.more_to_tell()
