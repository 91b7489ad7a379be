"""Processes die without a word; the installation heals, and nothing acknowledged is lost."""

import os
import random
import shutil
import subprocess
from contextlib import suppress

import psutil
import pytest

from bigbrother.models.samples import sample_photo
from tests.scenarios.place import Place, is_free
from tests.waiting import until

_HEALS_WITHIN_SECONDS = 30


def recognises(place: Place) -> bool:
    with place.client() as client:
        found = client.identify("sample", sample_photo(), limit=1)
    return found.faces[0].matches[0].external_id == "sample-person"


@pytest.mark.parametrize("unit", ["bigbrother-face", "bigbrother-db"])
def test_a_killed_unit_is_healed_and_later_requests_are_answered(
    installation: Place, unit: str
) -> None:
    first = installation.units()[unit]["process_id"]
    psutil.Process(first).kill()
    until(lambda: installation.units()[unit]["process_id"] not in (None, first), 30)
    until(installation.healthy, _HEALS_WITHIN_SECONDS)
    assert recognises(installation)


def test_a_killed_service_manager_is_seen_and_the_next_start_puts_it_right(place: Place) -> None:
    place.up()
    before = place.units()
    place.manager().kill()
    until(lambda: place.units()["bigbrother-face"]["state"] == "unmanaged", 10)
    assert place.cli("status").returncode == 3
    place.up()
    after = place.units()
    assert place.healthy()
    assert all(after[name]["process_id"] != before[name]["process_id"] for name in before)
    assert len([each for each in place.processes() if "postgres" in each.name()]) > 0
    assert recognises(place)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's units are other accounts")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_orphans_are_found_where_root_may_not_look_into_other_accounts_processes(
    place: Place,
) -> None:
    # As in a container's usual set of capabilities.
    lacking = "-sys_ptrace,-sys_admin,-perfmon"
    place.command = (
        "setpriv",
        f"--bounding-set={lacking}",
        f"--inh-caps={lacking}",
        *place.command,
    )
    place.up()
    place.manager().kill()
    until(lambda: place.units()["bigbrother-face"]["state"] == "unmanaged", 10)
    assert place.cli("down").returncode == 0
    assert place.processes() == []


@pytest.mark.slow
def test_down_after_the_service_manager_was_killed_stops_what_it_left(place: Place) -> None:
    place.up()
    place.manager().kill()
    assert place.cli("down").returncode == 0
    assert place.processes() == []
    assert is_free(place.port)


@pytest.mark.slow
def test_a_start_in_the_foreground_heals_its_killed_service_manager(place: Place) -> None:
    up = place.start_in_foreground()
    first = place.manager()
    first.kill()
    until(lambda: "starting it again" in place.output(up), 20)
    until(place.healthy, 60)
    assert place.manager().pid != first.pid
    assert up.poll() is None


def test_a_killed_start_in_the_foreground_leaves_the_service_running_for_the_next(
    place: Place,
) -> None:
    up = place.start_in_foreground()
    up.kill()
    up.wait(10)
    assert place.healthy()
    again = place.cli("up", "--detach")
    assert again.returncode == 0
    assert "Already running." in again.stderr


def kill_first_start_after(place: Place, seconds: float) -> None:
    """Begins a first start and kills it with everything that it started."""
    up = place.start("up")
    with suppress(subprocess.TimeoutExpired):
        up.wait(seconds)
    up.kill()
    up.wait(10)
    for process in place.processes():
        with suppress(psutil.NoSuchProcess):
            process.kill()


def assert_next_start_is_right(place: Place) -> None:
    again = place.cli("up", "--detach")
    assert again.returncode == 0, again.stderr
    assert (place.home / "HOME").exists()
    assert not (place.home / "HOME.unfinished").exists()
    assert recognises(place)


@pytest.mark.parametrize("seconds", [0.9, 1.8])
def test_a_first_start_killed_at_any_instant_is_finished_by_the_next(
    place: Place, seconds: float
) -> None:
    kill_first_start_after(place, seconds)
    assert_next_start_is_right(place)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_first_start_killed_several_times_is_finished_in_the_end(place: Place, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same kill points in each run
    for _ in range(chance.randint(1, 4)):
        kill_first_start_after(place, chance.uniform(0.2, 3.0))
    assert_next_start_is_right(place)
