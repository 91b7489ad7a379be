"""Runs are listed, found by a part of their ids, and followed by their events."""

from datetime import timedelta

import pytest

from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.errors import RunUnknown
from bigbrother.operations.procedures.history import events, find_run, list_runs, open_runs
from bigbrother.operations.procedures.records import RunState
from tests.unit.operations.procedures.stage import Stage, document


@pytest.fixture
def full(stage: Stage) -> Stage:
    stage.runbook = document(steps={"good": ["look"], "other": ["look"]})
    for number in range(4):
        name = "other" if number % 2 else "good"
        stage.start(name, f"run-{number}", alert_id=f"alert-{number}")
        if number < 3:
            stage.drive(f"run-{number}")
        stage.clock.forward(60)
    return stage


def ids(stage: Stage, **filters: object) -> list[str]:
    found = stage.store.read(lambda conn: list_runs(conn, limit=100, **filters))  # type: ignore[arg-type]
    return [run.id for run in found]


def test_the_newest_run_is_listed_first(full: Stage) -> None:
    assert ids(full) == ["run-3", "run-2", "run-1", "run-0"]
    assert [run.id for run in full.store.read(lambda conn: list_runs(conn, limit=1))] == ["run-3"]


def test_runs_are_listed_by_what_they_are(full: Stage) -> None:
    assert ids(full, procedure="solutions.other") == ["run-3", "run-1"]
    assert ids(full, states=[RunState.QUEUED]) == ["run-3"]
    assert ids(full, states=[RunState.QUEUED, RunState.SUCCEEDED], alert_id="alert-1") == ["run-1"]
    assert ids(full, since=full.clock.now() - timedelta(seconds=121)) == ["run-3", "run-2"]
    assert [run.id for run in full.store.read(open_runs)] == ["run-3"]


def test_a_part_of_an_id_names_a_run_where_it_names_one(full: Stage) -> None:
    def found(reference: str) -> str:
        return full.store.read(lambda conn: find_run(conn, reference)).id

    assert (found("n-2"), found("last"), found("run-1")) == ("run-2", "run-3", "run-1")
    for reference, said in (("run", "part of"), ("", "no run"), ("run-9", "no run")):
        with pytest.raises(RunUnknown, match=said):
            found(reference)


def test_whoever_watches_gets_what_came_after(full: Stage) -> None:
    every = full.store.read(lambda conn: events(conn, limit=1000))
    mine = full.store.read(lambda conn: events(conn, "run-1", limit=1000))
    assert [event for event in every if event.run_id == "run-1"] == list(mine)
    after = full.store.read(lambda conn: events(conn, "run-1", after=mine[1].id, limit=1))
    assert after == mine[2:3]


def test_a_request_names_a_run_by_a_part_of_its_id(full: Stage) -> None:
    assert requests.cancel(full.store, "n-3", "bia", full.clock.now()).id == "run-3"
