"""A document that leaves anybody alone is found out before the night in which it matters."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.kernel.schedule import parse_schedule
from bigbrother.operations.escalation.escalate import pages
from bigbrother.operations.escalation.reach import addresses
from bigbrother.operations.escalation.reachability import holes
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Severity
from bigbrother.runbook.sections.escalation import Entry, Level
from tests.unit.operations.escalation.documents import (
    MONDAY_10_AM,
    SUNDAY_3_AM,
    alert,
    document,
    minutes,
)

OFFICE_ONLY = """
contacts:
  ops: {schedule: 8x5}
  management: {schedule: 8x5, backup: null}
  director: {schedule: 8x5}
"""


def test_the_shipped_document_leaves_nobody_alone() -> None:
    assert holes(document(), SUNDAY_3_AM) == ()


def test_a_team_that_works_in_office_hours_alone_leaves_the_night_open() -> None:
    found = holes(document(OFFICE_ONLY), MONDAY_10_AM)
    assert {(hole.severity, hole.level) for hole in found} == {
        (severity, level)
        for severity in ("critical", "emergency")
        for level in ("L1", "L2", "L3", "L4")
    }
    assert {hole.at for hole in found} == {MONDAY_10_AM + minutes(7 * 60)}
    assert str(found[0]) == (
        "An alert of severity critical reaches nobody at L1 from 2026-11-23 17:00 UTC: ops works "
        "8x5 (UTC), and nobody at another level works then. Give ops a backup that works then, or "
        "a level a contact with 24/7."
    )


def test_an_hour_that_only_the_moved_clock_opens_is_found() -> None:
    # All year the night shift in London hands over at eight to a day shift in UTC. In summer
    # London's eight is UTC's seven.
    runbook = document(
        """
contacts:
  ops: {schedule: "mon-sun 18:00-08:00", time_zone: Europe/London}
  engineering: {schedule: "mon-sun 08:00-20:00", time_zone: UTC}
  management: {schedule: "mon-sun 08:00-20:00", backup: null}
  director: {schedule: "mon-sun 08:00-20:00"}
"""
    )
    found = holes(runbook, MONDAY_10_AM)
    assert found[0].at.isoformat() == "2027-03-28T07:00:00+00:00"
    assert holes(runbook, MONDAY_10_AM, days=100) == ()


def test_a_severity_without_a_channel_for_its_broadcast_is_a_hole() -> None:
    runbook = document("alert_config: {channels: {console: {severity: [critical, high]}}}")
    broadcasts = [hole for hole in holes(runbook, MONDAY_10_AM) if hole.level is None]
    assert [hole.severity for hole in broadcasts] == ["low", "medium", "emergency"]
    assert "Enable a channel" in str(broadcasts[0])


def test_with_every_channel_off_everything_is_a_hole() -> None:
    runbook = document()
    config = runbook.alert_config
    console = config.channels["console"].model_copy(update={"enabled": False})
    config = config.model_copy(update={"channels": {**config.channels, "console": console}})
    found = holes(runbook.model_copy(update={"alert_config": config}), MONDAY_10_AM)
    assert len(found) == 5 + 4 * 4
    assert "no enabled channel reaches ops" in str(found[5])


def test_a_level_whose_contact_is_unknown_is_carried_by_the_others_and_alone_it_is_a_hole() -> None:
    runbook = document()
    nobody = runbook.model_copy(update={"contacts": {}})
    found = holes(nobody, MONDAY_10_AM)
    assert "there is no contact 'ops'" in str(found[0])


hours = st.sampled_from(
    [
        "8x5",
        "mon-fri 22:00-06:00",
        "mon-sun 06:00-20:30",
        "sun 01:00-03:00, mon-sat 02:30-23:15",
    ]
)
zones = st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"])


@st.composite
def documents(draw: st.DrawFn) -> Runbook:
    """A document whose people work at any hours."""
    runbook = SHIPPED
    contacts = {
        name: person.model_copy(
            update={"schedule": parse_schedule(draw(hours)), "time_zone": ZoneInfo(draw(zones))}
        )
        for name, person in runbook.contacts.items()
    }
    return runbook.model_copy(update={"contacts": contacts})


SHIPPED = document()
DAYS = [datetime(2026, 3, 8), datetime(2026, 10, 31), datetime(2026, 4, 4), datetime(2026, 6, 10)]  # noqa: DTZ001
LEVELS: tuple[Level, ...] = ("L1", "L2", "L3", "L4")


def first_minute_alone(
    runbook: Runbook, severity: Severity, level: Level, day: datetime
) -> datetime | None:
    """Minute by minute: when the level's own page would first wake nobody."""
    entry = {**runbook.escalation.entry, severity: (Entry(level=level),)}
    escalation = runbook.escalation.model_copy(update={"entry": entry})
    alone = runbook.model_copy(update={"escalation": escalation})
    for minute in range(24 * 60):
        at = day + minute * timedelta(minutes=1)
        found = pages(alert(severity, at), alone, at)
        awake = [page for page in found if severity != "critical" or not page.quiet]
        if not any(addresses(page.contact, alone, page.quiet) for page in awake):
            return at
    return None


@settings(max_examples=10, deadline=None)
@given(
    documents(),
    st.sampled_from(DAYS),
    st.sampled_from(LEVELS),
    st.sampled_from(["critical", "medium"]),
)
def test_every_minute_of_a_day_says_what_the_ends_of_hours_say(
    runbook: Runbook, day: datetime, level: Level, severity: Severity
) -> None:
    first = day.replace(tzinfo=UTC)
    found = {(hole.severity, hole.level): hole.at for hole in holes(runbook, first, days=1)}
    assert found.get((severity, level)) == first_minute_alone(runbook, severity, level, first)
