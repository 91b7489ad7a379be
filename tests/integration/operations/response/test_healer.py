"""What alerts start, on a real ops.db: once each, for as long as somebody needs it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.procedures import history, requests
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.procedures.errors import ActionUnknown
from bigbrother.operations.procedures.records import Run, RunState
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.response.healer import Healer
from bigbrother.operations.response.starting import Starter
from tests.fakes.clock import FakeClock
from tests.fakes.step_runner import FakeStepRunner, World
from tests.integration.operations.response.desk import MONDAY_NOON, Desk, document
from tests.waiting import until

FACE = "bigbrother-face"
LABELS = {"unit": FACE}


class Ward:
    """A desk, and a healer that is asked by hand."""

    def __init__(self, folder: Path, policy: str = "automatic", actions: Any = ACTIONS) -> None:  # noqa: ANN401
        cures = {name: {"policy": policy, "after": "0s"} for name in ("unit_down", "unit_silent")}
        overlay = {"response": {"cures": cures}, "alerts": {"inhibitions": []}}
        self.folder = folder
        self.desk = Desk(folder, document(folder, overlay))
        self.actions = actions
        self.world = World()
        self.quiet: set[str] = set()
        self.begin()

    def begin(self) -> None:
        """A watcher that knows nothing but ops.db."""
        desk, runbook = self.desk, self.desk.runbook
        starter = Starter(desk.store, self.actions, lambda: runbook, self.folder, lambda: None)
        self.healer = Healer(desk.store, starter, lambda: runbook)

    def fire(self, *names: str) -> list[Alert]:
        """Alerts about the face unit fire."""
        for name in names:
            # One after the other, so that the first one's run is the one that others join.
            self.desk.pass_time(seconds=1)
            self.desk.find(Finding(name, Status.FAILED, self.desk.now, labels=LABELS))
        return [alert for name in names for alert in self.open() if alert.name == name]

    def end(self, name: str) -> None:
        """One of them is over."""
        self.desk.find(Finding(name, Status.PASSED, self.desk.now, labels=LABELS))
        self.desk.pass_time(minutes=30)
        assert name not in {alert.name for alert in self.open()}

    def open(self) -> tuple[Alert, ...]:
        return self.desk.book.open_alerts()

    def round(self) -> None:
        """As the watcher makes it."""
        self.healer.tick(self.open(), lambda alert: alert.id in self.quiet, self.desk.now)
        self.healer.drop_needless(self.open(), self.desk.now)

    def runs(self) -> tuple[Run, ...]:
        """The oldest first."""
        found = self.desk.store.read(lambda conn: history.list_runs(conn, limit=100))
        return tuple(reversed(found))

    def put(self, run: Run, state: RunState) -> None:
        """As whoever drives the run would leave it."""
        ended = self.desk.now.timestamp() if state is RunState.SUCCEEDED else None
        self.desk.store.write(
            lambda conn: conn.execute(
                "UPDATE run SET state = ?, ended_at = ? WHERE id = ?", (state, ended, run.id)
            )
        )


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """One whose cures begin by themselves, at once."""
    made = Ward(tmp_path)
    yield made
    made.desk.store.close()


def test_a_storm_about_one_unit_starts_one_run_however_often_it_is_looked_at(ward: Ward) -> None:
    ward.fire("unit_down", "unit_silent")
    for _ in range(3):
        ward.round()
    ward.begin()
    ward.round()
    (run,) = ward.runs()
    assert (run.procedure, run.automatic) == ("service_recovery.face_analyzer", True)


def test_a_unit_is_not_recovered_twice_since_the_watcher_began_anew(ward: Ward) -> None:
    down, _ = ward.fire("unit_down", "unit_silent")
    ward.round()
    (run,) = ward.runs()
    ward.put(run, RunState.RUNNING)
    ward.desk.book.acknowledge(down.id, "ana", ward.desk.now)
    ward.round()
    ward.put(run, RunState.SUCCEEDED)
    ward.begin()
    ward.round()
    assert ward.runs() == (ward.runs()[0],)


@pytest.mark.parametrize("hushed", ["acknowledged", "silenced"])
def test_nothing_is_begun_for_an_alert_that_is(ward: Ward, hushed: str) -> None:
    (alert,) = ward.fire("unit_down")
    if hushed == "acknowledged":
        ward.desk.book.acknowledge(alert.id, "ana", ward.desk.now)
    else:
        ward.quiet.add(alert.id)
    ward.round()
    assert ward.runs() == ()


def test_a_run_that_waits_its_turn_does_not_begin_once_somebody_took_the_alert_on(
    ward: Ward,
) -> None:
    (alert,) = ward.fire("unit_down")
    ward.round()
    ward.desk.book.acknowledge(alert.id, "ana", ward.desk.now)
    ward.round()
    (run,) = ward.runs()
    assert run.state is RunState.CANCELLED


def test_a_run_that_waits_its_turn_does_not_begin_once_the_alert_is_over(ward: Ward) -> None:
    ward.fire("unit_down")
    ward.round()
    ward.end("unit_down")
    ward.round()
    (run,) = ward.runs()
    assert run.state is RunState.CANCELLED


def test_a_run_that_goes_on_is_brought_to_its_end_though_the_alert_is_over(ward: Ward) -> None:
    ward.fire("unit_down")
    ward.round()
    ward.put(ward.runs()[0], RunState.RUNNING)
    ward.end("unit_down")
    ward.round()
    assert not ward.runs()[0].cancel_asked


def test_a_run_that_waits_stays_while_another_alert_needs_it(ward: Ward) -> None:
    ward.fire("unit_down", "unit_silent")
    ward.round()
    ward.put(ward.runs()[0], RunState.WAITING)
    ward.end("unit_down")
    for again in (False, True):
        if again:
            ward.begin()
        ward.round()
        (run,) = ward.runs()
        assert (run.state, run.cancel_asked) == (RunState.WAITING, False)
    ward.end("unit_silent")
    ward.round()
    assert ward.runs()[0].cancel_asked


def test_an_alert_does_not_join_a_run_that_is_being_ended(ward: Ward) -> None:
    ward.fire("unit_down")
    ward.round()
    (dying,) = ward.runs()
    ward.put(dying, RunState.RUNNING)
    requests.cancel(ward.desk.store, dying.id, "ana", ward.desk.now)
    ward.fire("unit_silent")
    ward.round()
    assert len(ward.runs()) == 2


def test_alerts_whose_run_is_over_start_none_and_stand_before_nobody_s(ward: Ward) -> None:
    ward.fire("unit_down")
    ward.round()
    (first,) = ward.runs()
    ward.put(first, RunState.SUCCEEDED)
    ward.round()
    assert len(ward.runs()) == 1
    # The first alert still fires; the second has come after its run.
    ward.desk.pass_time(seconds=30)
    ward.fire("unit_silent")
    ward.round()
    assert len(ward.runs()) == 2


def test_alerts_that_joined_a_run_start_none_of_their_own_once_it_is_over(ward: Ward) -> None:
    ward.fire("unit_down", "unit_silent")
    ward.round()
    (run,) = ward.runs()
    ward.put(run, RunState.SUCCEEDED)
    ward.end(next(each.name for each in ward.open() if each.id == run.alert_id))
    assert len(ward.open()) == 1
    ward.round()
    ward.begin()
    ward.round()
    assert len(ward.runs()) == 1


def test_an_alert_that_comes_and_goes_does_not_start_runs_for_ever(ward: Ward) -> None:
    most = ward.desk.runbook.procedures.most
    for _ in range(most + 2):
        ward.fire("unit_down")
        ward.round()
        for run in ward.runs():
            if run.state is RunState.QUEUED:
                ward.put(run, RunState.SUCCEEDED)
        ward.desk.find(ward.desk.up(FACE))
        ward.desk.pass_time(minutes=1)
    done = [run for run in ward.runs() if run.state is not RunState.REFUSED]
    assert len(done) <= most


def test_one_cure_that_cannot_begin_keeps_no_other_from_beginning(tmp_path: Path) -> None:
    lacking = {name: each for name, each in ACTIONS.items() if name != "verify_health"}
    ward = Ward(tmp_path, actions=lacking)
    ward.fire("unit_down")
    ward.desk.find(Finding("disk_space", Status.FAILED, ward.desk.now))
    ward.desk.pass_time(minutes=10)
    with pytest.raises(ActionUnknown):
        ward.round()
    assert [run.procedure for run in ward.runs()] == ["solutions.free_disk"]
    ward.desk.store.close()


def test_asked_for_it_looks_by_itself_and_changes_nothing_before_a_person_says_yes(
    tmp_path: Path,
) -> None:
    ward = Ward(tmp_path, policy="ask")
    desk, clock = ward.desk, FakeClock(MONDAY_NOON)
    ward.fire("unit_down")
    ward.round()
    (run,) = ward.runs()
    engine = Engine(
        desk.store, FakeStepRunner(ward.world), ACTIONS, lambda: desk.runbook, clock, tmp_path
    )
    engine.start()
    until(lambda: ward.runs()[0].state is RunState.WAITING)
    assert not any(ACTIONS[name].changes for _, name in ward.world.effects)
    (asked,) = desk.store.read(lambda conn: history.approvals(conn, run.id))
    assert ACTIONS[run.steps[asked.number].action].changes
    ward.end("unit_down")
    ward.round()
    until(lambda: ward.runs()[0].state is RunState.CANCELLED)
    engine.stop()
    desk.store.close()
