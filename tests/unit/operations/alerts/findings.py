"""Findings and the document, as tests of alerts write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.life import Course, Step, after_finding, after_time
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Alerts

RUNBOOK = load_runbook()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FAR_FUTURE = NOON + timedelta(days=3650)


def at(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def bad(name: str = "unit_down", seconds: float = 0, **more: Any) -> Finding:  # noqa: ANN401 - a finding's own fields
    return Finding(name, Status.FAILED, at(seconds), **more)


def good(name: str = "unit_down", seconds: float = 0, **more: Any) -> Finding:  # noqa: ANN401 - a finding's own fields
    return Finding(name, Status.PASSED, at(seconds), **more)


def document(**alerts: object) -> Runbook:
    """The default document with another section `alerts`; values as the document writes them."""
    raw = {name: getattr(RUNBOOK.alerts, name) for name in Alerts.model_fields} | alerts
    return RUNBOOK.model_copy(update={"alerts": Alerts.model_validate(raw)})


def course_of(*findings: Finding, runbook: Runbook = RUNBOOK) -> Course:
    """Where these findings lead, each taken at its own moment."""
    course = Course()
    for finding in findings:
        course = taken(finding, course, runbook).course
    return course


def taken(finding: Finding, course: Course = Course(), runbook: Runbook = RUNBOOK) -> Step:  # noqa: B008 - frozen
    """One finding taken at its moment; one that ended is not open any more."""
    return after_finding(finding, _open(course), runbook.alerts, finding.at)


def ticked(course: Course, seconds: float, runbook: Runbook = RUNBOOK) -> Step:
    """Time passed, with a watcher that has been awake for long."""
    return after_time(_open(course), runbook.alerts, at(seconds), NOON - timedelta(days=1))


def alert_of(course: Course) -> Alert:
    """The alert that must be there."""
    assert course.alert is not None
    return course.alert


def _open(course: Course) -> Course:
    over = course.alert is not None and course.alert.resolved_at is not None
    return Course(None, course.changes) if over else course
