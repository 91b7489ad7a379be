"""The page of a run in both languages, against hostile texts, and what a yes does there."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.entrypoints.ops.run_pages import RunPages
from bigbrother.operations.alerts.links import LinkKey, make
from bigbrother.operations.procedures import requests
from bigbrother.operations.procedures.history import approvals, find_run
from bigbrother.operations.procedures.records import RunState, StepState
from bigbrother.operations.response.run_links import run_url
from bigbrother.ports.step_runner import StepEnd, StepLine
from bigbrother.runbook.load import load_runbook
from tests.fakes.step_runner import Script
from tests.unit.runbook.probes_of_procedures import Stage, staged
from tests.waiting import until

KEY = LinkKey(bytes(range(32)))
HOSTILE = "<script>alert(1)</script> & 'quotes'"


@pytest.fixture(params=["en", "pt_BR"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:  # noqa: ANN401
    """A run whose second step waits, after a first one that said something hostile."""
    overlay = tmp_path / "runbook.yaml"
    overlay.write_text(f"alert_config: {{language: {request.param}}}\n")
    with staged(load_runbook(overlay)) as made:
        first, second, *others = made.procedure.steps
        made.world.scripts[first.action] = Script(
            ends=(StepEnd("done", {"summary": HOSTILE, "data": {}, "skipped": False}),),
            lines=(StepLine("command", "systemctl status"), StepLine("output", HOSTILE)),
        )
        steps = (first, replace(second, approval=True), *others)
        made.start("run", replace(made.procedure, steps=steps), reason=HOSTILE)
        made.engine._begin_due()
        wait_for(made, RunState.WAITING)
        yield made


def wait_for(stage: Stage, state: RunState) -> None:
    """Until the engine has driven the run so far."""
    until(lambda: stage.store.read(lambda conn: find_run(conn, "run")).state is state)


def put(conn: Connection, *, state: RunState, step: StepState) -> None:
    conn.execute("UPDATE run SET state = ?", (state,))
    conn.execute("UPDATE attempt SET state = ?", (step,))


def pages_of(stage: Stage, number: int = 1) -> tuple[RunPages, str, Any]:
    settings = SimpleNamespace(ops_url="http://127.0.0.1:8090")
    services: Any = SimpleNamespace(
        clock=stage.clock, store=stage.store, runbook=lambda: stage.runbook, settings=settings
    )
    watcher: Any = SimpleNamespace(link_key=KEY, wake_runs=lambda: None)
    url = run_url(services, KEY, "run", number, "ana", stage.clock.now() + timedelta(hours=1))
    assert url.startswith("http://127.0.0.1:8090/runs/")
    return RunPages(services, watcher), url.rpartition("/")[2], services


def test_a_page_shows_what_happened_as_text_and_asks(stage: Stage) -> None:
    pages, token, _ = pages_of(stage)
    status, html = pages.show(token)
    assert status == 200
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 3
    assert f'action="{token}/approve"' in html
    assert "$ systemctl status" in html
    assert ("May" in html) is (stage.runbook.alert_config.language == "en")


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_an_answer_counts_once_and_the_other_one_not_any_more(stage: Stage, decision: Any) -> None:  # noqa: ANN401
    pages, token, _ = pages_of(stage)
    status, html = pages.decide(token, decision)
    assert status == 200
    assert "<form" not in html
    assert "ana" in html
    assert pages.decide(token, decision)[0] == 200
    other: Any = "reject" if decision == "approve" else "approve"
    assert pages.decide(token, other)[0] == 409


def test_a_page_stays_in_words_whatever_becomes_of_the_run(stage: Stage) -> None:
    pages, token, _ = pages_of(stage)
    for state in RunState:
        for step in StepState:
            stage.store.write(partial(put, state=state, step=step))
            status, html = pages.show(token)
            assert status == 200
            words = html.partition(f'class="state {state}">')[2].partition("<")[0]
            assert words.strip()


def test_nobody_is_asked_when_the_time_is_over(stage: Stage) -> None:
    pages, token, services = pages_of(stage)
    stage.clock.forward(stage.runbook.procedures.approval_within.value)
    status, html = pages.show(token)
    assert (status, "<form" in html) == (200, False)
    assert pages.decide(token, "approve")[0] == 409
    requests.cancel(services.store, "run", "ana", stage.clock.now())


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_link_about_one_step_decides_nothing_about_another(stage: Stage, decision: Any) -> None:  # noqa: ANN401
    pages, token, services = pages_of(stage, number=0)
    assert "<form" not in pages.show(token)[1]
    status, html = pages.decide(token, decision)
    assert (status, "<form" in html) == (409, False)
    assert "bigbrother runs approve run" in html
    (asked,) = services.store.read(lambda conn: approvals(conn, "run"))
    assert asked.decided_at is None


def test_a_link_to_acknowledge_opens_no_run(stage: Stage) -> None:
    pages, _, _ = pages_of(stage)
    token = make("run", "ana", "acknowledge", stage.clock.now() + timedelta(hours=1), KEY)
    assert pages.decide(token, "approve")[0] == 403
