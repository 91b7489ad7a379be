"""Incidents, told from the side of those who are paged."""

import pytest

from bigbrother.operations.escalation.escalate import EscalationFacts, next_due, pages
from bigbrother.runbook.sections.alerting import Severity
from tests.unit.operations.escalation.documents import (
    MONDAY_10_AM,
    SUNDAY_3_AM,
    alert,
    document,
    minutes,
    told,
)

DEFAULT = document()


def test_monday_morning_nobody_answers_a_slow_endpoint() -> None:
    assert told(alert("high", MONDAY_10_AM), DEFAULT, 150) == [
        "+0 ops entry",
        "+0 engineering entry",
        "+30 management not-acknowledged",
        "+35 deputy backup",
        "+60 director not-acknowledged",
        "+120 ops breached",
        "+120 engineering breached",
        "+120 management breached",
        "+120 director breached",
        "+125 deputy backup",
        "+150 ops repeated",
        "+150 engineering repeated",
        "+150 management repeated",
        "+150 director repeated",
    ]


def test_monday_morning_a_full_disk_begins_with_the_noc_alone() -> None:
    assert told(alert("medium", MONDAY_10_AM), DEFAULT, 60) == [
        "+0 ops entry",
        "+15 engineering not-acknowledged",
        "+30 management not-acknowledged",
        "+35 deputy backup",
        "+60 director not-acknowledged",
    ]


def test_sunday_at_three_the_database_dies_and_engineering_sleeps() -> None:
    assert told(alert("critical", SUNDAY_3_AM), DEFAULT, 60) == [
        "+0 ops entry",
        "+0 engineering off-hours quietly",
        "+0 management off-hours",
        "+5 deputy backup",
        "+30 management not-acknowledged",
        "+35 deputy backup",
        "+60 director not-acknowledged",
    ]


def test_sunday_at_three_the_noc_is_kept_awake_with_what_can_wait_for_engineering() -> None:
    facts = alert("high", SUNDAY_3_AM)
    held = [f"+{after} ops off-hours" for after in range(15, 30 * 60, 30)]
    assert told(facts, DEFAULT, 30 * 60 - 1) == ["+0 ops entry", *held]
    # Monday at nine the clock goes on where it stood.
    assert told(facts, DEFAULT, 30 * 60 + 105)[len(held) + 1 :] == [
        "+1800 engineering not-acknowledged",
        "+1815 management not-acknowledged",
        "+1820 deputy backup",
        "+1845 director not-acknowledged",
        "+1905 ops breached",
        "+1905 engineering breached",
        "+1905 management breached",
        "+1905 director breached",
    ]


def test_engineering_comes_to_work_before_its_turn() -> None:
    at_ten_to_nine = MONDAY_10_AM - minutes(70)
    assert told(alert("critical", at_ten_to_nine), DEFAULT, 29) == [
        "+0 ops entry",
        "+0 engineering off-hours quietly",
        "+0 management off-hours",
        "+5 deputy backup",
        "+15 engineering not-acknowledged",
    ]


def test_a_declared_disaster_pages_all_four_levels_at_once() -> None:
    assert told(alert("emergency", MONDAY_10_AM), DEFAULT, 119) == [
        "+0 ops entry",
        "+0 engineering entry",
        "+0 management entry",
        "+0 director entry",
        "+5 deputy backup",
    ]


def test_who_stands_in_for_another_level_is_paged_once_a_moment() -> None:
    at_once = told(alert("emergency", SUNDAY_3_AM), DEFAULT, 0)
    assert at_once == [
        "+0 ops entry",
        "+0 engineering off-hours quietly",
        "+0 management off-hours",
        "+0 director entry",
    ]


def test_a_low_alert_wakes_nobody() -> None:
    facts = alert("low", MONDAY_10_AM)
    assert told(facts, DEFAULT, 10_000) == []
    assert next_due(facts, DEFAULT, MONDAY_10_AM) is None


def test_a_unit_that_heals_within_its_grace_pages_nobody() -> None:
    facts = alert(
        "critical",
        MONDAY_10_AM,
        page_after=MONDAY_10_AM + minutes(5),
        resolved_at=MONDAY_10_AM + minutes(4),
    )
    assert told(facts, DEFAULT, 500) == []


def test_the_grace_delays_the_first_page_and_no_other() -> None:
    facts = alert("medium", MONDAY_10_AM, page_after=MONDAY_10_AM + minutes(5))
    assert told(facts, DEFAULT, 30)[:2] == ["+5 ops entry", "+15 engineering not-acknowledged"]


@pytest.mark.parametrize("severity", ["medium", "high", "critical", "emergency"])
def test_an_acknowledgement_stops_it_and_keeps_what_was_said(severity: Severity) -> None:
    open_ = told(alert(severity, MONDAY_10_AM), DEFAULT, 19)
    taken_on = alert(severity, MONDAY_10_AM, acknowledged_at=MONDAY_10_AM + minutes(20))
    assert told(taken_on, DEFAULT, 10_000) == open_
    assert next_due(taken_on, DEFAULT, MONDAY_10_AM + minutes(20)) is None


def test_an_acknowledgement_at_the_very_moment_of_a_page_is_in_time() -> None:
    facts = alert("medium", MONDAY_10_AM, acknowledged_at=MONDAY_10_AM + minutes(15))
    assert told(facts, DEFAULT, 10_000) == ["+0 ops entry"]


def test_an_acknowledgement_that_is_taken_back_lets_it_go_on_where_it_would_be() -> None:
    span = (MONDAY_10_AM + minutes(10), MONDAY_10_AM + minutes(40))
    facts = alert("medium", MONDAY_10_AM, acknowledged_before=(span,))
    assert told(facts, DEFAULT, 60) == [
        "+0 ops entry",
        "+40 engineering not-acknowledged",
        "+40 management not-acknowledged",
        "+40 deputy backup",
        "+60 director not-acknowledged",
    ]


def test_an_acknowledgement_taken_back_after_a_week_pages_everybody_once() -> None:
    span = (MONDAY_10_AM + minutes(10), MONDAY_10_AM + minutes(7 * 24 * 60))
    facts = alert("critical", MONDAY_10_AM, acknowledged_before=(span,))
    late = [page for page in pages(facts, DEFAULT, span[1]) if page.due_at == span[1]]
    assert sorted(page.contact for page in late if not page.quiet) == [
        "deputy",
        "director",
        "engineering",
        "management",
        "ops",
    ]


def test_an_acknowledgement_taken_back_at_night_lets_engineering_sleep() -> None:
    friday_evening = MONDAY_10_AM + minutes(4 * 24 * 60 + 400)
    span = (friday_evening + minutes(5), friday_evening + minutes(80))
    facts = alert("medium", friday_evening, acknowledged_before=(span,))
    assert told(facts, DEFAULT, 80)[:2] == [
        "+0 ops entry",
        "+80 engineering not-acknowledged quietly",
    ]


def test_times_may_count_from_each_levels_own_page() -> None:
    from_level = document("escalation: {measured_from: level}")
    assert told(alert("medium", MONDAY_10_AM), from_level, 225) == [
        "+0 ops entry",
        "+15 engineering not-acknowledged",
        "+45 management not-acknowledged",
        "+50 deputy backup",
        "+105 director not-acknowledged",
        "+225 ops breached",
        "+225 engineering breached",
        "+225 management breached",
        "+225 director breached",
    ]


def test_a_severity_may_enter_above_the_first_level() -> None:
    runbook = document("escalation: {entry: {high: [{level: L3}]}}")
    assert told(alert("high", MONDAY_10_AM), runbook, 60) == [
        "+0 management entry",
        "+5 deputy backup",
        "+60 director not-acknowledged",
    ]


def failed(
    facts: EscalationFacts, contact: str, after: float, known: EscalationFacts
) -> EscalationFacts:
    """The alert, once it is known that the last page so far to a contact reached nothing."""
    at = known.fired_at + minutes(after)
    key = next(p.key for p in reversed(pages(known, DEFAULT, at)) if p.contact == contact)
    return alert(facts.severity, facts.fired_at, unreachable={**known.unreachable, key: at})


def test_the_managers_phone_is_dead_and_the_deputy_is_called_at_once() -> None:
    facts = alert("medium", MONDAY_10_AM)
    dead = failed(facts, "management", 32, facts)
    assert told(dead, DEFAULT, 60) == [
        "+0 ops entry",
        "+15 engineering not-acknowledged",
        "+30 management not-acknowledged",
        "+32 deputy unreachable",
        "+60 director not-acknowledged",
    ]


def test_a_failure_learned_of_after_the_backups_page_pages_the_backup_once() -> None:
    facts = alert("medium", MONDAY_10_AM)
    before = pages(facts, DEFAULT, MONDAY_10_AM + minutes(36))
    late = pages(failed(facts, "management", 36, facts), DEFAULT, MONDAY_10_AM + minutes(36))
    assert late == before


def test_a_failure_learned_of_just_before_the_backups_page_keeps_its_key() -> None:
    facts = alert("medium", MONDAY_10_AM)
    by_time = pages(facts, DEFAULT, MONDAY_10_AM + minutes(36))[-1]
    by_failure = pages(failed(facts, "management", 34, facts), DEFAULT, MONDAY_10_AM + minutes(36))[
        -1
    ]
    assert (by_time.reason, by_failure.reason) == ("backup", "unreachable")
    assert by_time.key == by_failure.key


def test_manager_and_deputy_are_both_dead_and_the_director_is_called() -> None:
    facts = alert("medium", MONDAY_10_AM)
    one = failed(facts, "management", 31, facts)
    both = failed(facts, "deputy", 33, one)
    assert told(both, DEFAULT, 59)[-3:] == [
        "+30 management not-acknowledged",
        "+31 deputy unreachable",
        "+33 director unreachable",
    ]


def test_sunday_at_three_the_noc_is_dead_and_what_could_wait_does_not() -> None:
    facts = alert("medium", SUNDAY_3_AM)
    assert told(failed(facts, "ops", 1, facts), DEFAULT, 14) == [
        "+0 ops entry",
        "+1 management unreachable",
        "+6 deputy backup",
    ]


def test_the_noc_is_dead_while_engineering_was_paged_with_it() -> None:
    facts = alert("critical", MONDAY_10_AM)
    assert told(failed(facts, "ops", 1, facts), DEFAULT, 29) == [
        "+0 ops entry",
        "+0 engineering entry",
    ]


def test_a_backup_that_works_stands_in_for_a_contact_off_hours() -> None:
    runbook = document(
        """
contacts:
  engineering: {backup: night}
  night: {name: Night shift, email: night@company.com, schedule: "mon-sun 22:00-06:00"}
"""
    )
    assert told(alert("high", SUNDAY_3_AM), runbook, 29) == [
        "+0 ops entry",
        "+0 engineering off-hours quietly",
        "+0 night off-hours",
    ]


def test_a_contact_whom_no_channel_reaches_is_passed() -> None:
    runbook = document(
        """
alert_config: {channels: {console: {enabled: false}, email: {enabled: true}}}
contacts: {engineering: {email: ""}}
"""
    )
    assert told(alert("medium", MONDAY_10_AM), runbook, 29) == [
        "+0 ops entry",
        "+15 management unreachable",
        "+20 deputy backup",
    ]


def test_with_nobody_below_awake_the_contact_itself_is_told_quietly_until_its_hours() -> None:
    runbook = document("contacts: {ops: {schedule: 8x5}}")
    found = told(alert("medium", MONDAY_10_AM - minutes(120)), runbook, 75)
    assert found == [
        "+0 ops off-hours quietly",
        "+30 ops off-hours quietly",
        "+60 ops not-acknowledged",
        "+75 engineering not-acknowledged",
    ]
