"""The product under a real systemd, brought up as the guide says, and struck as life does."""

import json
import shutil
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bigbrother.runbook.load import load_runbook
from tests.integration.systemd.machine import BIN, Machine, booted
from tests.waiting import until

pytestmark = pytest.mark.slow

UNITS = ("bigbrother-db", "bigbrother-face", "bigbrother-worker", "bigbrother-ops")
HOME = "/var/lib/bigbrother"
SILENT_FOR_SECONDS = 4
STRIKE = Path(__file__).with_name("strike.py").read_text()
MANAGER = """
import json
from bigbrother.wiring import installation
manager = installation().manager
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which the guide docs/how-to/run-under-systemd.md was followed."""
    with booted(tmp_path_factory.mktemp("machine")) as made:
        overlay = f"service_management: {{silent_for: {SILENT_FOR_SECONDS}s}}\n"
        made.said("mkdir", "-p", f"{HOME}/etc")
        made.said("tee", f"{HOME}/etc/runbook.yaml", given=overlay)
        made.said("tee", f"{HOME}/etc/bigbrother.toml", given='service_manager = "systemd"\n')
        made.said(str(BIN / "bigbrother"), "render", "systemd", "/etc/systemd/system")
        made.said("systemctl", "daemon-reload")
        made.said("systemctl", "enable", "--now", "bigbrother.target", timeout=100)
        yield made


def states(machine: Machine) -> dict[str, str]:
    units = json.loads(machine.bigbrother("status", "-o", "json").stdout)["units"]
    return {unit["name"]: unit["state"] for unit in units}


def healthy(machine: Machine) -> bool:
    return machine.bigbrother("status").returncode == 0


def struck(machine: Machine, unit: str, signal: int, wanted: str) -> float:
    return float(machine.python(STRIKE, unit, str(signal), wanted, timeout=100))


def test_every_unit_is_ready_and_nobody_was_paged_for_the_start(machine: Machine) -> None:
    until(lambda: healthy(machine), 40)
    assert states(machine) == dict.fromkeys(UNITS, "running")
    alerts = machine.bigbrother("alerts", "list", "-o", "json").stdout
    assert "unit_down" not in alerts


@pytest.mark.parametrize("step", ["verify_status", "check_logs", "restart_service"])
def test_the_sources_recovery_commands_work_word_for_word(machine: Machine, step: str) -> None:
    command = load_runbook().service_recovery["face_analyzer"][step].command
    done = machine.run("sh", "-c", command)
    assert done.returncode == 0, done.stderr
    if step == "verify_status":
        assert "Active: active (running)" in done.stdout
    if step == "check_logs":
        # The unit's own words, also those after it gave up root.
        assert '"event": "serving"' in done.stdout
        assert '"route": "/readyz"' in done.stdout


def test_the_sources_health_command_works_word_for_word(machine: Machine) -> None:
    command = load_runbook().service_recovery["face_analyzer"]["verify_health"].command
    assert command == "curl http://localhost:8080/health"
    assert json.loads(machine.said("sh", "-c", command))["status"] == "healthy"


def test_the_sources_commands_of_reference_work_word_for_word(machine: Machine) -> None:
    shown = machine.said("sh", "-c", "systemctl status bigbrother-*")
    assert all(f"{unit}.service" in shown for unit in UNITS)
    assert "/var/lib/bigbrother" in machine.said("sh", "-c", "df -h")
    # It follows for ever: so it is ended from outside, which is exit code 124.
    followed = machine.run("timeout", "2", "sh", "-c", "journalctl -u bigbrother-* -f")
    assert followed.returncode == 124
    assert any(f"{unit}[" in followed.stdout for unit in UNITS), followed.stdout
    machine.said("sh", "-c", "systemctl restart bigbrother-face")
    until(lambda: healthy(machine), 40)


@pytest.mark.parametrize("command", ["nvidia-smi", "htop"])
def test_the_machines_own_tools_run_where_they_are(machine: Machine, command: str) -> None:
    if shutil.which(command) is None:
        pytest.skip(f"no {command} on this machine")
    machine.said(command, "--version")


def test_a_killed_face_unit_recognises_again_within_three_seconds(machine: Machine) -> None:
    away = [struck(machine, "bigbrother-face", 9, "inference") for _ in range(3)]
    assert statistics.median(away) <= 3, away


def test_a_killed_database_answers_again_within_five_seconds(machine: Machine) -> None:
    assert struck(machine, "bigbrother-db", 9, "database") <= 5


def test_a_unit_that_hangs_is_started_anew(machine: Machine) -> None:
    units = ("bigbrother-face", "bigbrother-worker", "bigbrother-ops")
    with ThreadPoolExecutor() as together:
        away = together.map(lambda unit: struck(machine, unit, 19, "process"), units)
        assert all(seconds >= SILENT_FOR_SECONDS / 2 for seconds in away)
    for unit in units:
        manager = f"{MANAGER}print(json.dumps(manager.tail_manager_log('{unit}', 50)))"
        assert "Watchdog timeout" in machine.python(manager), unit


def test_the_manager_stops_starts_restarts_and_names_processes(machine: Machine) -> None:
    until(lambda: healthy(machine), 40)
    program = f"""{MANAGER}
def worker():
    return next(each for each in manager.status() if each.name == "bigbrother-worker")
before = worker().process_id
manager.restart("bigbrother-worker")
restarted = worker()
manager.stop("bigbrother-worker")
stopped = worker()
manager.start("bigbrother-worker")
named = {{each.unit: each.process_id for each in manager.processes()}}
print(json.dumps([before, restarted.process_id, restarted.state, stopped.state, named]))
"""
    before, after, restarted, stopped, named = json.loads(machine.python(program))
    assert before != after
    assert (restarted, stopped) == ("running", "stopped")
    assert set(named) >= {"bigbrother-db", "bigbrother-face", "bigbrother-ops"}


def test_a_units_log_is_read_and_followed(machine: Machine) -> None:
    done = machine.bigbrother("logs", "bigbrother-db", "-n", "1")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1
    program = f"{MANAGER}print(next(manager.follow_log('bigbrother-face')))"
    assert json.loads(machine.python(program))["unit"] == "bigbrother-face"


def test_an_unknown_unit_is_answered_with_the_nearest_name(machine: Machine) -> None:
    done = machine.bigbrother("logs", "bigbrother-fase")
    assert done.returncode == 4
    assert "bigbrother-face" in done.stderr


def test_down_stops_everything_and_up_brings_it_back_and_proves_it(machine: Machine) -> None:
    assert machine.bigbrother("down").returncode == 0
    assert set(states(machine).values()) == {"stopped"}
    assert machine.run("systemctl", "is-active", "bigbrother.target").returncode == 3
    done = machine.bigbrother("up")
    assert done.returncode == 0, done.stderr
    assert "recognised as" in done.stdout
    until(lambda: healthy(machine), 40)
    assert machine.said("systemctl", "is-active", "bigbrother.target").strip() == "active"
