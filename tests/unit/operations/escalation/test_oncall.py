"""Who would be paged is what would happen."""

from bigbrother.operations.escalation.oncall import OnCall, on_call
from bigbrother.runbook.sections.alerting import Severity
from tests.unit.operations.escalation.documents import (
    MONDAY_10_AM,
    SUNDAY_3_AM,
    document,
    minutes,
)

DEFAULT = document()


def of(found: tuple[OnCall, ...], severity: Severity) -> OnCall:
    """What is said of one severity."""
    return next(each for each in found if each.severity == severity)


def test_the_gravest_comes_first() -> None:
    found = on_call(DEFAULT, MONDAY_10_AM)
    assert [each.severity for each in found] == ["emergency", "critical", "high", "medium", "low"]


def test_on_a_working_day_the_noc_and_engineering_and_then_the_manager() -> None:
    critical = of(on_call(DEFAULT, MONDAY_10_AM), "critical")
    assert [(each.page.contact, each.works) for each in critical.at_once] == [
        ("ops", True),
        ("engineering", True),
    ]
    assert critical.at_once[0].until is None
    assert critical.at_once[1].until == MONDAY_10_AM + minutes(7 * 60)
    assert [(each.page.contact, each.page.due_at) for each in critical.then] == [
        ("management", MONDAY_10_AM + minutes(30))
    ]


def test_on_a_sunday_night_engineering_is_told_quietly_and_works_on_monday() -> None:
    critical = of(on_call(DEFAULT, SUNDAY_3_AM), "critical")
    engineering = critical.at_once[1]
    assert (engineering.page.quiet, engineering.works) == (True, False)
    assert engineering.until == MONDAY_10_AM - minutes(60)


def test_what_pages_nobody_in_person_names_its_broadcast() -> None:
    low = of(on_call(DEFAULT, MONDAY_10_AM), "low")
    assert (low.at_once, low.then, low.broadcast) == ((), (), ("console",))


def test_after_a_breach_that_pages_no_one_new_somebody_still_follows() -> None:
    runbook = document("escalation: {entry: {medium: [{level: L2, in_hours: true}]}}")
    medium = of(on_call(runbook, SUNDAY_3_AM), "medium")
    assert medium.at_once == ()
    assert [each.page.contact for each in medium.then] == ["ops"]
