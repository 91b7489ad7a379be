"""What a matcher of the document or of a silence means: all it names must be equal."""

from collections.abc import Iterable

from bigbrother.operations.alerts.records import Alert
from bigbrother.runbook.sections.alerting import Matcher

ALERT = "alert"
"""The alert's name."""
SEVERITY = "severity"


def matches(matcher: Matcher, alert: Alert) -> bool:
    """Whether name, severity and labels are as the matcher says; an empty one matches all."""
    return all(_value(alert, key) == value for key, value in matcher.items())


def matches_any(matchers: Iterable[Matcher], alert: Alert) -> bool:
    """Whether one of the matchers matches."""
    return any(matches(matcher, alert) for matcher in matchers)


def _value(alert: Alert, key: str) -> str | None:
    if key == ALERT:
        return alert.name
    if key == SEVERITY:
        return alert.severity
    return alert.labels.get(key)
