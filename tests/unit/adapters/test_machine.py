"""The machine as it is: this process, its files and listeners; and a /proc of a test's own."""

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.machine import SystemMachine
from bigbrother.ports.host import HostUnreadable
from bigbrother.ports.machine import MemoryKill, OpenFiles, Pressure
from tests.fakes.clock import FakeClock


@pytest.fixture
def machine() -> SystemMachine:
    """This one."""
    return SystemMachine(SystemClock())


def test_this_process_is_there_with_what_it_uses_and_without_its_arguments(
    machine: SystemMachine,
) -> None:
    me = next(each for each in machine.processes(0.05) if each.process_id == os.getpid())
    assert me.parent_id == os.getppid()
    assert me.memory_bytes > 1_000_000
    assert 0 <= me.cpu_ratio <= 1
    assert "/" not in me.name
    assert all(each.cpu_ratio == 0 for each in machine.processes(0))


def test_open_files_are_counted_and_those_of_nobody_are_not(machine: SystemMachine) -> None:
    before = machine.open_files(os.getpid())
    held = [socket.socket() for _ in range(10)]
    after = machine.open_files(os.getpid())
    for each in held:
        each.close()
    assert before is not None
    assert after is not None
    assert after.used == before.used + 10
    assert after.most >= after.used
    assert machine.open_files(2**22 + 1) is None
    whole = machine.system_files()
    assert 0 < whole.used < whole.most


def test_a_listener_is_found_with_its_process(machine: SystemMachine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (found,) = machine.listeners([port])
        assert (found.address, found.port, found.process_id) == ("127.0.0.1", port, os.getpid())
        assert found.name
    assert machine.listeners([port]) == ()


def test_what_the_kernel_counts_and_says_is_read(tmp_path: Path) -> None:
    (tmp_path / "pressure").mkdir()
    full = "full avg10=1.25 avg60=0.00 avg300=0.00 total=0\n"
    (tmp_path / "pressure" / "io").write_text(f"some avg10=12.50 avg60=0 avg300=0 total=1\n{full}")
    (tmp_path / "vmstat").write_text("nr_free 1\noom_kill 2\noom_kill_disabled 9\n")
    (tmp_path / "sys" / "fs").mkdir(parents=True)
    (tmp_path / "sys" / "fs" / "file-nr").write_text("1000\t10\t5000\n")
    log = tmp_path / "kmsg"
    log.write_bytes(b"3,422,1000000,-;Out of memory: Killed process 77 (python) total-vm:1kB\n")
    clock = FakeClock()
    clock.seconds = 61.0
    machine = SystemMachine(clock, tmp_path, log)
    assert machine.pressure() == (Pressure("io", 0.125, 0.0125),)
    assert machine.system_files() == OpenFiles(990, 5000)
    kills = machine.memory_kills()
    assert kills.since_start == 2
    # The record is of one second after the machine's start.
    assert kills.dated == (MemoryKill(clock.at - timedelta(seconds=60), 77, "python"),)
    hidden = SystemMachine(clock, tmp_path, tmp_path / "none").memory_kills()
    assert hidden.dated is None


def test_a_machine_that_does_not_tell_is_unreadable(tmp_path: Path) -> None:
    machine = SystemMachine(SystemClock(), tmp_path, tmp_path / "none")
    assert machine.pressure() == ()
    with pytest.raises(HostUnreadable):
        machine.system_files()
    with pytest.raises(HostUnreadable):
        machine.memory_kills()


def test_the_kernel_tells_of_its_clock(machine: SystemMachine) -> None:
    state = machine.clock_state()
    assert state is not None
    assert state.offset_seconds >= 0
    assert state.worst_seconds > 0
