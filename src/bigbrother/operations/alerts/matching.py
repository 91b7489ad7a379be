"""What a matcher of the document or of a silence means: all it names must be equal."""

from collections.abc import Iterable, Mapping

from bigbrother.operations.alerts.records import Alert

ALERT = "alert"
"""The alert's name."""
SEVERITY = "severity"


def matches(matcher: Mapping[str, str], alert: Alert) -> bool:
    """Whether name, severity and labels are as the matcher says; an empty one matches all."""
    # A plain loop: ten thousand alerts are matched in every round of a storm.
    for key, value in matcher.items():
        if key == ALERT:
            found: str | None = alert.name
        elif key == SEVERITY:
            found = alert.severity
        else:
            found = alert.labels.get(key)
        if found != value:
            return False
    return True


def matches_any(matchers: Iterable[Mapping[str, str]], alert: Alert) -> bool:
    """Whether one of the matchers matches."""
    return any(matches(matcher, alert) for matcher in matchers)
