"""The supervisor adapter on real processes: life, death and what is left behind."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.ports.service_manager import (
    ServiceManagerUnavailable,
    UnitState,
    UnitStatus,
    UnitUnknown,
)
from tests.integration.supervisor.conftest import unit
from tests.waiting import until

Make = Callable[..., SupervisorManager]


def state(manager: SupervisorManager, name: str) -> UnitStatus:
    return next(status for status in manager.status() if status.name == name)


def running(manager: SupervisorManager, name: str) -> UnitStatus:
    until(lambda: state(manager, name).state is UnitState.RUNNING, 10)
    return state(manager, name)


def test_a_unit_in_an_oddly_named_folder_starts_and_its_log_is_read(
    manager_of: Make, place: Path
) -> None:
    manager = manager_of(
        unit("one", "import os, time; print(os.getcwd(), flush=True); time.sleep(9)")
    )
    manager.launch()
    manager.start("one")
    running(manager, "one")
    until(lambda: manager.tail_log("one", 1) == (str(place),), 5)


def test_nothing_runs_before_it_is_started_and_a_second_launch_changes_nothing(
    manager_of: Make,
) -> None:
    manager = manager_of(unit("one"), unit("two"))
    manager.launch()
    manager.start("two")
    before = running(manager, "two")
    manager.launch()
    manager.start("two")
    assert state(manager, "one").state is UnitState.STOPPED
    assert state(manager, "two").process_id == before.process_id


def test_a_killed_unit_is_started_again_with_a_new_process(manager_of: Make) -> None:
    manager = manager_of(unit("one"))
    manager.launch()
    manager.start("one")
    first = running(manager, "one").process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: state(manager, "one").process_id not in (None, first), 10)
    assert running(manager, "one").since is not None
    (death,) = (line for line in manager.tail_manager_log("one", 50) if "exited" in line)
    assert death.endswith("exited: one (terminated by SIGKILL; not expected)")


def test_restart_gives_a_new_process_and_stop_ends_it(manager_of: Make) -> None:
    manager = manager_of(unit("one"))
    manager.launch()
    manager.start("one")
    first = running(manager, "one").process_id
    manager.restart("one")
    assert running(manager, "one").process_id != first
    manager.stop("one")
    manager.stop("one")
    assert state(manager, "one").state is UnitState.STOPPED
    assert manager.processes() == ()


def test_units_stop_in_reverse_order(manager_of: Make, place: Path) -> None:
    says = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        "    open('order', 'a').write('{0} ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open('up-{0}', 'w')\n"
        "time.sleep(600)"
    )
    manager = manager_of(*(unit(name, says.format(name)) for name in ("db", "face", "ops")))
    manager.launch()
    for name in ("db", "face", "ops"):
        manager.start(name)
        until((place / f"up-{name}").exists, 10)
    manager.shut_down()
    assert (place / "order").read_text() == "ops face db "
    assert not manager.is_running()


def test_a_unit_that_ignores_the_stop_signal_is_killed_after_its_time(
    manager_of: Make,
) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)\n"
    manager = manager_of(unit("one", deaf + "time.sleep(600)"))
    manager.launch()
    manager.start("one")
    until(lambda: manager.tail_log("one", 1) == ("1",), 10)
    manager.shut_down()
    assert manager.processes() == ()


def test_what_a_killed_manager_left_behind_is_shown_and_replaced(manager_of: Make) -> None:
    manager = manager_of(unit("one"), unit("two"))
    manager.launch()
    manager.start("one")
    orphan = running(manager, "one").process_id
    assert orphan is not None
    kill_manager(manager)
    shown = state(manager, "one")
    assert (shown.state, shown.process_id) == (UnitState.UNMANAGED, orphan)
    assert state(manager, "two").state is UnitState.STOPPED
    with pytest.raises(ServiceManagerUnavailable, match="bigbrother up"):
        manager.start("one")
    manager.launch()
    assert not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == "zombie"
    manager.start("one")
    assert running(manager, "one").process_id != orphan


def test_shutting_down_after_the_manager_was_killed_stops_the_orphans(manager_of: Make) -> None:
    manager = manager_of(unit("one"))
    manager.launch()
    manager.start("one")
    running(manager, "one")
    kill_manager(manager)
    manager.shut_down()
    assert manager.processes() == ()
    manager.shut_down()


def test_orphans_are_found_by_their_mark_when_a_release_changed_the_command_line(
    manager_of: Make,
) -> None:
    old = manager_of(unit("one"))
    old.launch()
    old.start("one")
    orphan = running(old, "one").process_id
    kill_manager(old)
    new = manager_of(unit("one", "import time; time.sleep(601)"))
    assert state(new, "one").process_id == orphan
    new.shut_down()
    assert new.processes() == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a namespace")
def test_a_process_of_a_container_with_the_same_command_line_is_none_of_ours(
    manager_of: Make,
) -> None:
    twin = unit("one")
    manager = manager_of(twin)
    spec = next(iter(manager._units.values()))
    try:
        container = subprocess.Popen(("unshare", "--pid", "--fork", *spec.command))
    except OSError:
        pytest.skip("namespaces cannot be made here")
    try:
        until(lambda: bool(psutil.Process(container.pid).children()), 10)
        inner = psutil.Process(container.pid).children()[0]
        until(lambda: tuple(inner.cmdline()) == spec.command, 10)
        assert manager.processes() == ()
        manager.shut_down()
        assert inner.is_running()
    finally:
        inner.kill()
        container.wait(10)


@pytest.mark.slow
def test_a_hung_manager_is_ended_with_its_units(manager_of: Make) -> None:
    manager = manager_of(unit("one"))
    manager.launch()
    manager.start("one")
    process = manager_process(manager)
    running(manager, "one")
    process.suspend()
    manager.shut_down()
    assert manager.processes() == ()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_an_unknown_unit_is_named_with_the_known_ones(manager_of: Make) -> None:
    manager = manager_of(unit("one"))
    manager.launch()
    with pytest.raises(UnitUnknown, match="nothing"):
        manager.start("nothing")
    with pytest.raises(UnitUnknown, match="one"):
        manager.tail_log("nothing", 5)


def test_units_get_the_given_environment_and_nothing_else_of_the_callers(
    manager_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hunter2")
    manager = manager_of(
        unit("one", "import os, time; print(sorted(os.environ), flush=True); time.sleep(99)"),
        environment={"PATH": "/usr/bin", "LANG": "pt_BR.UTF-8"},
    )
    manager.launch()
    manager.start("one")
    until(lambda: len(manager.tail_log("one", 1)) == 1, 10)
    assert "LANG" in manager.tail_log("one", 1)[0]
    assert "A_SECRET" not in manager.tail_log("one", 1)[0]


def test_files_of_the_manager_and_logs_are_private(manager_of: Make, place: Path) -> None:
    manager = manager_of(unit("one"))
    manager.launch()
    manager.start("one")
    running(manager, "one")
    folder = place.parent / "m"
    files = [folder, folder / "sock", *place.iterdir()]
    assert all(file.stat().st_mode & 0o077 == 0 for file in files), files


def kill_manager(manager: SupervisorManager) -> None:
    process = manager_process(manager)
    process.kill()
    process.wait(5)


def manager_process(manager: SupervisorManager) -> psutil.Process:
    """supervisord, as the parent of a unit that runs."""
    until(lambda: bool(manager.processes()), 10)
    unit_process = psutil.Process(manager.processes()[0].process_id)
    parent = unit_process.parent()
    assert parent is not None
    return parent
