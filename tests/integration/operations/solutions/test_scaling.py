"""More threads where the processors have room, fewer where requests wait, nothing by guess."""

import os
from dataclasses import replace

import pytest

from bigbrother.operations.procedures.action import Arguments
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from tests.fakes.face_service import FakeFaceService
from tests.integration.operations.solutions.place import ACTIONS, Place


def loaded(answers_per_second: float = 1.0, **figures: float) -> Outcome:
    """What measure_load is said to have found."""
    given = {"cpu_busy_ratio": 0.5, "median_seconds": 0.05, "waiting_items": 0, **figures}
    return Outcome("", {"measured": {"answers_per_second": answers_per_second}, **given})


def test_what_made_requests_slower_is_taken_back(here: Place) -> None:
    with pytest.raises(StepFailed, match="It got worse: requests answered"):
        here.run("scale resources", measure_load=loaded(answers_per_second=1e6))
    assert here.face.gate.threads == 1
    assert here.tuned.figures() == ()


def test_idle_processors_get_more_threads_and_the_answers_are_counted(here: Place) -> None:
    done = here.run("scale resources")
    assert done["scale_workers"].summary == "No image of a batch waits."
    assert done["scale_threads"].data["before"] == 1
    assert here.face.gate.threads == max(2, os.cpu_count() or 1)
    effect = done["measure_effect"].data
    assert effect["before"] == done["measure_load"].data["measured"]
    assert effect["after"] == effect["measured"] != effect["before"]


def test_busy_processors_get_no_more_threads(here: Place) -> None:
    here.edit(serving={"document_every": "50ms", "images_at_once": 64})
    done = here.run("scale resources", measure_load=loaded(cpu_busy_ratio=0.95))
    assert all(done[step].skipped for step in ("scale_workers", "scale_threads"))
    assert done["measure_effect"].skipped
    assert "would only wait" in done["scale_threads"].summary


def test_a_worker_with_waiting_work_takes_more_chunks_at_a_time(here: Place) -> None:
    usual = here.worker.chunks_at_once
    done = {"measure_load": loaded(waiting_items=500)}
    here.do("scale_workers", "run-1", done)
    assert here.worker.chunks_at_once == usual + 1
    assert here.worker.pool.max_size == here.worker.queue_pool.max_size == usual + 4
    verify = ACTIONS["scale_workers"].verify
    assert verify is not None
    assert verify(here.context("run-1", {}), Arguments()) is Happened.YES
    assert verify(here.context("run-2", {}), Arguments()) is Happened.NO
    here.undo("scale_workers", "run-1", {})
    assert here.worker.chunks_at_once == usual


def test_batches_step_back_while_requests_are_slow(here: Place) -> None:
    slow = loaded(waiting_items=500, cpu_busy_ratio=0.99, median_seconds=5)
    found = here.do("scale_workers", "run-1", {"measure_load": slow})
    assert here.worker.chunks_at_once == 1
    assert found.data["given_up"] == ["items_per_second"]


def test_a_plan_measures_and_changes_nothing(here: Place) -> None:
    plans = here.plans("scale resources")
    assert "Would let 2 images" in plans[2] or "busy" in plans[2]
    assert here.tuned.figures() == ()
    assert here.face.gate.threads == 1


def test_a_figure_counts_also_while_the_face_unit_is_down(here: Place) -> None:
    there = here.actions
    here.actions = replace(there, face=FakeFaceService(down=True))
    here.do("scale_threads", "run-1", {"measure_load": loaded()})
    here.actions = there
    assert [figure.name for figure in here.tuned.figures()] == ["images_at_once"]
    assert any("once it runs" in line for line in here.said.lines)
