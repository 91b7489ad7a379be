"""A unit's death, on real processes: how soon it is told, and what its manager makes of it."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.units.deaths import MANAGER
from bigbrother.operations.monitoring.units.watch import UnitWatch
from tests.integration.operations.units.conftest import (
    FACE,
    NOWHERE,
    WORKER,
    Reported,
    Watch,
    face_service,
    quick,
    start,
    state,
)
from tests.integration.supervisor.conftest import unit
from tests.waiting import until

Make = Callable[..., SupervisorManager]
UP, DOWN = Status.PASSED, Status.FAILED
_UNLESS_FORBIDDEN = "import os, time; os.path.exists('forbidden') and os._exit(3); time.sleep(600)"


def kill(manager: SupervisorManager, name: str) -> float:
    """Kills the unit's process and returns the moment."""
    process_id = state(manager, name).process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    return time.monotonic()


def test_a_unit_that_cannot_start_again_is_down_at_once_and_stays_so(
    manager_of: Make, watch: Watch, place: Path
) -> None:
    manager = manager_of(unit(FACE, _UNLESS_FORBIDDEN))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager)
    reported.wait_for("unit_down", FACE, UP)
    (place / "forbidden").touch()
    killed = kill(manager, FACE)
    first = reported.wait_for("unit_down", FACE, UP, DOWN)[1]
    assert reported.arrival("unit_down", FACE, 1) - killed < 1
    assert first.grace_seconds == 5
    assert "is down since" in first.summary
    assert "bigbrother logs bigbrother-face" in first.remedy
    # Its manager's own words follow, and no word of recovery while it tries in vain.
    until(lambda: any("too quickly" in each.summary for each in reported.of("unit_down", FACE)))
    assert reported.statuses("unit_down", FACE) == [UP, DOWN]
    assert len(reported.of("unit_down", FACE)) <= 5


def test_a_single_kill_that_heals_is_told_as_a_fall_and_a_rise(
    manager_of: Make, watch: Watch
) -> None:
    manager = manager_of(unit(FACE), unit(WORKER))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager)
    reported.wait_for("unit_down", FACE, UP)
    killed = kill(manager, FACE)
    healed = reported.wait_for("unit_down", FACE, UP, DOWN, UP)[-1]
    assert reported.arrival("unit_down", FACE, -1) - killed < 5
    assert "runs again after" in healed.summary
    assert reported.of("unit_restarts", FACE) == []
    # The other never ran: that was told when the watch began.
    (finding,) = reported.wait_for("unit_down", WORKER, DOWN)
    assert "it is stopped" in finding.summary


@pytest.mark.slow
def test_a_unit_that_comes_back_too_often_is_an_alert_of_its_own(
    manager_of: Make, watch: Watch
) -> None:
    manager = manager_of(unit(FACE))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager, runbook=quick(heals=1))
    for fall in range(2):
        reported.wait_for("unit_down", FACE, UP, *[DOWN, UP] * fall)
        kill(manager, FACE)
    (finding,) = reported.wait_for("unit_restarts", FACE, DOWN)
    assert finding.value == 2
    assert "came back 2 times within 10m" in finding.summary


@pytest.mark.slow
def test_a_unit_that_was_stopped_by_hand_is_down_and_its_start_is_no_heal(
    manager_of: Make, watch: Watch
) -> None:
    manager = manager_of(unit(FACE))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager, runbook=quick(heals=1))
    reported.wait_for("unit_down", FACE, UP)
    for fall in (1, 2):
        manager.stop(FACE)
        until(lambda: "it is stopped" in reported.of("unit_down", FACE)[-1].summary)
        start(manager, FACE)
        reported.wait_for("unit_down", FACE, UP, *[DOWN, UP] * fall)
    assert reported.of("unit_restarts", FACE) == []


def test_without_its_manager_a_unit_lives_on_and_its_death_is_still_told(
    manager_of: Make, watch: Watch
) -> None:
    manager = manager_of(unit(FACE))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager)
    reported.wait_for("unit_down", MANAGER, UP)
    process_id = state(manager, FACE).process_id
    assert process_id is not None
    psutil.Process(process_id).parent().kill()  # type: ignore[union-attr]
    gone = reported.wait_for("unit_down", MANAGER, UP, DOWN)[-1]
    assert gone.remedy == "Run `bigbrother up`."
    assert reported.statuses("unit_down", FACE) == [UP]
    os.kill(process_id, signal.SIGKILL)
    reported.wait_for("unit_down", FACE, UP, DOWN)
    manager.launch()
    start(manager, FACE)
    reported.wait_for("unit_down", FACE, UP, DOWN, UP)
    reported.wait_for("unit_down", MANAGER, UP, DOWN, UP)


def test_a_watch_stops_soon_stops_twice_and_leaves_no_thread(manager_of: Make) -> None:
    manager = manager_of(unit(FACE))
    reported = Reported()
    runbook = quick()
    made = UnitWatch(manager, face_service(), NOWHERE, lambda: runbook, SystemClock(), reported)
    made.start()
    made.start()
    reported.wait_for("unit_down", FACE, DOWN)
    began = time.monotonic()
    made.stop()
    made.stop()
    assert time.monotonic() - began < 10
    assert [each.name for each in threading.enumerate() if each.name.startswith("watch-")] == []


@pytest.mark.slow
def test_a_manager_that_hangs_delays_no_news_of_a_death(manager_of: Make, watch: Watch) -> None:
    manager = manager_of(unit(FACE), unit(WORKER))
    manager.launch()
    start(manager, FACE, WORKER)
    process_id = state(manager, FACE).process_id
    assert process_id is not None
    supervisord = psutil.Process(process_id).parent()
    assert supervisord is not None
    reported = watch(manager)
    reported.wait_for("unit_down", FACE, UP)
    supervisord.suspend()
    try:
        # By now a look waits for the manager's answer.
        time.sleep(0.5)
        os.kill(process_id, signal.SIGKILL)
        killed = time.monotonic()
        reported.wait_for("unit_down", FACE, UP, DOWN)
        assert reported.arrival("unit_down", FACE, 1) - killed < 0.5
        reported.wait_for("unit_down", MANAGER, UP, DOWN, within_seconds=15)
    finally:
        supervisord.resume()
    reported.wait_for("unit_down", FACE, UP, DOWN, UP)
    reported.wait_for("unit_down", MANAGER, UP, DOWN, UP)


@pytest.mark.slow
def test_the_median_of_twenty_deaths_is_told_within_50_ms(manager_of: Make, watch: Watch) -> None:
    manager = manager_of(unit(FACE))
    manager.launch()
    start(manager, FACE)
    reported = watch(manager)
    delays = []
    for fall in range(20):
        reported.wait_for("unit_down", FACE, UP, *[DOWN, UP] * fall)
        before = len(reported.of("unit_down", FACE))
        killed = kill(manager, FACE)
        reported.wait_for("unit_down", FACE, UP, *[DOWN, UP] * fall, DOWN)
        delays.append(reported.arrival("unit_down", FACE, before) - killed)
    print(f"median {median(delays) * 1000:.1f} ms, worst {max(delays) * 1000:.1f} ms")
    assert median(delays) < 0.05
    assert max(delays) < 1
