"""Runs that wait until a person has looked."""

import pytest

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.errors import RunNotThere
from bigbrother.operations.procedures.outcome import Happened
from bigbrother.operations.procedures.records import RunState
from tests.fakes.step_runner import Script
from tests.unit.operations.procedures.stage import Stage, document

FEWER = document(steps={"good": ["look", "repeat"]})


def interrupted(stage: Stage, action: str) -> None:
    """A watcher that stopped while this step went on."""
    script = stage.world.scripts.setdefault(action, Script())
    script.blocks = True
    stage.start()
    with stage.driving():
        stage.until_goes(action)
    script.blocks = False


def test_a_run_whose_procedure_changed_shows_the_difference(stage: Stage) -> None:
    interrupted(stage, "change")
    stage.runbook = FEWER
    run = stage.drive()
    assert (run.state, run.held) == (RunState.HELD, "changed")
    assert "- change" in run.error.splitlines()
    assert "  repeat" in run.error.splitlines()
    assert stage.drive().state is RunState.HELD


def test_it_goes_on_with_the_steps_that_it_began_with(stage: Stage) -> None:
    interrupted(stage, "change")
    stage.runbook = FEWER
    stage.drive()
    requests.resume(stage.store, "run-1", "bia", stage.clock.now())
    assert stage.drive().state is RunState.SUCCEEDED
    assert [action for _, action in stage.world.effects] == ["look", "change", "repeat"]


def test_it_is_held_again_when_the_procedure_changes_again(stage: Stage) -> None:
    interrupted(stage, "change")
    stage.runbook = FEWER
    stage.drive()
    requests.resume(stage.store, "run-1", "bia", stage.clock.now())
    stage.runbook = document(steps={"other": ["look"]})
    run = stage.drive()
    assert (run.state, run.held) == (RunState.HELD, "changed")
    assert "has no procedure solutions.good any more" in run.error


def test_it_is_taken_back_when_somebody_cancels(stage: Stage) -> None:
    interrupted(stage, "repeat")
    stage.runbook = FEWER
    stage.drive()
    requests.cancel(stage.store, "run-1", "bia", stage.clock.now())
    assert stage.drive().state is RunState.CANCELLED
    assert ("undo", "change") in stage.world.effects


def test_longer_limits_are_no_change(stage: Stage) -> None:
    interrupted(stage, "change")
    stage.runbook = document(figures={"change": {"within": "1h", "attempts": 5}})
    assert stage.drive().state is RunState.SUCCEEDED


def unknown(stage: Stage) -> None:
    stage.world.scripts["change"] = Script(happened=Happened.UNKNOWN)
    interrupted(stage, "change")
    run = stage.drive()
    assert (run.state, run.held) == (RunState.HELD, "unknown")
    assert run.error.startswith("change was cut off")


def test_a_step_that_nobody_knows_of_is_not_repeated_before_a_person_says_so(stage: Stage) -> None:
    unknown(stage)
    with pytest.raises(RunNotThere, match="--settle"):
        requests.resume(stage.store, "run-1", "bia", stage.clock.now())
    requests.resume(stage.store, "run-1", "bia", stage.clock.now(), "again")
    assert stage.drive().state is RunState.SUCCEEDED
    assert "do change done" in stage.steps()


def test_a_step_that_a_person_found_done_is_not_repeated(stage: Stage) -> None:
    unknown(stage)
    requests.resume(stage.store, "run-1", "bia", stage.clock.now(), "done")
    assert stage.drive().state is RunState.SUCCEEDED
    assert ("do", "change") not in stage.world.effects
    assert "do change verified" in stage.steps()


def test_only_a_step_that_nobody_knows_of_is_settled(stage: Stage) -> None:
    interrupted(stage, "change")
    stage.runbook = FEWER
    stage.drive()
    with pytest.raises(RunNotThere, match="no step that is to be settled"):
        requests.resume(stage.store, "run-1", "bia", stage.clock.now(), "done")


def test_a_step_that_ends_its_watcher_every_time_waits_for_a_person(stage: Stage) -> None:
    stage.runbook = document(steps={"good": ["repeat"]}, interruptions=3)
    stage.world.scripts["repeat"] = Script(blocks=True)
    stage.start()
    for number in (1, 2, 3):
        with stage.driving():
            stage.until_kind("step.began", number)
            stage.until_goes("repeat")
    run = stage.drive()
    assert (run.state, run.error) == (RunState.HELD, "repeat was cut off 3 times.")
    stage.world.scripts["repeat"].blocks = False
    requests.resume(stage.store, "run-1", "bia", stage.clock.now(), "again")
    assert stage.drive().state is RunState.SUCCEEDED


def test_a_held_run_keeps_its_resource(stage: Stage) -> None:
    unknown(stage)
    stage.clock.forward(1)
    other = stage.start_on("solutions", "run-2")
    assert other.id == "run-1"
    assert stage.start(run_id="run-3").state is RunState.REFUSED
