"""Diagnoses of alerts on a real ops.db: one at a time, whatever becomes of the process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.response.diagnoses import STEP, Diagnoses, explained
from bigbrother.ports.step_runner import StepEnd
from tests.fakes.clock import FakeClock
from tests.fakes.step_runner import FakeStep, FakeStepRunner, Script, World
from tests.integration.operations.response.desk import MONDAY_NOON, Desk, document
from tests.waiting import until

CAUSE = {
    "cause": "disk_full",
    "likelihood": 0.9,
    "reasons": ["It is full."],
    "procedures": ["solutions.free_disk"],
    "target": "",
}


def found(**changes: Any) -> StepEnd:  # noqa: ANN401 - as the process answers
    """A diagnosis that came to its end."""
    data = {"seconds": 1.5, "causes": [CAUSE], "results": [], **changes}
    return StepEnd("done", {"summary": "", "data": data, "skipped": False})


class Office:
    """A desk, and diagnoses whose processes are scripted."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder, document(folder))
        self.world = World({STEP: Script(ends=(found(),))})
        self.found = 0
        self.made: list[Diagnoses] = []
        self.begin()

    def begin(self) -> None:
        """A watcher that knows nothing but ops.db."""
        runner = FakeStepRunner(self.world)
        self.works = runner.works
        self.diagnoses = Diagnoses(
            self.desk.store, runner, lambda: self.desk.runbook, FakeClock(MONDAY_NOON), self._came
        )
        self.made.append(self.diagnoses)
        self.diagnoses.start(self.desk.book.open_alerts())

    def fire(self, unit: str) -> Alert:
        self.desk.find(self.desk.down(unit))
        (alert,) = (each for each in self.desk.book.open_alerts() if each.labels["unit"] == unit)
        self.diagnoses.want([alert])
        return alert

    def underway(self) -> FakeStep:
        """The process that goes on."""
        until(lambda: len(self.world.alive) == 1)
        (step,) = self.world.alive.values()
        return step

    def _came(self) -> None:
        self.found += 1


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """One whose diagnoses find that the disk is full."""
    made = Office(tmp_path)
    yield made
    for each in made.made:
        each.stop()
        each._thread.join()
    made.desk.store.close()


def causes(office: Office, alert: Alert) -> list[str]:
    known = office.diagnoses.of(alert)
    return [] if known is None else [cause.name for cause in known.causes]


def test_an_alert_is_explained_once_each_time_that_it_fires(office: Office) -> None:
    alert = office.fire("bigbrother-face")
    until(lambda: office.found == 1)
    assert causes(office, alert) == ["disk_full"]
    office.diagnoses.want([alert])
    assert office.diagnoses._wanted == {}
    again = replace(alert, fired_at=office.desk.now.replace(hour=13))
    assert causes(office, again) == []


def test_a_process_that_hangs_keeps_nobody_waiting_and_is_cut(office: Office) -> None:
    office.world.scripts[STEP] = Script(ends=(found(),), blocks=True)
    alert = office.fire("bigbrother-face")
    step = office.underway()
    assert office.diagnoses.of(alert) is None
    limit = office.works[0].within_seconds
    assert limit >= office.desk.runbook.response.diagnose_within.value
    # As the runner does when that is over.
    step.kill()
    until(lambda: not office.world.alive)
    office.world.scripts[STEP] = Script(ends=(found(),))
    other = office.fire("bigbrother-worker")
    until(lambda: office.found == 1)
    assert (causes(office, alert), causes(office, other)) == ([], ["disk_full"])


@pytest.mark.parametrize(
    "end",
    [
        StepEnd("died", error="It was ended by SIGKILL."),
        StepEnd("timed-out", error="It took longer than 15 s."),
        StepEnd("done", {"data": {"seconds": "many"}, "skipped": True}),
        StepEnd("done", {"data": {"causes": [{"likelihood": "high"}]}, "skipped": True}),
    ],
)
def test_one_that_dies_or_talks_nonsense_leaves_the_next_one_alone(
    office: Office, end: StepEnd
) -> None:
    office.world.scripts[STEP] = Script(ends=(end, found()))
    office.fire("bigbrother-face")
    until(lambda: len(office.works) == 1 and not office.world.alive)
    other = office.fire("bigbrother-worker")
    until(lambda: office.found == 1)
    assert causes(office, other) == ["disk_full"]


def test_a_step_that_breaks_in_the_midst_leaves_no_process(office: Office) -> None:
    office.world.scripts[STEP] = Script(ends=(found(),), blocks=True)
    killed: list[FakeStep] = []

    def breaks(where: str) -> None:
        if where == "inside, before" and not killed:
            killed.extend(office.world.alive.values())
            raise OSError("the pipe broke")

    office.diagnoses._steps.fate = breaks  # type: ignore[attr-defined]
    office.fire("bigbrother-face")
    office.underway().finish()
    until(lambda: bool(killed) and not office.world.alive)
    assert killed[0].killed


def test_alerts_that_end_while_they_are_looked_at_are_not_remembered_for_ever(
    office: Office,
) -> None:
    office.world.scripts[STEP] = Script(ends=(found(),), blocks=True)
    over = office.fire("bigbrother-face")
    step = office.underway()
    office.diagnoses.forget([over.id])
    step.finish()
    until(lambda: office.found == 1)
    assert office.diagnoses._explained == {}
    # What it found is kept with the alert's history.
    assert office.desk.store.read(lambda conn: explained(conn, over.id)) is not None


def test_a_watcher_that_leaves_takes_its_process_along_and_the_next_begins_anew(
    office: Office,
) -> None:
    office.world.scripts[STEP] = Script(ends=(found(),), blocks=True)
    alert = office.fire("bigbrother-face")
    step = office.underway()
    office.diagnoses.stop()
    office.diagnoses._thread.join(10)
    assert (step.killed, office.diagnoses._thread.is_alive()) == (True, False)
    office.world.scripts[STEP] = Script(ends=(found(),))
    office.begin()
    until(lambda: office.found == 1)
    assert causes(office, alert) == ["disk_full"]


def test_a_watcher_that_was_killed_afterwards_knows_what_was_found(office: Office) -> None:
    alert = office.fire("bigbrother-face")
    until(lambda: office.found == 1)
    office.begin()
    assert causes(office, alert) == ["disk_full"]
    assert office.diagnoses._wanted == {}
    assert len(office.works) == 0


def test_no_process_can_be_begun_and_the_next_alert_is_explained(office: Office) -> None:
    office.diagnoses._steps.unavailable = 1  # type: ignore[attr-defined]
    office.fire("bigbrother-face")
    until(lambda: office.diagnoses._steps.unavailable == 0)  # type: ignore[attr-defined]
    other = office.fire("bigbrother-worker")
    until(lambda: office.found == 1)
    assert causes(office, other) == ["disk_full"]
