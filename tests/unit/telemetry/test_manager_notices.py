"""What a unit tells its manager, over a real socket of the manager's kind."""

import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bigbrother.telemetry.manager_notices import LifeSigns, ManagerNotices
from tests.waiting import until

Listen = Callable[[str], socket.socket]


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Listens as systemd does, where NOTIFY_SOCKET points to."""
    opened: list[socket.socket] = []

    def at(address: str) -> socket.socket:
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        opened.append(manager)
        manager.bind("\0" + address[1:] if address.startswith("@") else address)
        manager.settimeout(5)
        return manager

    yield at
    for each in opened:
        each.close()


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


@pytest.mark.parametrize("abstract", [False, True])
def test_notices_reach_the_manager_at_a_path_and_at_an_abstract_name(
    listen: Listen, address: str, abstract: bool
) -> None:
    place = f"@bigbrother-{secrets.token_hex(8)}" if abstract else address
    manager = listen(place)
    notices = ManagerNotices({"NOTIFY_SOCKET": place})
    for say in (notices.ready, notices.alive, notices.leaving):
        say()
    assert [manager.recv(99) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_a_manager_nothing_is_said_and_no_thread_is_begun() -> None:
    before = threading.active_count()
    notices = ManagerNotices({})
    notices.ready()
    LifeSigns(notices, lambda: True).start()
    assert not notices.asked
    assert notices.alive_every_seconds is None
    assert threading.active_count() == before


def test_a_manager_that_went_away_does_not_stop_the_unit(address: str) -> None:
    ManagerNotices({"NOTIFY_SOCKET": address}).ready()


def test_children_do_not_inherit_the_way_to_the_manager(address: str) -> None:
    program = (
        "import os, sys; from bigbrother.telemetry.manager_notices import ManagerNotices\n"
        "ManagerNotices(os.environ); os.execvp('env', ['env'])"
    )
    given = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "KEPT": "yes"}
    done = subprocess.run(
        (sys.executable, "-c", program),
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert seen & set(given) == {"KEPT"}


@pytest.mark.parametrize(
    ("given", "every_seconds"),
    [
        ({"WATCHDOG_USEC": "8000000"}, 2.0),
        ({"WATCHDOG_USEC": "8000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "8000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_signs_of_life_come_four_times_within_the_silence_that_kills(
    given: dict[str, str], every_seconds: float | None
) -> None:
    notices = ManagerNotices({"NOTIFY_SOCKET": "/nowhere", **given})
    assert notices.alive_every_seconds == every_seconds


def test_a_unit_is_ready_once_it_lives_and_silent_while_it_does_not(
    listen: Listen, address: str
) -> None:
    manager = listen(address)
    lives = threading.Event()
    asked = threading.Semaphore(0)

    def does_it() -> bool:
        asked.release()
        return lives.is_set()

    notices = ManagerNotices({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "40000"})
    signs = LifeSigns(notices, does_it)
    signs.start()
    for _ in range(3):
        assert asked.acquire(timeout=5)
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(99)
    manager.settimeout(5)
    lives.set()
    assert [manager.recv(99) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    lives.clear()
    # What was on its way; after it nothing more comes, however often the unit is looked at.
    asked.acquire(timeout=5)
    asked.acquire(timeout=5)
    until(lambda: _drained(manager))
    for _ in range(3):
        assert asked.acquire(timeout=5)
    assert _drained(manager)
    signs.leave()
    manager.settimeout(5)
    assert manager.recv(99) == b"STOPPING=1"


def _drained(manager: socket.socket) -> bool:
    """Whether nothing was waiting to be read; reads one notice otherwise."""
    manager.setblocking(False)
    try:
        manager.recv(99)
    except BlockingIOError:
        return True
    return False
