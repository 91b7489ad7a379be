"""Alerts that others send in, as Prometheus sends them to Alertmanager (API v2)."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.errors import InvalidAlerts
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import SEVERITIES, Alerts, Severity

_NAME = "alertname"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_REMEDY = (
    'Send what Prometheus sends to /api/v2/alerts: [{"labels": {"alertname": "..."}, '
    '"annotations": {"summary": "..."}, "endsAt": "2026-01-31T12:00:00Z"}].'
)


def parse_sent_in(body: bytes, runbook: Runbook, now: datetime) -> tuple[Finding, ...]:
    """A finding for each alert of the body; one whose end has come is PASSED.

    Raises InvalidAlerts with every reason. What is usable is in the error: one bad alert is no
    reason to lose the others.
    """
    alerts = runbook.alerts
    if len(body) > alerts.largest_request.value:
        raise InvalidAlerts(
            f"The request has {len(body)} bytes, and {alerts.largest_request} are taken.",
            remedy="Send fewer alerts at a time.",
        )
    findings, reasons = [], []
    for index, item in enumerate(_items(body)):
        try:
            findings.append(_finding(item, alerts, now))
        except _Refused as refused:
            reasons.append(f"Alert {index}: {refused}.")
    if reasons:
        raise InvalidAlerts(" ".join(reasons[:10]), remedy=_REMEDY, usable=tuple(findings))
    return tuple(findings)


class _Refused(Exception):
    """Why one alert of many cannot be taken."""


def _items(body: bytes) -> list[object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidAlerts(f"The request is not JSON: {error}.", remedy=_REMEDY) from error
    if not isinstance(found, list):
        raise InvalidAlerts("The request is not a list of alerts.", remedy=_REMEDY)
    return found


def _finding(item: object, alerts: Alerts, now: datetime) -> Finding:
    if not isinstance(item, dict):
        raise _Refused("it is no object")
    labels = _texts(item.get("labels"), "labels", alerts)
    notes = _texts(item.get("annotations") or {}, "annotations", alerts, cut=True)
    name = labels.pop(_NAME, "")
    if not name:
        raise _Refused(f"it has no label {_NAME}")
    # The label itself stays, too: with another severity it is another alert.
    severity = _severity(labels.get("severity"), alerts)
    began_at, ends_at = _moment(item, "startsAt"), _moment(item, "endsAt")
    if began_at is not None and ends_at is not None and ends_at < began_at:
        raise _Refused("it ends before it begins")
    over = ends_at is not None and ends_at <= now
    return Finding(
        alert=name,
        status=Status.PASSED if over else Status.FAILED,
        at=now,
        labels=labels,
        summary=notes.get("summary") or notes.get("description") or "",
        remedy=notes.get("remedy") or notes.get("runbook_url") or "",
        severity=severity,
    )


def _severity(label: str | None, alerts: Alerts) -> Severity:
    """Ours by its name; others' words, such as `warning`, count as not said."""
    return next((each for each in SEVERITIES if each == label), alerts.sent_in_severity)


def _texts(found: object, what: str, alerts: Alerts, *, cut: bool = False) -> dict[str, str]:
    """Names and values; of sentences only the beginning is kept, and what cannot be shown is not.

    Labels say what the alert is, so that they are taken as they are or not at all.
    """
    if not isinstance(found, Mapping) or not all(
        isinstance(value, str) for value in found.values()
    ):
        raise _Refused(f"its {what} are no object of texts")
    if len(found) > alerts.sent_in_labels:
        raise _Refused(f"it has {len(found)} {what}, and {alerts.sent_in_labels} are taken")
    most = int(alerts.sent_in_text.value)
    if cut:
        return {key: _CONTROL.sub("\ufffd", value[:most]) for key, value in found.items()}
    for text in (*found, *found.values()):
        if len(text) > most:
            raise _Refused(f"a name or value of its {what} is longer than {alerts.sent_in_text}")
        if _CONTROL.search(text):
            raise _Refused(f"its {what} have control characters")
    # In Prometheus an empty label is a label that is not there.
    return {key: value for key, value in found.items() if value}


def _moment(item: Mapping[str, object], key: str) -> datetime | None:
    """None where it is not said; Go writes the year 1 for that."""
    found = item.get(key)
    if found is None or found == "":
        return None
    try:
        moment = datetime.fromisoformat(str(found))
    except ValueError as error:
        raise _Refused(f"{key} is not a time") from error
    if moment.tzinfo is None:
        raise _Refused(f"{key} has no time zone")
    return None if moment.year == 1 else moment
