"""Ends of processes, heard in both ways that systems offer."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from bigbrother.operations.monitoring.units.process_exits import (
    PidfdExits,
    PolledExits,
    ProcessExits,
)


def _asked_for() -> ProcessExits:
    return PolledExits(0.01)


@pytest.fixture(params=[PidfdExits, _asked_for], ids=["told by the system", "asked for"])
def exits(request: pytest.FixtureRequest) -> Iterator[ProcessExits]:
    make: Callable[[], ProcessExits] = request.param
    made = make()
    yield made
    made.close()


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen((sys.executable, "-I", "-c", "input()"), stdin=subprocess.PIPE) as made:
        yield made
        made.kill()


def test_an_end_is_told_once(exits: ProcessExits, process: subprocess.Popen[bytes]) -> None:
    exits.watch({process.pid})
    process.kill()
    process.wait()
    assert exits.wait() == {process.pid}
    exits.wake()
    assert exits.wait() == frozenset()


def test_a_process_that_was_gone_before_counts_as_ended(
    exits: ProcessExits, process: subprocess.Popen[bytes]
) -> None:
    process.kill()
    process.wait()
    exits.watch({process.pid})
    assert exits.wait() == {process.pid}


def test_who_is_no_longer_watched_ends_unheard(
    exits: ProcessExits, process: subprocess.Popen[bytes]
) -> None:
    exits.watch({process.pid})
    exits.watch(())
    process.kill()
    process.wait()
    exits.wake()
    assert exits.wait() == frozenset()


def test_a_process_is_watched_while_another_thread_already_waits(
    exits: ProcessExits, process: subprocess.Popen[bytes]
) -> None:
    heard: list[frozenset[int]] = []
    waiting = threading.Thread(target=lambda: heard.append(exits.wait()))
    waiting.start()
    exits.watch({process.pid})
    process.kill()
    process.wait()
    waiting.join(5)
    assert heard == [{process.pid}]
