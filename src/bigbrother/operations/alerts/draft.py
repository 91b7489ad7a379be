"""What one transaction makes of the open alerts: decided on a copy, written, then in force."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bigbrother.operations.alerts import table
from bigbrother.operations.alerts.life import Course, Step
from bigbrother.operations.alerts.records import Alert, AlertEvent, AlertState, EventKind


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an alert, which is as it was afterwards."""

    alert: Alert
    kind: EventKind
    at: datetime


@dataclass(slots=True)
class OpenAlerts:
    """All that is open, by fingerprint, and each fingerprint's newest changes."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    changes: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    """Fingerprints by id."""

    @classmethod
    def load(cls, conn: sqlite3.Connection) -> "OpenAlerts":
        """As ops.db has it."""
        alerts = table.open_alerts(conn)
        return cls(
            {alert.fingerprint: alert for alert in alerts},
            table.changes(conn),
            {alert.id: alert.fingerprint for alert in alerts},
        )

    def by_id(self, alert_id: str) -> Alert | None:
        """The alert of this id."""
        key = self._keys.get(alert_id)
        return None if key is None else self.alerts[key]

    def course(self, key: str) -> Course:
        """Of one fingerprint."""
        return Course(self.alerts.get(key), self.changes.get(key, ()))

    def put(self, courses: Mapping[str, Course]) -> None:
        """Takes over what was decided and written."""
        for key, course in courses.items():
            before = self.alerts.pop(key, None)
            if before is not None:
                del self._keys[before.id]
            if course.alert is not None:
                self.alerts[key] = course.alert
                self._keys[course.alert.id] = key
            if course.changes:
                self.changes[key] = course.changes
            else:
                self.changes.pop(key, None)


class Draft:
    """Steps that are decided one after another, each upon those before it."""

    def __init__(self, base: OpenAlerts) -> None:
        self.base = base
        self.courses: dict[str, Course] = {}
        self.changes: list[Change] = []
        self._saved: dict[str, Alert] = {}
        self._events: list[tuple[str, AlertEvent]] = []

    def course(self, key: str) -> Course:
        """Of one fingerprint, as it is after the steps so far."""
        return self.courses.get(key) or self.base.course(key)

    def take(self, key: str, step: Step) -> None:
        """Adds a step."""
        alert, before = step.course.alert, self.course(key)
        if step.course == before:
            return
        if alert is not None and alert is not before.alert:
            self._saved[alert.id] = alert
            self._events += [(alert.id, event) for event in step.events]
            self.changes += [Change(alert, event.kind, event.at) for event in step.events]
        over = alert is not None and alert.state is AlertState.RESOLVED
        self.courses[key] = Course(None if over else alert, step.course.changes)

    def write(self, conn: sqlite3.Connection) -> None:
        """Puts it into ops.db."""
        # One that ended comes before the one that began after it: only one may be open.
        table.save_alerts(conn, self._saved.values())
        table.add_events(conn, self._events)
        table.save_changes(
            conn,
            {
                key: course.changes
                for key, course in self.courses.items()
                if course.changes != self.base.changes.get(key, ())
            },
        )
