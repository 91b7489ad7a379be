"""Who stands in for several, and who stands in for somebody who is away too."""

from bigbrother.operations.escalation.escalate import pages
from tests.unit.operations.escalation.documents import (
    MONDAY_10_AM,
    SUNDAY_3_AM,
    alert,
    document,
    minutes,
    told,
)


def test_one_person_on_two_levels_who_is_not_reached_is_passed_twice() -> None:
    runbook = document("escalation: {matrix: {L2: {contact: ops}}}")
    key = pages(alert("medium", MONDAY_10_AM), runbook, MONDAY_10_AM)[0].key
    facts = alert("medium", MONDAY_10_AM, unreachable={key: MONDAY_10_AM + minutes(1)})
    assert told(facts, runbook, 3) == ["+0 ops entry", "+1 management unreachable"]


def test_a_backup_that_was_paged_as_a_level_is_not_paged_again_as_a_backup() -> None:
    runbook = document("contacts: {ops: {backup: engineering}}")
    assert told(alert("critical", MONDAY_10_AM), runbook, 29) == [
        "+0 ops entry",
        "+0 engineering entry",
    ]


def test_a_backup_off_hours_is_told_quietly() -> None:
    runbook = document("contacts: {ops: {backup: engineering}}")
    assert told(alert("medium", SUNDAY_3_AM), runbook, 14) == [
        "+0 ops entry",
        "+5 engineering off-hours quietly",
    ]


def test_one_person_on_two_levels_off_hours_is_told_quietly_once() -> None:
    runbook = document("escalation: {matrix: {L3: {contact: engineering}}}")
    assert told(alert("critical", SUNDAY_3_AM), runbook, 0) == [
        "+0 ops entry",
        "+0 engineering off-hours quietly",
        "+0 director off-hours",
    ]


NIGHTS_AWAY = """
contacts:
  engineering: {backup: night}
  night: {name: Night shift, email: night@company.com, schedule: "mon-fri 22:00-06:00"}
"""


def test_a_quiet_page_calls_for_no_backup() -> None:
    runbook = document(NIGHTS_AWAY)
    assert told(alert("critical", SUNDAY_3_AM), runbook, 29) == [
        "+0 ops entry",
        "+0 engineering off-hours quietly",
        "+0 management off-hours",
        "+5 deputy backup",
    ]


def test_a_quiet_page_that_fails_late_is_still_followed() -> None:
    runbook = document(
        """
contacts:
  ops: {schedule: 8x5, backup: night}
  night: {name: Night shift, email: night@company.com, schedule: "mon-fri 22:00-06:00"}
"""
    )
    facts = alert("medium", SUNDAY_3_AM)
    key = pages(facts, runbook, SUNDAY_3_AM)[0].key
    failed = alert("medium", SUNDAY_3_AM, unreachable={key: SUNDAY_3_AM + minutes(12)})
    assert told(failed, runbook, 16) == [
        "+0 ops off-hours quietly",
        "+12 night off-hours quietly",
        "+12 management unreachable",
    ]


def test_what_was_kept_back_is_the_same_for_who_asks_for_the_end_alone() -> None:
    runbook = document("escalation: {repeat_every: 20min, backup_after: 25min}")
    span = (MONDAY_10_AM + minutes(10), MONDAY_10_AM + minutes(210))
    facts = alert("medium", MONDAY_10_AM, acknowledged_before=(span,))
    everything = pages(facts, runbook, span[1])
    assert "deputy" in {page.contact for page in everything}
    late = pages(facts, runbook, span[1], since=span[1] - minutes(30))
    assert late == tuple(page for page in everything if page.due_at == span[1])
