"""Steps in real processes: they end in time, with everything they started, whoever dies first."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest
from pydantic import JsonValue

from bigbrother import processes
from bigbrother.adapters.step_runner import MARK, ProcessStepRunner
from bigbrother.ports.step_runner import (
    StepEnd,
    StepLine,
    StepPhase,
    StepRunnerUnavailable,
    StepWork,
)
from tests.integration.operations.procedures.step_child import SECRET
from tests.waiting import until

_ROOT = Path(__file__).parents[4]
_CHILD = "tests.integration.operations.procedures.step_child"
_DRIVER = """
import sys
from tests.integration.operations.procedures.test_step_process import runner_in, work
from pathlib import Path
folder = Path(sys.argv[1])
step = runner_in(folder).begin(work("linger", folder, within_seconds=60))
step.go()
for line in step.lines():
    print(step.process_id, step.process_started, flush=True)
"""


def work(
    action: str,
    folder: Path = Path("/"),
    *,
    text: str = "",
    phase: StepPhase = "do",
    within_seconds: float = 20,
    arguments: Mapping[str, JsonValue] | None = None,
) -> StepWork:
    before: dict[str, JsonValue] = {"summary": "made 3", "data": {"made": 3}, "skipped": False}
    return StepWork(
        "run-1",
        action,
        phase,
        {"folder": str(folder), "text": text} if arguments is None else arguments,
        {"before": before, "echo": before},
        "because",
        within_seconds,
    )


def runner_in(folder: Path) -> ProcessStepRunner:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT)}
    return ProcessStepRunner((sys.executable, "-m", _CHILD, str(folder)), environment)


@pytest.fixture
def runner(tmp_path: Path) -> ProcessStepRunner:
    return runner_in(tmp_path)


def ran(runner: ProcessStepRunner, asked: StepWork) -> tuple[list[StepLine], StepEnd]:
    step = runner.begin(asked)
    step.go()
    lines = list(step.lines())
    end = step.end()
    assert processes.session_members(step.process_id) == set()
    return lines, end


def text_of(lines: list[StepLine]) -> str:
    return "\n".join(line.text for line in lines)


def family(folder: Path, name: str = "family") -> list[int]:
    file = folder / name
    return [int(word) for word in file.read_text().split()] if file.exists() else []


def all_gone(process_ids: list[int]) -> bool:
    return all(processes.started(process_id) is None for process_id in process_ids)


def test_the_time_limit_ends_a_stopped_step_with_grandchildren_that_ignore_signals(
    runner: ProcessStepRunner, tmp_path: Path
) -> None:
    # On a busy machine the first limits may be over before the family is complete.
    for limit_seconds in (1.5, 6, 24):
        (tmp_path / "family").unlink(missing_ok=True)
        asked = work("linger", tmp_path, text="stop", within_seconds=limit_seconds)
        step = runner.begin(asked)
        step.go()
        lines, end = list(step.lines()), step.end()
        assert end.kind == "timed-out"
        assert f"{limit_seconds:g} s" in end.error
        assert all_gone([step.process_id, *family(tmp_path)])
        if len(family(tmp_path)) == 4:
            break
    assert len(family(tmp_path)) == 4
    assert "lingering" in text_of(lines)


def test_a_step_ends_with_all_it_started_when_whoever_drives_it_is_killed(tmp_path: Path) -> None:
    driver = subprocess.Popen(
        (sys.executable, "-c", _DRIVER, str(tmp_path)),
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert driver.stdout is not None
    process_id, began = driver.stdout.readline().split()
    assert processes.started(int(process_id)) == float(began)
    until(lambda: len(family(tmp_path)) == 4)
    driver.kill()
    driver.wait()
    driver.stdout.close()
    until(lambda: all_gone([int(process_id), *family(tmp_path)]))
    runner_in(tmp_path).make_sure_gone(int(process_id), float(began))


def test_what_a_dead_watcher_left_is_ended_and_a_stranger_of_the_same_number_is_not() -> None:
    environment = {"PATH": os.environ["PATH"], MARK: "1"}
    left = subprocess.Popen(
        ("sh", "-c", "sleep 300 & wait"), start_new_session=True, env=environment
    )
    until(lambda: len(processes.session_members(left.pid)) == 2)
    began = processes.started(left.pid)
    assert began is not None
    runner = runner_in(Path("/"))
    for other in (began - 1, began + 0.0001):
        runner.make_sure_gone(left.pid, other)
        assert len(processes.session_members(left.pid)) == 2
    # Its leader is gone already, what it began is not.
    left.kill()
    left.wait()
    runner.make_sure_gone(left.pid, began)
    assert processes.session_members(left.pid) == set()
    runner.make_sure_gone(left.pid, began)


def test_much_output_and_output_that_is_no_text_is_told_in_bounds(
    runner: ProcessStepRunner,
) -> None:
    lines, end = ran(runner, work("flood"))
    assert end.kind == "done", end
    told = text_of(lines)
    assert len(told) < 64_000 * 1.2
    data = end.answer["data"]
    assert isinstance(data, dict)
    assert data["characters"] == pytest.approx(64_000, rel=0.2)
    for heard in ("the-end", "lines left out", "still heard", "printed by the step", "on stderr"):
        assert heard in told
    exits = [line.data["exit"] for line in lines if line.kind == "exit"]
    assert exits == [0, 0, 0, 0]
    assert [line.text for line in lines if line.kind == "command"][-1] == "echo 'still heard'"


def test_secrets_are_in_nothing_that_is_told(runner: ProcessStepRunner, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "admin.token").write_text("bb_admin_of_this_home\n")
    (tmp_path / "etc" / "secrets").mkdir()
    (tmp_path / "etc" / "secrets" / "mail").write_text(f"{SECRET}\n")
    lines, end = ran(runner, work("leak", tmp_path, text="pass word"))
    assert (end.kind, end.again) == ("failed", False)
    told = text_of(lines) + end.error + end.remedy
    for secret in (
        SECRET,
        "pass word",
        "from-the-environment",
        "in-the-address",
        "in-an-option",
        "bb_admin_of_this_home",
    ):
        assert secret not in told, told
    # A word so short stands in harmless output, too.
    assert "echo --token [redacted]" in told
    assert told.count("[redacted]") >= 9


def test_a_step_that_crashes_has_died_and_leaves_nothing(runner: ProcessStepRunner) -> None:
    lines, end = ran(runner, work("crash"))
    assert end.kind == "died"
    assert "SIGSEGV" in end.error
    assert "about to crash" in text_of(lines)


def test_a_step_that_is_killed_before_its_work_has_died(runner: ProcessStepRunner) -> None:
    step = runner.begin(work("linger"))
    step.kill()
    step.go()
    assert list(step.lines()) == []
    assert step.end().kind == "died"
    assert all_gone([step.process_id])


def test_a_program_that_takes_too_long_is_ended_with_its_children(
    runner: ProcessStepRunner, tmp_path: Path
) -> None:
    lines, end = ran(runner, work("slow_program", tmp_path))
    assert end.kind == "done", end
    assert "longer than 0.3 s" in str(end.answer["summary"])
    assert end.answer["data"] == {"left": []}
    assert [line.kind for line in lines] == ["command", "exit"]


def test_a_service_that_a_step_begins_outlives_it_and_keeps_nobody_waiting(
    runner: ProcessStepRunner, tmp_path: Path
) -> None:
    lines, end = ran(runner, work("background", tmp_path))
    service = psutil.Process(family(tmp_path, "service")[0])
    try:
        assert end.answer == {"summary": "begun", "data": {"exit": 3}, "skipped": False}
        assert [line.data["exit"] for line in lines if line.kind == "exit"] == [0, 3]
    finally:
        service.kill()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, StepEnd]:
    """How one step of each kind ended; they run at once."""
    runner = runner_in(tmp_path_factory.mktemp("home"))
    asked = {
        "do": work("echo", text="hello"),
        "undo": work("echo", phase="undo"),
        "verify": work("echo", phase="verify", text="yes"),
        "plan": work("linger", phase="plan", text="linger"),
        "verify nothing": work("linger", phase="verify"),
        "undo nothing": work("linger", phase="undo"),
        "unknown": work("lingr"),
        "bad argument": work("echo", arguments={"colour": "red"}),
        "hang": work("hang_at_exit"),
        "unforeseen": work("unforeseen"),
    }
    steps = {name: runner.begin(each) for name, each in asked.items()}
    for step in steps.values():
        step.go()
    return {name: step.end() for name, step in steps.items()}


def test_each_phase_of_a_step_answers_in_its_way(answers: Mapping[str, StepEnd]) -> None:
    assert answers["do"].answer == {
        "summary": "hello made 3 because",
        "data": {"was": {"made": 3}},
        "skipped": False,
    }
    assert answers["undo"].answer["summary"] == "took back made 3"
    assert answers["verify"].answer == {"happened": "yes"}
    assert answers["plan"].answer == {"plan": "would linger"}
    assert answers["verify nothing"].answer == {"happened": "unknown"}
    assert answers["undo nothing"].answer["skipped"] is True


def test_what_cannot_be_done_fails_with_its_reason(answers: Mapping[str, StepEnd]) -> None:
    assert answers["unknown"].remedy == "Did you mean 'linger'?"
    assert answers["unknown"].again is False
    assert "'colour'" in answers["bad argument"].error
    assert answers["bad argument"].again is False
    assert answers["unforeseen"].error.startswith("LookupError")
    assert answers["unforeseen"].again is True


def test_a_step_that_is_done_and_does_not_leave_is_done(answers: Mapping[str, StepEnd]) -> None:
    assert answers["hang"].kind == "done"


def test_a_program_that_is_not_there_is_no_step() -> None:
    with pytest.raises(StepRunnerUnavailable):
        ProcessStepRunner(("/nowhere/python",), {}).begin(work("echo"))


def test_a_process_that_cannot_even_begin_says_why(tmp_path: Path) -> None:
    broken = ProcessStepRunner((sys.executable, "-c", "raise SystemExit('no room')"), {})
    lines, end = ran(broken, work("echo", tmp_path))
    assert end.kind == "died"
    assert "exit 1" in end.error
    assert "no room" in end.error
    assert text_of(lines) == "no room"


def test_a_signal_for_the_terminal_does_not_reach_a_step(runner: ProcessStepRunner) -> None:
    step = runner.begin(work("echo"))
    assert os.getsid(step.process_id) == step.process_id
    step.kill()
    step.end()


def test_a_service_whose_session_has_the_number_of_a_dead_step_is_not_ended() -> None:
    """It went into the background as services do: the leader of its session is gone."""
    leader = subprocess.Popen(
        ("sh", "-c", "sleep 300 & echo $!"), start_new_session=True, stdout=subprocess.PIPE
    )
    assert leader.stdout is not None
    began = processes.started(os.getpid())
    service = int(leader.stdout.readline())
    leader.stdout.close()
    leader.wait()
    assert began is not None
    runner_in(Path("/")).make_sure_gone(leader.pid, began)
    assert processes.started(service) is not None
    os.kill(service, signal.SIGKILL)


def test_a_step_that_is_ended_leaves_nothing_though_nobody_listens_any_more(
    runner: ProcessStepRunner, tmp_path: Path
) -> None:
    step = runner.begin(work("linger", tmp_path))
    step.go()
    until(lambda: len(family(tmp_path)) == 4)
    step.kill()
    until(lambda: all_gone([step.process_id, *family(tmp_path)]))
    step.end()


def test_an_endless_line_before_a_step_listens_does_not_fill_the_watchers_memory() -> None:
    flood = ("sh", "-c", "head -c 100000000 /dev/zero; sleep 60")
    lines, end = ran(ProcessStepRunner(flood, {"PATH": os.environ["PATH"]}), work("echo"))
    assert (lines, end.kind) == ([], "died")
    assert "too much in one line" in end.error
