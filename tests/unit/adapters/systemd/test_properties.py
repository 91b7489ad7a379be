"""What systemd shows of a unit, and what the product makes of it."""

from datetime import UTC, datetime

import pytest

from bigbrother.adapters.systemd.properties import parsed, unit_status
from bigbrother.ports.service_manager import UnitState

WELL = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "Result": "success",
    "Job": "",
    "MainPID": "41",
    "StateChangeTimestamp": "Sun 2026-11-22 23:18:18.650713 UTC",
    "NRestarts": "0",
}


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({}, UnitState.RUNNING),
        ({"ActiveState": "activating", "SubState": "start"}, UnitState.STARTING),
        ({"ActiveState": "activating", "SubState": "auto-restart"}, UnitState.RESTARTING),
        ({"ActiveState": "deactivating", "SubState": "stop-sigterm"}, UnitState.STOPPING),
        (
            {"ActiveState": "deactivating", "SubState": "stop-watchdog", "Result": "watchdog"},
            UnitState.RESTARTING,
        ),
        ({"ActiveState": "failed", "SubState": "failed"}, UnitState.FAILED),
        ({"ActiveState": "inactive", "SubState": "dead"}, UnitState.STOPPED),
        ({"ActiveState": "inactive", "SubState": "dead", "Job": "77"}, UnitState.STARTING),
    ],
)
def test_each_state_of_systemd_has_its_word(shown: dict[str, str], state: UnitState) -> None:
    assert unit_status("bigbrother-face", WELL | shown).state is state


def test_a_unit_that_runs_has_its_process_and_since_when() -> None:
    status = unit_status("bigbrother-face", WELL)
    assert status.process_id == 41
    assert status.since == datetime(2026, 11, 22, 23, 18, 18, 650713, tzinfo=UTC)
    assert status.reason == ""


def test_a_unit_that_died_says_how() -> None:
    died = {"ActiveState": "activating", "SubState": "auto-restart", "Result": "watchdog"}
    status = unit_status("bigbrother-face", WELL | died | {"MainPID": "0", "NRestarts": "3"})
    assert status.process_id is None
    assert "watchdog" in status.reason
    assert "3" in status.reason


def test_a_unit_without_a_file_says_how_to_make_one() -> None:
    lost = {"LoadState": "not-found", "ActiveState": "inactive", "StateChangeTimestamp": ""}
    status = unit_status("bigbrother-face", WELL | lost | {"MainPID": "0"})
    assert status.state is UnitState.STOPPED
    assert status.since is None
    assert "bigbrother render systemd" in status.reason


def test_several_units_are_told_apart_and_values_may_hold_an_equals_sign() -> None:
    text = "Id=a.service\nResult=x=y\n\nId=b.service\nResult=\n"
    assert list(parsed(text)) == [
        {"Id": "a.service", "Result": "x=y"},
        {"Id": "b.service", "Result": ""},
    ]
