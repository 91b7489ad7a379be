"""The proof that nobody is left alone over 400 days, and what asking for pages costs."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from bench.report import Result, Row
from bigbrother.kernel.schedule import parse_schedule
from bigbrother.operations.escalation.escalate import EscalationFacts, next_due, pages
from bigbrother.operations.escalation.reachability import holes
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook

DAYS = 400
PROOF_SECONDS = 10.0
T = TypeVar("T")
FIRST = datetime(2026, 1, 1, 3, tzinfo=UTC)
# Two shifts a day and a moved clock in most of the zones: far more ends of hours than usual.
PEOPLE = {
    "ops": ("mon-sun 06:00-18:00, mon-sun 18:00-23:30", "America/Sao_Paulo"),
    "engineering": ("mon-fri 08:00-12:00, mon-fri 13:00-17:00", "Australia/Lord_Howe"),
    "management": ("mon-sun 22:00-06:00, sat-sun 09:00-12:00", "America/New_York"),
    "deputy": ("mon-fri 07:00-19:00", "Europe/Berlin"),
    "director": ("24/7", "UTC"),
}


def measure() -> Iterator[Result]:
    """The rows of this measurement."""
    shipped = load_runbook()
    yield from _proof("the shipped document", shipped)
    contacts = {
        name: shipped.contacts[name].model_copy(
            update={"schedule": parse_schedule(hours), "time_zone": ZoneInfo(zone)}
        )
        for name, (hours, zone) in PEOPLE.items()
    }
    yield from _proof("four zones", shipped.model_copy(update={"contacts": contacts}))
    yield from _looks(shipped)


def _proof(which: str, runbook: Runbook) -> Iterator[Row]:
    found, seconds = _timed(lambda: holes(runbook, FIRST, DAYS))
    if found:
        raise AssertionError(f"{which} has holes: {found[0]}")
    yield Row(
        what=f"{DAYS} days of escalation proven, {which}",
        measured=f"{seconds:.2f} s",
        against=f"{PROOF_SECONDS:g} s",
        ratio=f"{seconds / PROOF_SECONDS:.2f}",
        target="<= 1",
        met=seconds <= PROOF_SECONDS,
    )


def _looks(runbook: Runbook) -> Iterator[Row]:
    """Asking once for one alert, at its beginning and after a week without an answer."""
    alert = EscalationFacts("a", "critical", FIRST, FIRST)
    week = FIRST + timedelta(days=7)

    def at_first() -> None:
        pages(alert, runbook, FIRST)
        next_due(alert, runbook, FIRST)

    def after_a_week() -> None:
        pages(alert, runbook, week, since=week - timedelta(hours=1))
        next_due(alert, runbook, week)

    for what, look in (("just fired", at_first), ("a week old", after_a_week)):
        times = [_timed(look)[1] for _ in range(300)]
        median = sorted(times)[len(times) // 2]
        yield Row(
            what=f"escalation of one alert looked up, {what} (median of {len(times)})",
            measured=f"{median * 1e6:.0f} µs",
            against="",
            ratio="",
            target="",
            met=None,
        )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began
