"""Maintenance in Alertmanager's words means the same moments, or is not said at all."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.operations.alerts.prometheus.mute_times import time_intervals
from bigbrother.runbook.sections.alerting import Maintenance

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def maintenance(cron: str, lasts: str = "30min", zone: str = "UTC") -> Maintenance:
    return Maintenance.model_validate(
        {"name": "care", "cron": cron, "lasts": lasts, "time_zone": zone}
    )


def muted(intervals: list[dict[str, Any]], at: datetime) -> bool:
    """What Alertmanager makes of them: all that an interval names must fit."""

    def fits(interval: dict[str, Any]) -> bool:
        local = at.astimezone(ZoneInfo(interval["location"]))
        clock = f"{local:%H:%M}"
        return (
            any(span["start_time"] <= clock < span["end_time"] for span in interval["times"])
            and WEEKDAYS[local.weekday()] in interval.get("weekdays", WEEKDAYS)
            and str(local.day) in interval.get("days_of_month", [str(local.day)])
            and str(local.month) in interval.get("months", [str(local.month)])
        )

    return any(fits(interval) for interval in intervals)


@pytest.mark.parametrize(
    ("cron", "lasts"),
    [
        ("0 2 1 * mon", "30min"),
        ("0 2 l * *", "30min"),
        ("0 2 * * mon#1", "30min"),
        ("0 2 * * *", "25h"),
        ("0 2 * * *", "90s"),
        ("0 23 1 * *", "2h"),
    ],
)
def test_what_alertmanager_has_no_words_for_is_not_said(cron: str, lasts: str) -> None:
    assert time_intervals(maintenance(cron, lasts)) is None


@settings(max_examples=40, deadline=None)
@given(
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    weekdays=st.sampled_from(["*", "sat", "sun", "mon-fri", "fri,sat", "7"]),
    lasts=st.integers(1, 24 * 60),
    offset=st.integers(0, 9 * 24 * 60 - 1),
)
def test_it_says_the_same_moments_as_the_document(
    hour: int, minute: int, weekdays: str, lasts: int, offset: int
) -> None:
    care = maintenance(f"{minute} {hour} * * {weekdays}", f"{lasts}min")
    intervals = time_intervals(care)
    assert intervals is not None
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=offset)
    begins = care.cron.next_after(at - care.lasts.duration, care.time_zone)
    assert muted(intervals, at) is (begins <= at)
