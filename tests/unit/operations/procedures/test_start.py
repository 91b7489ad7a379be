"""Whether a run begins, and which."""

from datetime import timedelta

import pytest
from pydantic import JsonValue

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.errors import ActionUnknown, ArgumentsRefused
from bigbrother.operations.procedures.procedure import PlannedStep, Procedure
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.procedures.start import Asking, start
from tests.unit.operations.procedures.stage import Stage, document

FREEZE = {"name": "year end", "cron": "0 0 * * *", "lasts": "12h", "time_zone": "UTC"}
STEPS = {"good": ["look", "change", "repeat"], "other": ["change"], "looks": ["look"]}


def test_the_same_id_is_the_same_run(stage: Stage) -> None:
    first = stage.start()
    second = stage.start(reason="Another.")
    assert second == first
    assert stage.kinds() == ["run.queued"]


def test_an_id_that_is_no_name_is_refused(stage: Stage) -> None:
    for run_id in ("", "../x", "a b", "x" * 201):
        with pytest.raises(ArgumentsRefused):
            stage.start(run_id=run_id)


def unit_procedure(**bound: JsonValue) -> Procedure:
    steps = tuple(
        PlannedStep(action, bound, 5, 1, 0, approval=False) for action in ("look", "of_unit")
    )
    return Procedure("solutions.good", steps, "solutions")


def begun(stage: Stage, procedure: Procedure, **arguments: JsonValue) -> dict[str, JsonValue]:
    asking = Asking("run-1", "ana", "A test.")
    run, _ = start(stage.store, procedure, arguments, asking, stage.ground, stage.clock.now())
    return dict(run.arguments)


def test_a_step_takes_the_arguments_that_it_names(stage: Stage) -> None:
    assert begun(stage, unit_procedure(), unit="bigbrother-face") == {"unit": "bigbrother-face"}


@pytest.mark.parametrize(
    ("bound", "given", "said", "remedy"),
    [
        ({}, {"unti": "bigbrother-face"}, "takes 'unti'", "Did you mean 'unit'?"),
        ({}, {}, "needs 'unit'", "--arg unit="),
        ({}, {"unit": "Face"}, "cannot take unit='Face'", "--arg unit="),
        ({"unit": "bigbrother-face"}, {"unit": "bigbrother-db"}, "binds 'unit'", "Leave it out."),
    ],
)
def test_arguments_that_no_step_can_do_with_are_refused(
    stage: Stage,
    bound: dict[str, JsonValue],
    given: dict[str, JsonValue],
    said: str,
    remedy: str,
) -> None:
    with pytest.raises(ArgumentsRefused) as refused:
        begun(stage, unit_procedure(**bound), **given)
    assert said in refused.value.detail
    assert remedy in refused.value.remedy
    assert stage.store.read(lambda conn: conn.execute("SELECT 1 FROM run").fetchone()) is None


def test_a_step_that_the_product_cannot_make_is_refused(stage: Stage) -> None:
    procedure = Procedure("p", (PlannedStep("chnge", {}, 5, 1, 0, approval=False),), "r")
    with pytest.raises(ActionUnknown, match="Did you mean 'change'"):
        begun(stage, procedure)


def test_a_person_is_told_of_the_run_that_holds_the_resource(stage: Stage) -> None:
    stage.runbook = document(steps=STEPS)
    stage.start()
    refused = stage.start("other", "run-2", insist=True)
    assert refused.state is RunState.REFUSED
    assert "run-1" in refused.error
    assert "bigbrother runs cancel run-1" in refused.remedy
    assert stage.drive("run-2").state is RunState.REFUSED
    assert stage.drive("run-1").state is RunState.SUCCEEDED
    assert stage.start("other", "run-3").state is RunState.QUEUED


def test_what_runs_by_itself_joins_the_same_and_queues_behind_another(stage: Stage) -> None:
    stage.runbook = document(steps=STEPS)
    stage.start(automatic=True)
    assert stage.start("good", "run-2", automatic=True).id == "run-1"
    stage.clock.forward(1)
    other = stage.start("other", "run-3", automatic=True)
    assert (other.id, other.state) == ("run-3", RunState.QUEUED)
    with stage.driving():
        stage.until(RunState.SUCCEEDED, "run-3")
    assert stage.world.effects[:3] == [("do", "look"), ("do", "change"), ("do", "repeat")]
    assert stage.run("run-1").state is RunState.SUCCEEDED


def test_nothing_changes_in_a_freeze_unless_a_person_insists(stage: Stage) -> None:
    stage.runbook = document(steps=STEPS, freezes=[FREEZE])
    refused = stage.start()
    assert refused.state is RunState.REFUSED
    assert refused.error == "The change freeze 'year end' lasts until 2030-05-01 12:00 UTC."
    assert stage.start("looks", "run-2").state is RunState.QUEUED
    assert stage.drive("run-2").state is RunState.SUCCEEDED
    assert stage.start("good", "run-3", insist=True).state is RunState.QUEUED
    assert stage.drive("run-3").state is RunState.SUCCEEDED


def test_a_run_that_waited_into_a_freeze_touches_nothing(stage: Stage) -> None:
    stage.start()
    stage.runbook = document(freezes=[FREEZE])
    assert stage.drive().state is RunState.REFUSED
    assert stage.world.effects == []


def test_a_resource_is_changed_by_itself_only_so_often(stage: Stage) -> None:
    stage.runbook = document(most=2, most_within="1h")
    for number in (1, 2):
        stage.start(run_id=f"run-{number}", automatic=True)
        stage.drive(f"run-{number}")
    refused = stage.start(run_id="run-3", automatic=True)
    assert refused.state is RunState.REFUSED
    assert "2 runs have changed solutions by themselves within 1h" in refused.error
    assert stage.start(run_id="run-4").state is RunState.QUEUED
    requests.cancel(stage.store, "run-4", "ana", stage.clock.now())
    stage.clock.at += timedelta(hours=1)
    assert stage.start(run_id="run-5", automatic=True).state is RunState.QUEUED


def test_a_run_needs_room_unless_it_makes_room(stage: Stage) -> None:
    stage.free_bytes = 49_000_000
    refused = stage.start()
    assert (refused.state, "49 MB are free" in refused.error) == (RunState.REFUSED, True)
    stage.runbook = document(despite_full_disk=["solutions.g*"])
    assert stage.start(run_id="run-2").state is RunState.QUEUED
