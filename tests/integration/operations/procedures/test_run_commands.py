"""`bigbrother run` and `bigbrother runs` where no watcher runs: steps in real processes."""

import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bigbrother.entrypoints.cli.main import app
from bigbrother.entrypoints.cli.runs import app as runs_app
from bigbrother.kernel.clock import Clock
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.history import list_runs
from bigbrother.operations.procedures.records import Run
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.wiring import system_clock
from tests.scenarios.place import BIGBROTHER, Place, new_place
from tests.waiting import until

DOCUMENT = """
solutions:
  look: {steps: [measure_disk]}
  tidy: {steps: [purge_logs, measure_disk]}
  long: {steps: [measure_disk, purge_logs, purge_reports, purge_runs, free_logs, verify_disk]}
procedures:
  steps:
    purge_logs: {within: 20s, attempts: 1, first_pause: 1s, approval: true}
"""
FULL = "daily_checks: {system: {disk_space: '< 0.001%'}}\n"
FROZEN = """  freezes:
    - {name: fair, cron: '* * * * *', lasts: 1h, time_zone: UTC}
"""
Cli = Callable[..., Result]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A home that was installed, and where nothing runs."""
    with new_place() as made:
        (made.home / "data" / "ops").mkdir(parents=True)
        (made.home / "etc").mkdir()
        (made.home / "log").mkdir()
        yield made


@pytest.fixture
def document(place: Place) -> Iterator[Path]:
    """The overlay, as each test begins."""
    file = place.home / "etc" / "runbook.yaml"
    file.write_text(DOCUMENT)
    yield file
    file.unlink()


@pytest.fixture
def cli(place: Place, document: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    for name, value in place.env.items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, arguments, prog_name="bigbrother")


def runs(place: Place) -> tuple[Run, ...]:
    store = Store(place.home / "data" / "ops" / "ops.db")
    try:
        return store.read(lambda conn: list_runs(conn, limit=100))
    finally:
        store.close()


def begun(place: Place, name: str, clock: Clock, *, approved: bool) -> Run:
    """A run that nobody drives yet."""
    runbook = load_runbook(place.home / "etc" / "runbook.yaml")
    store = Store(place.home / "data" / "ops" / "ops.db")
    try:
        ground = Ground(runbook, ACTIONS, lambda: 10**12)
        now = clock.now()
        asking = Asking(f"test-{now:%H%M%S%f}", "test", "a test", approved=approved)
        return start(store, find(name, runbook), {}, asking, ground, now)[0]
    finally:
        store.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["lok", "--yes"], "Did you mean 'look'?"),
        (["solutions.lok", "--yes"], "Did you mean 'solutions.look'?"),
        (["look", "--arg", "colour=red"], "'colour'"),
        (["look", "--arg", "colour"], "NAME=VALUE"),
        (["tidy"], "--yes"),
    ],
)
def test_what_is_refused_touches_nothing(
    cli: Cli, place: Place, arguments: list[str], told: str
) -> None:
    before = len(runs(place))
    done = cli("run", *arguments)
    assert done.exit_code == 4, done.output
    assert told in done.output
    assert len(runs(place)) == before


def test_there_is_nothing_to_run_where_nothing_is_installed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIGBROTHER_HOME", str(tmp_path / "none"))
    done = cli("run", "look")
    assert done.exit_code == 4
    assert "bigbrother up" in done.output
    assert not (tmp_path / "none").exists()


def test_a_dry_run_says_what_each_step_would_do_and_begins_nothing(cli: Cli, place: Place) -> None:
    before = len(runs(place))
    done = cli("run", "tidy", "--dry-run", "-o", "json")
    assert done.exit_code == 0, done.output
    steps = json.loads(done.stdout)["steps"]
    assert [(step["step"], step["changes"], step["approval"]) for step in steps] == [
        ("purge_logs", True, True),
        ("measure_disk", False, False),
    ]
    assert all(step["plan"] for step in steps)
    assert len(runs(place)) == before


def test_it_drives_a_run_itself_where_there_is_no_watcher(cli: Cli, place: Place) -> None:
    done = cli("run", "tidy", "--yes", "--reason", "to be sure")
    assert done.exit_code == 0, done.output
    assert "measure_disk" in done.stdout
    assert "succeeded" in done.stdout
    newest = runs(place)[0]
    assert (newest.state, newest.reason) == ("succeeded", "to be sure")
    shown = json.loads(cli("runs", "show", "last", "-o", "json").stdout)
    assert [attempt["state"] for attempt in shown["attempts"]] == ["skipped", "done"]
    assert shown["approvals"][0]["approved"] is True
    assert "measure_disk" in cli("runs", "show", newest.id).stdout
    assert newest.id in cli("runs", "list").stdout
    assert cli("runs", "watch", "last").exit_code == 0


def test_a_step_that_verifies_and_finds_it_wrong_is_told_by_its_own_code(
    cli: Cli, document: Path
) -> None:
    document.write_text(f"solutions: {{prove: {{steps: [verify_disk]}}}}\n{FULL}")
    done = cli("run", "prove", "-o", "json")
    assert done.exit_code == 9, done.output
    assert json.loads(done.stdout)["state"] == "failed"


def test_another_run_on_the_same_thing_is_a_conflict_until_it_is_cancelled(
    cli: Cli, place: Place
) -> None:
    other = begun(place, "look", system_clock(), approved=False)
    done = cli("run", "tidy", "--yes")
    assert done.exit_code == 7
    assert other.id in done.output
    assert other.id in cli("runs", "list", "--open").stdout
    assert cli("runs", "cancel", other.id).exit_code == 0
    assert cli("runs", "watch", other.id).exit_code == 1
    for word in ("approve", "reject", "pause", "resume", "cancel"):
        assert cli("runs", word, other.id).exit_code == 7
        assert cli("runs", word, "nobody").exit_code == 4


def test_a_freeze_refuses_what_changes_unless_somebody_insists(
    cli: Cli, place: Place, document: Path
) -> None:
    document.write_text(DOCUMENT + FROZEN)
    done = cli("run", "tidy", "--yes")
    assert done.exit_code == 4
    assert "fair" in done.output
    assert "--insist" in done.output
    insisted = cli("run", "tidy", "--yes", "--insist", "--detach", "-o", "json")
    assert insisted.exit_code == 0
    assert "No watcher" in insisted.stderr
    begun_id = json.loads(insisted.stdout)["id"]
    assert cli("runs", "cancel", begun_id).exit_code == 0
    assert runs(place)[0].state == "cancelled"


def test_ctrl_c_cancels_what_the_command_itself_drives(place: Place, document: Path) -> None:
    assert document.exists()
    command = subprocess.Popen(
        (str(BIGBROTHER), "run", "long", "--yes"),
        env=place.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    assert "measure_disk" in command.stdout.readline()
    command.send_signal(signal.SIGINT)
    _, told = command.communicate(timeout=20)
    assert command.returncode == 1, told
    assert "cancelled" in told
    assert runs(place)[0].state == "cancelled"


@pytest.mark.slow
def test_a_run_that_was_left_by_a_killed_command_goes_on_with_the_next(
    cli: Cli, place: Place
) -> None:
    command = subprocess.Popen(
        (str(BIGBROTHER), "run", "tidy", "--yes"),
        env=place.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(
        lambda: (
            [(run.procedure, run.state) for run in runs(place)][:1]
            == [("solutions.tidy", "running")]
        )
    )
    command.kill()
    command.wait()
    left = runs(place)[0]
    assert left.ended_at is None
    done = cli("runs", "watch", left.id)
    assert done.exit_code == 0, done.output
    assert runs(place)[0].state == "succeeded"


def test_every_example_of_the_help_is_one_of_the_command() -> None:
    for command in runs_app.registered_commands:
        found = re.findall(r"\$ (.*)", command.epilog or "")
        assert found
        assert all(f"bigbrother runs {command.name}" in line for line in found)
