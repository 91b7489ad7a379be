"""What becomes of an alert by findings and by time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.life import Course, Step, after_finding, after_time, due
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.monitoring.finding import Finding
from tests.unit.operations.alerts.findings import (
    NOON,
    RUNBOOK,
    alert_of,
    at,
    bad,
    course_of,
    document,
    good,
    taken,
    ticked,
)


def kinds(step: Step) -> list[str]:
    return [event.kind for event in step.events]


def test_a_finding_without_a_rule_is_our_error_and_opens_nothing() -> None:
    step = taken(bad("no_such_rule"))
    assert (step.reason, step.course.alert) == ("no-rule", None)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.SKIPPED])
def test_what_was_not_measured_neither_opens_nor_ends_an_alert(status: Status) -> None:
    open_course = course_of(bad())
    for course in (Course(), open_course):
        step = taken(Finding("unit_down", status, at(9)), course)
        assert (step.reason, step.course) == ("not-measured", course)


def test_a_slow_look_that_began_before_the_newest_one_ends_nothing() -> None:
    course = course_of(bad(seconds=10))
    step = after_finding(good(seconds=9.9), course, RUNBOOK.alerts, at(10.5))
    assert (step.reason, alert_of(step.course).state) == ("older-than-known", AlertState.FIRING)


def test_a_slow_look_that_began_before_the_end_opens_nothing() -> None:
    course = course_of(bad(seconds=10), good(seconds=11))
    step = taken(bad(seconds=11.5), course)
    assert step.reason == "fires"
    late = after_finding(bad(seconds=10.5), Course(None, course.changes), RUNBOOK.alerts, at(12))
    assert late.reason == "older-than-known"


def test_findings_count_again_at_once_when_the_clock_was_set_back() -> None:
    course = course_of(bad(seconds=7200))
    assert kinds(taken(good(seconds=10), course)) == ["resolved"]


def test_a_pending_alert_fires_though_the_clock_was_set_back() -> None:
    course = course_of(bad("cpu_usage", 7200), bad("cpu_usage", 0), bad("cpu_usage", 300))
    assert alert_of(course).state is AlertState.FIRING


def test_a_finding_of_the_future_counts_as_of_now() -> None:
    step = after_finding(bad(seconds=3600), Course(), RUNBOOK.alerts, NOON)
    assert alert_of(step.course).fired_at == NOON


def test_a_kill_that_heals_within_grace_is_fired_and_resolved_once_and_was_never_to_be_paged() -> (
    None
):
    fired = taken(bad(grace_seconds=5))
    healed = taken(good(seconds=1.2), fired.course)
    assert kinds(fired) + kinds(healed) == ["fired", "resolved"]
    alert = alert_of(healed.course)
    assert (alert.page_after, alert.resolved_at) == (at(5), at(1.2))


def test_what_heals_before_its_for_leaves_one_event_only() -> None:
    waits = taken(bad("cpu_usage"))
    healed = taken(good("cpu_usage", 299), waits.course)
    assert (kinds(waits), kinds(healed)) == (["pending"], ["forgotten"])
    assert alert_of(healed.course).fired_at is None
    assert healed.course.changes == ()


def test_what_stands_for_its_for_fires_by_time_alone_and_keeps_its_grace() -> None:
    course = course_of(bad("cpu_usage", grace_seconds=7))
    assert due(course, RUNBOOK.alerts, NOON) == at(300)
    assert ticked(course, 299.9).reason == "nothing-due"
    step = ticked(course, 300)
    assert kinds(step) == ["fired"]
    assert alert_of(step.course).page_after == at(307)


def test_an_alert_that_waited_while_the_watcher_was_dead_fires_now_and_not_in_the_past() -> None:
    step = ticked(course_of(bad("cpu_usage")), 7200)
    assert alert_of(step.course).fired_at == at(7200)


def test_a_warning_fires_at_the_rules_warning() -> None:
    warning = Finding("memory_usage", Status.WARNING, NOON)
    assert alert_of(taken(warning).course).severity == "low"
    other = Finding("cpu_usage", Status.WARNING, NOON)
    assert taken(other).reason == "warning-ignored"


def test_an_alert_that_gets_worse_begins_its_escalation_anew_and_drops_the_acknowledgement() -> (
    None
):
    warned = course_of(Finding("error_rate", Status.WARNING, NOON))
    firing = ticked(warned, 60).course
    acknowledged = Course(_acknowledged(firing), firing.changes)
    step = taken(bad("error_rate", 100), acknowledged)
    alert = alert_of(step.course)
    assert kinds(step) == ["raised"]
    assert (alert.severity, alert.fired_at, alert.page_after) == ("high", at(100), at(100))
    assert alert.acknowledged_at is None


def test_an_alert_that_was_paged_is_not_lowered_before_it_ends() -> None:
    raised = course_of(bad("error_rate"), bad("error_rate", 60))
    step = taken(Finding("error_rate", Status.WARNING, at(70)), raised)
    assert (step.reason, alert_of(step.course).severity) == ("seen-again", "high")


def test_an_alert_is_lowered_within_its_grace_but_not_below_what_was_paged() -> None:
    course = course_of(bad("x", severity="medium"))
    raised = taken(bad("x", 10, severity="critical", grace_seconds=5), course)
    step = taken(bad("x", 11, severity="low", grace_seconds=5), raised.course)
    assert (kinds(step), alert_of(step.course).severity) == (["lowered"], "medium")


def test_an_alert_sent_in_that_is_not_sent_again_ends() -> None:
    course = course_of(bad("disk_full", severity="high"), bad("disk_full", 100, severity="high"))
    assert due(course, RUNBOOK.alerts, NOON) == at(400)
    step = ticked(course, 400)
    assert (step.reason, kinds(step)) == ("not-sent-again", ["resolved"])


def test_after_a_start_senders_get_their_time_to_send_again() -> None:
    course = course_of(bad("disk_full", severity="high"))
    awake = at(86400)
    early = after_time(course, RUNBOOK.alerts, awake, awake)
    late = after_time(course, RUNBOOK.alerts, awake + timedelta(minutes=5), awake)
    assert (early.reason, late.reason) == ("nothing-due", "not-sent-again")


def test_an_alert_whose_rule_was_taken_out_of_the_document_ends() -> None:
    rules = {name: rule for name, rule in RUNBOOK.alerts.rules.items() if name != "cpu_usage"}
    step = ticked(course_of(bad("cpu_usage")), 1, document(rules=rules))
    assert (step.reason, alert_of(step.course).state) == ("rule-gone", AlertState.RESOLVED)


def flapping() -> Course:
    """Bad and good by turns, ten seconds apart: held firing by its sixth change."""
    course = Course()
    for second in (0, 20, 40):
        course = taken(bad(seconds=second), course).course
        course = taken(good(seconds=second + 10), course).course
    return course


def test_one_that_changes_too_often_fires_once_and_ends_once_it_was_calm() -> None:
    course = flapping()
    alert = alert_of(course)
    assert (alert.state, alert.flapping, alert.healthy) == (AlertState.FIRING, True, True)
    for second in range(60, 600, 20):
        for finding in (bad(seconds=second), good(seconds=second + 10)):
            step = taken(finding, course)
            assert step.events == ()
            course = step.course
    assert ticked(course, 600 + 890 - 11).reason == "nothing-due"
    step = ticked(course, 590 + 900)
    assert (step.reason, kinds(step)) == ("calm", ["resolved"])
    assert step.course.changes == ()


def test_one_that_flapped_and_stays_bad_goes_on_firing_as_an_ordinary_alert() -> None:
    course = taken(bad(seconds=60), flapping()).course
    step = ticked(course, 60 + 900)
    assert kinds(step) == ["calm"]
    assert (alert_of(step.course).state, alert_of(step.course).flapping) == ("firing", False)
    assert kinds(taken(good(seconds=970), step.course)) == ["resolved"]


def test_changes_that_are_far_apart_are_no_flapping() -> None:
    course = Course()
    for turn in range(20):
        course = taken(bad(seconds=turn * 1000), course).course
        step = taken(good(seconds=turn * 1000 + 500), course)
        assert kinds(step) == ["resolved"]
        course = step.course


def _acknowledged(course: Course) -> Alert:
    return replace(alert_of(course), acknowledged_at=at(1), acknowledged_by="ana")
