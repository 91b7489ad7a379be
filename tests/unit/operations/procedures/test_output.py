"""Of what a step says, the beginning and the end are kept."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigbrother.operations.procedures.history import events
from bigbrother.operations.procedures.output import CUT, Kept, Spot
from bigbrother.operations.procedures.records import RunEvent, RunState
from bigbrother.ports.step_runner import StepLine
from tests.fakes.step_runner import Script
from tests.unit.operations.procedures.stage import Stage, document


def said(stage: Stage) -> list[RunEvent]:
    kinds = ("line", "output", "command", "exit", CUT)
    found = stage.store.read(lambda conn: events(conn, "run-1", limit=100_000))
    return [event for event in found if event.kind in kinds]


def test_every_command_and_its_end_is_in_the_journal(stage: Stage) -> None:
    stage.world.scripts["look"] = Script(
        lines=(
            StepLine("command", "systemctl status x"),
            StepLine("output", "active"),
            StepLine("exit", "", {"exit": 0, "seconds": 0.1}),
        )
    )
    stage.start()
    stage.drive()
    found = [(event.kind, event.data["text"], event.data["action"]) for event in said(stage)]
    assert found == [
        ("command", "systemctl status x", "look"),
        ("output", "active", "look"),
        ("exit", "", "look"),
    ]
    assert (said(stage)[2].data["exit"], said(stage)[2].data["seconds"]) == (0, 0.1)


def test_much_output_keeps_its_beginning_and_its_end(stage: Stage) -> None:
    stage.runbook = document(output="1 kB")
    lines = tuple(StepLine("output", f"line {number:05}") for number in range(5000))
    stage.world.scripts["look"] = Script(lines=lines)
    stage.start()
    assert stage.drive().state is RunState.SUCCEEDED
    found = said(stage)
    texts = [str(event.data.get("text", "")) for event in found]
    assert sum(map(len, texts)) <= 1000
    assert texts[0] == "line 00000"
    assert texts[-1] == "line 04999"
    cut = next(event for event in found if event.kind == CUT)
    assert cut.data["bytes"] == 50_000 - sum(map(len, texts))


def test_one_endless_line_keeps_its_beginning_and_its_end(stage: Stage) -> None:
    stage.runbook = document(output="1 kB")
    line = "a" + "x" * 10**6 + "z"
    stage.world.scripts["look"] = Script(lines=(StepLine("output", line),))
    stage.start()
    stage.drive()
    (event,) = said(stage)
    text = str(event.data["text"])
    assert (text[0], text[-1], len(text) <= 500) == ("a", "z", True)


def test_bytes_that_are_no_text_stop_nothing(stage: Stage) -> None:
    stage.world.scripts["look"] = Script(lines=(StepLine("output", "\udcff"),))
    stage.start()
    assert stage.drive().state is RunState.SUCCEEDED


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder: Path = tmp_path_factory.mktemp("output")
    return Stage(folder)


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    batches=st.lists(st.lists(st.text(max_size=30), max_size=8), max_size=8),
    half=st.integers(50, 120),
)
def test_in_whatever_pieces_it_comes(one: Stage, batches: list[list[str]], half: int) -> None:
    one.store.write(lambda conn: conn.execute("DELETE FROM run"))
    one.start()
    kept = Kept(half)
    for batch in batches:
        lines = [StepLine("output", text) for text in batch]
        kept = one.store.write(
            lambda conn, kept=kept, lines=lines: kept.write(  # type: ignore[misc]
                Spot(conn, "run-1", one.clock.now(), {}), lines
            )[0]
        )
    spoken = [_as_kept(text, half) for batch in batches for text in batch]
    found = said(one)
    texts = [str(event.data["text"]) for event in found if event.kind != CUT]
    cut = [index for index, event in enumerate(found) if event.kind == CUT]
    if not cut:
        assert texts == spoken
        return
    (at,) = cut
    assert texts[:at] == spoken[:at]
    assert texts[at:] == spoken[len(spoken) - (len(texts) - at) :]
    left_out = sum(len(text.encode()) for text in spoken) - sum(len(t.encode()) for t in texts)
    assert found[at].data["bytes"] == left_out > 0
    assert sum(len(text.encode()) for text in texts) <= 2 * half


def _as_kept(text: str, half: int) -> str:
    if len(text.encode()) <= half:
        return text
    part = (half - 7) // 8
    return f"{text[:part]} [...] {text[-part:]}"
