"""When silence is a finding, and when it says nothing."""

from datetime import UTC, datetime, timedelta

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.heartbeats import WORKER_UNIT, Heartbeats
from bigbrother.operations.monitoring.units.life import Moment, Running
from bigbrother.operations.monitoring.units.lives import Lives
from bigbrother.operations.monitoring.units.rhythm import Rhythm
from bigbrother.operations.monitoring.units.silence import Silence
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.load import load_runbook

RUNBOOK = load_runbook(None)
UNIT = "bigbrother-face"
FIRST, SECOND = Running(10, 0), Running(11, 100)
HEARD, SILENT = Status.PASSED, Status.FAILED


class HandClock:
    """A clock that the test moves; the wall's and the other one apart."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.monotonic = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic_seconds(self) -> float:
        return self.monotonic

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.monotonic += seconds


def at(seconds: float) -> Moment:
    return Moment(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=seconds), seconds)


def missed(silence: Silence, running: Running | None, seconds: float) -> list[Status]:
    found = silence.missed(running, at(seconds), RUNBOOK, most=2, why="it does not answer")
    return [each.status for each in found]


def test_so_many_silences_in_a_row_are_one_finding() -> None:
    silence = Silence(UNIT)
    silence.heard(FIRST, at(0))
    assert [missed(silence, FIRST, each) for each in (2, 4, 6)] == [[], [SILENT], []]
    assert [each.status for each in silence.heard(FIRST, at(8))] == [HEARD]


def test_an_answer_in_between_begins_the_count_anew() -> None:
    silence = Silence(UNIT)
    for seconds in range(0, 20, 2):
        silence.heard(FIRST, at(seconds))
        assert missed(silence, FIRST, seconds + 1) == []


def test_a_process_that_never_answered_has_its_time_to_start_first() -> None:
    silence = Silence(UNIT)
    silence.heard(FIRST, at(90))
    assert [missed(silence, SECOND, each) for each in (102, 104, 160)] == [[], [], []]
    assert [missed(silence, SECOND, each) for each in (161, 163)] == [[], [SILENT]]


def test_a_unit_that_does_not_run_owes_no_answer() -> None:
    silence = Silence(UNIT)
    silence.heard(FIRST, at(0))
    assert [missed(silence, None, each) for each in (2, 4, 6)] == [[], [], []]


def test_silences_before_a_sleep_are_forgotten() -> None:
    silence = Silence(UNIT)
    silence.heard(FIRST, at(0))
    missed(silence, FIRST, 2)
    silence.forget()
    assert missed(silence, FIRST, 4000) == []


def test_a_machine_that_slept_is_noticed_by_the_wall_and_a_stopped_process_by_the_other() -> None:
    clock = HandClock()

    def sleeps(_seconds: float) -> None:
        clock.wall += timedelta(hours=1)

    def is_stopped(_seconds: float) -> None:
        clock.monotonic += 8

    assert Rhythm(clock, sleeps).pause(2, 5)
    assert Rhythm(clock, is_stopped).pause(2, 5)
    assert not Rhythm(clock, clock.pass_by).pause(2, 5)
    assert not Rhythm(clock, lambda _: clock.pass_by(6.5)).pause(2, 5)


class Worker:
    """A worker unit whose heartbeats the test writes."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.found: list[Finding] = []
        self.lives = Lives(self.clock, lambda: RUNBOOK, lambda _: None)
        self.runs(10)
        self.heartbeats = Heartbeats(self.lives, lambda: RUNBOOK, self.clock, self.found.extend)

    def runs(self, process_id: int) -> None:
        status = UnitStatus(WORKER_UNIT, UnitState.RUNNING, process_id)
        self.lives.seen([status], managed=True)

    def reads(self, newest: bytes | None, *, for_seconds: int) -> list[Status]:
        for _ in range(for_seconds):
            self.clock.pass_by(1)
            self.heartbeats.read(newest)
        return [each.status for each in self.found]


def test_a_worker_is_silent_when_its_heartbeat_stands_still_too_long() -> None:
    worker = Worker()
    worker.reads(b"1", for_seconds=2)
    assert worker.reads(b"2", for_seconds=11) == [HEARD]
    assert worker.reads(b"2", for_seconds=1) == [HEARD, SILENT]
    assert worker.reads(b"3", for_seconds=1) == [HEARD, SILENT, HEARD]


def test_a_database_that_was_away_is_not_the_workers_silence() -> None:
    worker = Worker()
    worker.reads(b"1", for_seconds=2)
    worker.reads(b"2", for_seconds=9)
    worker.heartbeats.begin_anew()
    worker.clock.pass_by(300)
    assert worker.reads(b"2", for_seconds=10) == [HEARD]


def test_a_worker_that_starts_anew_has_its_time_to_start() -> None:
    worker = Worker()
    worker.reads(b"1", for_seconds=2)
    worker.reads(b"2", for_seconds=2)
    worker.runs(11)
    assert worker.reads(b"2", for_seconds=60) == [HEARD]
    assert worker.reads(b"2", for_seconds=1) == [HEARD, SILENT]


def test_a_worker_that_never_gave_a_sign_is_silent_after_its_time_to_start() -> None:
    worker = Worker()
    assert worker.reads(None, for_seconds=60) == []
    assert worker.reads(None, for_seconds=1) == [SILENT]
