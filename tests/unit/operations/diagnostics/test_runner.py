"""Looks are taken side by side within one budget; one that hangs is cut and unknown."""

import subprocess
import sys
import threading

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.kernel.errors import Unavailable
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.beside import beside_each_other
from bigbrother.operations.diagnostics.catalogue import CATALOGUE
from bigbrother.operations.diagnostics.records import Probe
from bigbrother.operations.diagnostics.runner import diagnose
from bigbrother.operations.diagnostics.scene import Scene
from tests.unit.operations.diagnostics.scenery import Scenery

PROBES = {probe.name: probe for probe in CATALOGUE}


def well(_scene: Scene) -> tuple[Result, ...]:
    return (Result("well", Status.PASSED),)


def test_a_look_that_hangs_is_cut_and_holds_up_nobody(scenery: Scenery) -> None:
    free = threading.Event()

    def hang(_scene: Scene) -> tuple[Result, ...]:
        free.wait(20)
        return (Result("hangs", Status.PASSED),)

    clock = SystemClock()
    scenery.clock = clock  # type: ignore[assignment]  # the budget is of real time
    began, told = clock.monotonic_seconds(), list[str]()
    found = diagnose(
        scenery.scene(),
        0.2,
        (Probe("hangs", "ml", hang), Probe("well", "ml", well)),
        told.append,
    )
    took = clock.monotonic_seconds() - began
    free.set()
    assert [(each.check, each.status) for each in found] == [
        ("hangs", Status.UNKNOWN),
        ("well", Status.PASSED),
    ]
    assert found[0].evidence == ("It did not come back within 0.2 s, and was cut.",)
    assert told == ["well"]
    assert 0.2 <= took < 2


def test_one_that_comes_first_and_hangs_leaves_the_others_their_time(scenery: Scenery) -> None:
    free = threading.Event()

    def hang(_scene: Scene) -> tuple[Result, ...]:
        free.wait(20)
        return ()

    scenery.clock = SystemClock()  # type: ignore[assignment]
    first = Probe("first", "resources", hang, first=True)
    hung, other = diagnose(scenery.scene(), 0.4, (first, Probe("well", "ml", well)))
    free.set()
    assert (hung.status, other.status) == (Status.UNKNOWN, Status.PASSED)


def test_a_look_without_what_it_needs_is_unknown_and_says_the_way_out(scenery: Scenery) -> None:
    def away(_scene: Scene) -> tuple[Result, ...]:
        raise Unavailable("Nobody is there.", remedy="Wake them.")

    def broken(_scene: Scene) -> tuple[Result, ...]:
        raise ZeroDivisionError

    seen = scenery.see(Probe("away", "ml", away))
    assert (seen.status, seen.remedy) == (Status.UNKNOWN, "Wake them.")
    assert "Nobody is there." in seen.evidence[0]
    seen = scenery.see(Probe("broken", "ml", broken))
    assert (seen.status, seen.evidence) == (
        Status.UNKNOWN,
        ("The check itself broke: ZeroDivisionError",),
    )


def test_a_look_that_hangs_does_not_keep_the_process_from_ending() -> None:
    script = """
import threading
from pathlib import Path
from bigbrother.adapters.clock import SystemClock
from bigbrother.operations.diagnostics.beside import beside_each_other
from bigbrother.operations.diagnostics.records import Probe
from bigbrother.operations.diagnostics.runner import diagnose
from types import SimpleNamespace
never = threading.Event()
hang = lambda scene: tuple(beside_each_other(lambda _: never.wait(), [1, 2]))
scene = SimpleNamespace(clock=SystemClock())
found = diagnose(scene, 0.1, (Probe("hangs", "ml", hang),))
print(found[0].status)
"""
    done = subprocess.run(
        (sys.executable, "-c", script), capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "unknown\n"


def test_parts_come_in_their_order_and_the_first_failure_is_raised() -> None:
    assert beside_each_other(lambda n: n * n, range(5)) == [0, 1, 4, 9, 16]
    assert beside_each_other(str, ()) == []
    with pytest.raises(ZeroDivisionError):
        beside_each_other(lambda n: 1 / n, (1, 0, 2))


def test_the_daily_checks_are_called_as_they_are(scenery: Scenery) -> None:
    scenery.host.memory_used_ratio = 0.9
    seen = scenery.see(PROBES["memory_usage"])
    assert seen == scenery.one("memory_usage")
    assert seen.status is Status.FAILED
    assert scenery.see(PROBES["queue_size"]) == scenery.one("queue_size")


def test_when_everything_is_dead_each_look_says_what_is_unknown(scenery: Scenery) -> None:
    scenery.manager.silent = scenery.machine.unreadable = scenery.host.unreadable = True
    scenery.face.down = scenery.watcher.down = True
    found = diagnose(scenery.scene(), 10)
    assert {probe.name for probe in CATALOGUE} == {each.check for each in found}
    broke = [each.check for each in found if "The check itself broke" in " ".join(each.evidence)]
    assert broke == []
    status = {each.check: each.status for each in found}
    assert status["database_answers"] is Status.FAILED
    assert status["services_status"] is Status.FAILED
    for name in ("cpu_usage", "locks", "integrity", "golden_inference", "unit_restarts"):
        assert status[name] is Status.UNKNOWN, name
