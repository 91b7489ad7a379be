"""What runs that went by themselves mean for people."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.procedures.records import RunState
from bigbrother.operations.response.run_findings import run_findings
from bigbrother.operations.store.store import Store
from tests.integration.operations.response.desk import MONDAY_NOON

_RUN = (
    "INSERT INTO run (id, procedure, resource, arguments, steps, fingerprint, state, reason,"
    " asked_by, automatic, created_at, updated_at, ended_at, error)"
    " VALUES (?, ?, 'r', '{}', '[]', '', ?, '', '', ?, ?, 0, 0, 'It broke.')"
)


class Past:
    """Runs of one procedure, one a minute."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def runs(self, *runs: tuple[RunState, bool], procedure: str = "solutions.x") -> None:
        """State of each, and whether it went by itself; the oldest first."""
        begun = [
            (
                f"{procedure}-{number}",
                procedure,
                state,
                automatic,
                (MONDAY_NOON + timedelta(minutes=number)).timestamp(),
            )
            for number, (state, automatic) in enumerate(runs)
        ]
        self.store.write(lambda conn: conn.executemany(_RUN, begun))

    def found(self) -> dict[str, tuple[Status, str]]:
        """By procedure, how it stands and what is said of it."""
        findings = self.store.read(lambda conn: run_findings(conn, MONDAY_NOON))
        return {each.labels["procedure"]: (each.status, each.remedy) for each in findings}


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    """Nothing has ever run."""
    store = Store(tmp_path / "ops.db")
    yield Past(store)
    store.close()


@pytest.mark.parametrize(
    "state", [RunState.FAILED, RunState.UNDONE, RunState.REFUSED, RunState.HELD]
)
def test_one_that_went_wrong_by_itself_is_found_with_the_run_to_look_at(
    past: Past, state: RunState
) -> None:
    past.runs((RunState.SUCCEEDED, True), (state, True))
    status, remedy = past.found()["solutions.x"]
    assert status is Status.FAILED
    assert "bigbrother runs show solutions.x-1" in remedy


@pytest.mark.parametrize("state", [RunState.SUCCEEDED, RunState.CANCELLED, RunState.REJECTED])
def test_one_that_went_well_afterwards_ends_it(past: Past, state: RunState) -> None:
    past.runs((RunState.FAILED, True), (state, True))
    assert past.found()["solutions.x"][0] is Status.PASSED


def test_a_person_who_runs_it_with_success_ends_it_and_one_without_does_not(past: Past) -> None:
    past.runs((RunState.FAILED, True), (RunState.FAILED, False), procedure="solutions.still")
    past.runs((RunState.FAILED, True), (RunState.SUCCEEDED, False), procedure="solutions.ended")
    found = past.found()
    assert found["solutions.still"][0] is Status.FAILED
    assert found["solutions.ended"][0] is Status.PASSED


def test_nothing_is_said_while_it_goes_on_nor_of_what_a_person_broke(past: Past) -> None:
    past.runs((RunState.FAILED, True), (RunState.RUNNING, True), procedure="solutions.going")
    past.runs((RunState.FAILED, False), procedure="solutions.by_hand")
    assert past.found() == {}


def test_a_year_of_runs_does_not_keep_the_watcher_s_file_from_who_pages(past: Past) -> None:
    past.runs(*[(RunState.SUCCEEDED, True)] * 9_000, (RunState.FAILED, True))
    began = time.process_time()
    assert past.found()["solutions.x"][0] is Status.FAILED
    assert time.process_time() - began < 0.25
