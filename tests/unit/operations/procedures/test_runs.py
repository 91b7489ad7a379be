"""A run goes from its first step to its end."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.errors import RunNotThere
from bigbrother.operations.procedures.outcome import Happened
from bigbrother.operations.procedures.records import RunState
from bigbrother.ports.step_runner import StepEnd
from tests.fakes.step_runner import DONE, SKIPPED, Script
from tests.unit.operations.procedures.stage import Stage, document

BROKEN = StepEnd("failed", error="It broke.", remedy="Mend it.")
HOPELESS = StepEnd("failed", error="It is not there.", again=False)


def test_every_step_is_made_once_in_order(stage: Stage) -> None:
    stage.start()
    assert stage.drive().state is RunState.SUCCEEDED
    assert stage.world.effects == [("do", "look"), ("do", "change"), ("do", "repeat")]
    assert stage.steps() == ["do look done", "do change done", "do repeat done"]


def test_whoever_listens_is_told_each_event_that_is_written(stage: Stage) -> None:
    stage.start()
    stage.drive()
    assert [event.kind for event in stage.told] == stage.kinds()[1:]


def test_a_later_step_learns_what_the_earlier_did(stage: Stage) -> None:
    stage.world.scripts["look"] = Script(
        [StepEnd("done", {"summary": "S", "data": {"a": 1}, "skipped": False})]
    )
    stage.start()
    engine = stage.engine()
    engine.drive("run-1")
    work = engine._means.runner.works[-1]  # type: ignore[attr-defined]
    assert work.earlier["look"] == {"summary": "S", "data": {"a": 1}, "skipped": False}


def test_a_step_that_fails_is_tried_again(stage: Stage) -> None:
    stage.world.scripts["change"] = Script([BROKEN, DONE], happened=Happened.NO)
    stage.start()
    assert stage.drive().state is RunState.SUCCEEDED
    assert stage.steps()[1:3] == ["do change failed", "do change done"]


def test_a_failed_step_that_may_have_happened_is_not_repeated(stage: Stage) -> None:
    stage.world.scripts["change"] = Script([BROKEN, DONE], happened=Happened.UNKNOWN)
    stage.start()
    run = stage.drive()
    assert run.state is RunState.UNDONE
    assert stage.world.count("do", "change") == 0
    assert "not tried again" in run.error


def test_a_step_that_says_so_is_not_tried_again(stage: Stage) -> None:
    stage.world.scripts["repeat"] = Script([HOPELESS, DONE])
    stage.start()
    assert stage.drive().state is RunState.UNDONE
    assert stage.steps()[2] == "do repeat failed"


def test_what_was_done_is_taken_back_in_reverse_order(stage: Stage) -> None:
    stage.runbook = document(steps={"good": ["look", "change", "repeat", "boom"]})
    stage.world.scripts["boom"] = Script([BROKEN])
    stage.start()
    run = stage.drive()
    assert (run.state, run.error, run.remedy) == (RunState.UNDONE, "boom: It broke.", "Mend it.")
    assert stage.world.effects[3:] == [("undo", "repeat"), ("undo", "change")]


def test_a_step_that_was_skipped_is_not_taken_back(stage: Stage) -> None:
    stage.world.scripts |= {"change": Script([SKIPPED]), "repeat": Script([HOPELESS])}
    stage.start()
    assert stage.drive().state is RunState.UNDONE
    assert stage.world.count("undo", "change") == 0


def test_a_run_with_nothing_to_take_back_failed(stage: Stage) -> None:
    stage.runbook = document(steps={"good": ["look", "boom"]})
    stage.world.scripts["boom"] = Script([BROKEN])
    stage.start()
    assert stage.drive().state is RunState.FAILED


def test_taking_back_goes_on_past_a_step_that_cannot_be(stage: Stage) -> None:
    stage.runbook = document(steps={"good": ["change", "repeat", "boom"]})
    stage.world.scripts |= {"boom": Script([BROKEN]), "repeat": Script(undo_ends=[HOPELESS])}
    stage.start()
    run = stage.drive()
    assert run.state is RunState.FAILED
    assert "Taking back repeat failed: It is not there." in run.error
    assert stage.world.count("undo", "change") == 1


def test_a_step_that_cannot_be_begun_is_tried_again(stage: Stage) -> None:
    stage.start()
    engine = stage.engine()
    engine._means.runner.unavailable = 1  # type: ignore[attr-defined]
    assert engine.drive("run-1").state is RunState.SUCCEEDED
    assert stage.steps()[0] == "do look failed"


@pytest.mark.parametrize("kind", ["timed-out", "died"])
def test_a_step_that_was_cut_off_and_had_happened_is_done(stage: Stage, kind: str) -> None:
    end = StepEnd(kind, error="Too long.")  # type: ignore[arg-type]
    stage.world.scripts["change"] = Script([end], happened=Happened.YES)
    stage.start()
    assert stage.drive().state is RunState.SUCCEEDED
    assert "do change verified" in stage.steps()


def test_the_pause_between_tries_doubles(stage: Stage) -> None:
    figures = {"repeat": {"attempts": 4, "first_pause": "1s"}}
    stage.runbook = document(steps={"good": ["repeat"]}, figures=figures)
    stage.world.scripts["repeat"] = Script([BROKEN])
    now_seconds = stage.clock.monotonic_seconds

    def passing() -> float:
        stage.clock.forward(0.25)
        return now_seconds()

    stage.clock.monotonic_seconds = passing  # type: ignore[method-assign]
    stage.start()
    stage.drive()
    found = stage.store.read(
        lambda conn: conn.execute("SELECT began_at, ended_at FROM attempt").fetchall()
    )
    waited = [later["began_at"] - row["ended_at"] for row, later in pairwise(found)]
    assert [round(seconds) for seconds in waited[:3]] == [1, 2, 4]


def test_a_run_waits_for_approval_and_goes_on(stage: Stage) -> None:
    stage.runbook = document(figures={"change": {"approval": True}})
    stage.start()
    with stage.driving() as engine:
        stage.until(RunState.WAITING)
        requests.approve(stage.store, "run-1", "bia", stage.clock.now())
        engine.wake()
        stage.until(RunState.SUCCEEDED)
    assert stage.approvals() == [(1, True, "bia")]


def test_a_rejected_run_is_taken_back(stage: Stage) -> None:
    stage.runbook = document(
        steps={"good": ["repeat", "change"]}, figures={"change": {"approval": True}}
    )
    stage.start()
    with stage.driving():
        stage.until(RunState.WAITING)
        requests.reject(stage.store, "run-1", "bia", stage.clock.now(), "Not today.")
        stage.until(RunState.REJECTED)
    assert stage.run().error == "bia rejected change: Not today."
    assert stage.world.effects == [("do", "repeat"), ("undo", "repeat")]


def test_nobody_answering_in_time_is_a_no(stage: Stage) -> None:
    stage.runbook = document(figures={"change": {"approval": True}})
    stage.start()
    with stage.driving():
        stage.until(RunState.WAITING)
        stage.clock.at += timedelta(minutes=31)
        stage.until(RunState.REJECTED)
    assert stage.run().error == "Nobody approved change in time."
    with pytest.raises(RunNotThere):
        requests.approve(stage.store, "run-1", "bia", stage.clock.now())


def test_a_late_yes_is_refused(stage: Stage) -> None:
    stage.runbook = document(figures={"change": {"approval": True}})
    stage.start()
    with stage.driving():
        stage.until(RunState.WAITING)
    stage.clock.at += timedelta(minutes=31)
    with pytest.raises(RunNotThere, match="was over"):
        requests.approve(stage.store, "run-1", "bia", stage.clock.now())


def test_the_same_word_twice_is_once_and_another_is_refused(stage: Stage) -> None:
    stage.runbook = document(figures={"change": {"approval": True}})
    stage.start()
    with stage.driving():
        stage.until(RunState.WAITING)
    requests.approve(stage.store, "run-1", "bia", stage.clock.now())
    requests.approve(stage.store, "run-1", "bia", stage.clock.now())
    with pytest.raises(RunNotThere, match="bia has said yes"):
        requests.reject(stage.store, "run-1", "caio", stage.clock.now())


def test_who_asks_may_approve_at_once(stage: Stage) -> None:
    stage.runbook = document(figures={"change": {"approval": True}})
    stage.start(approved=True)
    assert stage.drive().state is RunState.SUCCEEDED
    assert stage.approvals() == [(1, True, "ana")]


def test_a_cancelled_run_cuts_its_step_off_and_is_taken_back(stage: Stage) -> None:
    stage.world.scripts["repeat"] = Script(blocks=True)
    stage.start()
    with stage.driving():
        stage.until_goes("repeat")
        requests.cancel(stage.store, "run-1", "bia", stage.clock.now(), "Wrong unit.")
        stage.until(RunState.CANCELLED)
    assert stage.run().error == "Cancelled by bia: Wrong unit."
    assert stage.world.effects[2:] == [("undo", "repeat"), ("undo", "change")]


def test_a_cancelled_run_that_had_not_begun_touches_nothing(stage: Stage) -> None:
    stage.start()
    assert requests.cancel(stage.store, "run-1", "bia", stage.clock.now()).state is (
        RunState.CANCELLED
    )
    assert stage.drive().state is RunState.CANCELLED
    assert stage.world.effects == []


def test_a_paused_run_stops_after_its_step_and_goes_on(stage: Stage) -> None:
    stage.start()
    stage.world.on_effect["change"] = lambda: requests.pause(
        stage.store, "run-1", "bia", stage.clock.now()
    )
    assert stage.drive().state is RunState.PAUSED
    assert stage.world.effects == [("do", "look"), ("do", "change")]
    requests.resume(stage.store, "run-1", "bia", stage.clock.now())
    assert stage.drive().state is RunState.SUCCEEDED


def test_an_ended_run_can_be_asked_nothing(stage: Stage) -> None:
    stage.start()
    stage.drive()
    now = stage.clock.now()
    for request in (requests.approve, requests.reject, requests.cancel, requests.pause):
        with pytest.raises(RunNotThere):
            request(stage.store, "run-1", "bia", now)
    with pytest.raises(RunNotThere):
        requests.resume(stage.store, "run-1", "bia", now)
