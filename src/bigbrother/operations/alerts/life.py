"""The life of an alert: what becomes of it by a finding, and by time alone. Pure.

pending → firing → resolved. One that changes too often is flapping: it stays firing until it was
calm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.fingerprint import fingerprint, new_id, origin_of
from bigbrother.operations.alerts.records import Alert, AlertEvent, AlertState
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.runbook.sections.alerting import SEVERITIES, AlertRule, Alerts, Severity

Reason = Literal[
    "not-measured",
    "no-rule",
    "older-than-known",
    "warning-ignored",
    "nothing-open",
    "waits",
    "fires",
    "seen-again",
    "worse",
    "better",
    "healed-before-firing",
    "healed",
    "healed-while-flapping",
    "flaps",
    "calm",
    "not-sent-again",
    "rule-gone",
    "nothing-due",
    "taken",
    "taken-already",
    "given-back",
]
_RANK: Mapping[Severity, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}


@dataclass(frozen=True, slots=True)
class Course:
    """The open alert of a fingerprint, if there is one, and when it changed, oldest first."""

    alert: Alert | None = None
    changes: tuple[datetime, ...] = ()
    """The newest moments at which it began or ceased to be bad, over all alerts of its kind."""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a course, and why. An alert that ended is in it as resolved."""

    course: Course
    reason: Reason
    events: tuple[AlertEvent, ...] = ()


def after_finding(finding: Finding, course: Course, alerts: Alerts, now: datetime) -> Step:
    """What a finding makes of the course of its fingerprint."""
    if finding.status in (Status.UNKNOWN, Status.SKIPPED):
        return Step(course, "not-measured")
    rule = alerts.rules.get(finding.alert)
    if rule is None and finding.severity is None:
        return Step(course, "no-rule")
    at = min(finding.at, now)
    if _is_older(at, course, now):
        return Step(course, "older-than-known")
    if finding.status is Status.PASSED:
        return _good(course, at, alerts, "healed", finding.summary)
    severity = _severity(finding, rule)
    if severity is None:
        return Step(course, "warning-ignored")
    return _bad(finding, course, alerts, at, severity)


def after_time(course: Course, alerts: Alerts, now: datetime, awake_since: datetime) -> Step:
    """What time alone makes of it; `awake_since`: before, nothing sent in could be taken."""
    alert = course.alert
    moment = due(course, alerts, awake_since)
    if alert is None or moment is None or now < moment:
        return Step(course, "nothing-due")
    if _is_orphan(alert, alerts):
        detail = "The document has no such rule any more."
        return _end(course, alert, now, "rule-gone", detail)
    if alert.state is AlertState.PENDING:
        return _fire(course, alert, now, alerts)
    if _expires(alert) and now >= _expiry(alert, alerts, awake_since):
        return _good(course, now, alerts, "not-sent-again", "It was not sent again.")
    calm = replace(course, changes=())
    if alert.healthy:
        detail = f"Calm for {alerts.flapping_calm}."
        return _end(calm, alert, now, "calm", detail, changes=())
    event = AlertEvent(now, "calm", detail="It stands since.")
    return Step(replace(calm, alert=replace(alert, flapping=False)), "calm", (event,))


def due(course: Course, alerts: Alerts, awake_since: datetime) -> datetime | None:
    """When `after_time` has something to do next; None if never."""
    alert = course.alert
    if alert is None:
        return None
    if _is_orphan(alert, alerts):
        return alert.began_at
    if alert.state is AlertState.PENDING:
        return alert.began_at + alerts.rules[alert.name].for_.duration
    moments = []
    if alert.flapping:
        last = course.changes[-1] if course.changes else alert.seen_at
        moments.append(last + alerts.flapping_calm.duration)
    if _expires(alert):
        moments.append(_expiry(alert, alerts, awake_since))
    return min(moments, default=None)


def _is_orphan(alert: Alert, alerts: Alerts) -> bool:
    return alert.origin == "watcher" and alert.name not in alerts.rules


def _expires(alert: Alert) -> bool:
    return alert.origin == "sent-in" and not alert.healthy


def _expiry(alert: Alert, alerts: Alerts, awake_since: datetime) -> datetime:
    return max(alert.seen_at, awake_since) + alerts.sent_in_lives.duration


def _is_older(at: datetime, course: Course, now: datetime) -> bool:
    """A slow look that began before the newest one; not after the clock was set back."""
    if course.alert is not None:
        return at < course.alert.seen_at <= now
    return bool(course.changes) and at < course.changes[-1] <= now


def _severity(finding: Finding, rule: AlertRule | None) -> Severity | None:
    if finding.severity is not None or rule is None:
        return finding.severity
    return rule.severity if finding.status is Status.FAILED else rule.warning


def _good(course: Course, at: datetime, alerts: Alerts, reason: Reason, detail: str) -> Step:
    alert = course.alert
    if alert is None:
        return Step(course, "nothing-open")
    if alert.state is AlertState.PENDING:
        over = replace(alert, state=AlertState.RESOLVED, resolved_at=at, seen_at=at)
        event = AlertEvent(at, "forgotten", detail=detail)
        return Step(replace(course, alert=over), "healed-before-firing", (event,))
    if alert.healthy:
        seen = replace(alert, seen_at=at)
        return Step(replace(course, alert=seen), "healed-while-flapping")
    changes = _changes(course, at, alerts)
    if alert.flapping or _flaps(changes, alerts):
        held = replace(alert, healthy=True, flapping=True, seen_at=at)
        events = () if alert.flapping else (_flapping_event(at, alerts),)
        return Step(Course(held, changes), "healed-while-flapping", events)
    return _end(course, alert, at, reason, detail, changes=changes)


def _end(
    course: Course,
    alert: Alert,
    at: datetime,
    reason: Reason,
    detail: str,
    *,
    changes: tuple[datetime, ...] | None = None,
) -> Step:
    over = replace(
        alert,
        state=AlertState.RESOLVED,
        resolved_at=at,
        seen_at=at,
        flapping=False,
        healthy=False,
    )
    event = AlertEvent(at, "resolved", detail=detail)
    kept = course.changes if changes is None else changes
    return Step(Course(over, kept), reason, (event,))


def _bad(
    finding: Finding, course: Course, alerts: Alerts, at: datetime, severity: Severity
) -> Step:
    alert = course.alert
    stands = timedelta() if finding.severity else alerts.rules[finding.alert].for_.duration
    if alert is None:
        alert = _new(finding, at, severity)
        if not stands:
            return _fire(course, alert, at, alerts)
        event = AlertEvent(at, "pending", detail=finding.summary)
        return Step(replace(course, alert=alert), "waits", (event,))
    seen = replace(
        alert,
        summary=finding.summary,
        remedy=finding.remedy,
        value=finding.value,
        unit=finding.unit,
        threshold=finding.threshold,
        # A clock that was set back would let it wait for ever.
        began_at=min(alert.began_at, at),
        seen_at=at,
        grace_seconds=finding.grace_seconds,
    )
    if alert.state is AlertState.PENDING:
        seen = replace(seen, severity=severity)
        if at >= seen.began_at + stands:
            return _fire(course, seen, at, alerts)
        return Step(replace(course, alert=seen), "waits")
    if alert.healthy:
        seen = replace(seen, healthy=False)
        course = replace(course, changes=_changes(course, at, alerts))
    return _graded(course, seen, severity, at)


def _graded(course: Course, alert: Alert, severity: Severity, at: datetime) -> Step:
    """A firing alert that was seen again, perhaps worse or better than before."""
    paged = alert.page_after is not None and at >= alert.page_after
    floor = alert.severity if paged else alert.floor
    if _RANK[severity] > _RANK[alert.severity]:
        raised = replace(
            alert,
            severity=severity,
            floor=floor,
            fired_at=at,
            page_after=at + timedelta(seconds=alert.grace_seconds),
            acknowledged_at=None,
            acknowledged_by=None,
        )
        event = AlertEvent(at, "raised", detail=f"From {alert.severity} to {severity}.")
        return Step(replace(course, alert=raised), "worse", (event,))
    if floor is not None and _RANK[severity] < _RANK[floor]:
        severity = floor
    if _RANK[severity] < _RANK[alert.severity]:
        lowered = replace(alert, severity=severity)
        event = AlertEvent(at, "lowered", detail=f"From {alert.severity} to {severity}.")
        return Step(replace(course, alert=lowered), "better", (event,))
    return Step(replace(course, alert=alert), "seen-again")


def _fire(course: Course, alert: Alert, at: datetime, alerts: Alerts) -> Step:
    changes = _changes(course, at, alerts)
    flaps = _flaps(changes, alerts)
    firing = replace(
        alert,
        state=AlertState.FIRING,
        fired_at=at,
        page_after=at + timedelta(seconds=alert.grace_seconds),
        flapping=flaps,
    )
    events = (AlertEvent(at, "fired", detail=alert.summary),)
    if flaps:
        return Step(Course(firing, changes), "flaps", (*events, _flapping_event(at, alerts)))
    return Step(Course(firing, changes), "fires", events)


def _changes(course: Course, at: datetime, alerts: Alerts) -> tuple[datetime, ...]:
    return (*course.changes, at)[-alerts.flapping_changes :]


def _flaps(changes: tuple[datetime, ...], alerts: Alerts) -> bool:
    often = len(changes) >= alerts.flapping_changes
    return often and changes[-1] - changes[0] <= alerts.flapping_within.duration


def _flapping_event(at: datetime, alerts: Alerts) -> AlertEvent:
    detail = f"{alerts.flapping_changes} changes within {alerts.flapping_within}."
    return AlertEvent(at, "flapping", detail=detail)


def _new(finding: Finding, at: datetime, severity: Severity) -> Alert:
    return Alert(
        id=new_id(),
        fingerprint=fingerprint(finding),
        name=finding.alert,
        labels=finding.labels,
        severity=severity,
        state=AlertState.PENDING,
        origin=origin_of(finding),
        summary=finding.summary,
        remedy=finding.remedy,
        value=finding.value,
        unit=finding.unit,
        threshold=finding.threshold,
        began_at=at,
        fired_at=None,
        page_after=None,
        resolved_at=None,
        seen_at=at,
        flapping=False,
        acknowledged_at=None,
        acknowledged_by=None,
        grace_seconds=finding.grace_seconds,
    )
