"""Diagnoses of alerts: begun when one fires, beside everything else; a page never waits for one.

One is made at a time, in a process of its own, and serves every alert that fired until it began.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Connection, IntegrityError

import structlog
from pydantic import JsonValue

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.diagnostics.records import Cause, Diagnosis
from bigbrother.operations.store.store import Store
from bigbrother.ports.step_runner import RunningStep, StepEnd, StepRunner, StepWork
from bigbrother.runbook.model import Runbook

STEP = "diagnose"
_log = structlog.get_logger("bigbrother.ops")


@dataclass(frozen=True, slots=True)
class Explained:
    """What a diagnosis says of the moment about which an alert fired."""

    diagnosis_id: int
    fired_at: datetime
    causes: tuple[Cause, ...]
    seconds: float
    """How long it took."""


class Diagnoses:
    """Makes them in a thread of its own; `of` is asked by the thread that pages."""

    def __init__(
        self,
        store: Store,
        steps: StepRunner,
        runbook: Callable[[], Runbook],
        clock: Clock,
        found: Callable[[], None],
    ) -> None:
        """`found` is called when alerts were explained."""
        self._store = store
        self._steps = steps
        self._runbook = runbook
        self._clock = clock
        self._found = found
        self._changed = threading.Condition()
        self._wanted: dict[str, datetime] = {}
        self._underway: dict[str, datetime] = {}
        self._explained: dict[str, Explained] = {}
        self._running: RunningStep | None = None
        self._leaving = False
        self._thread = threading.Thread(target=self._rounds, name="diagnoses", daemon=True)

    def start(self, firing: Sequence[Alert]) -> None:
        """Remembers what was found of these alerts, and begins to work on those without."""
        known = self._store.read(_load)
        for alert in firing:
            found = known.get(alert.id)
            if found is not None and found.fired_at == alert.fired_at:
                self._explained[alert.id] = found
        self.want(firing)
        self._thread.start()

    def stop(self) -> None:
        """Gives up what is under way; the next watcher begins it anew."""
        with self._changed:
            self._leaving = True
            running = self._running
            self._changed.notify()
        if running is not None:
            running.kill()

    def want(self, firing: Sequence[Alert]) -> None:
        """Alerts that fire: each is explained once for every time that it fires."""
        with self._changed:
            for alert in firing:
                if alert.fired_at is None:
                    continue
                known = self._explained.get(alert.id)
                if known is None or known.fired_at != alert.fired_at:
                    self._wanted[alert.id] = alert.fired_at
            self._changed.notify()

    def forget(self, alert_ids: Sequence[str]) -> None:
        """Alerts that are over."""
        with self._changed:
            for alert_id in alert_ids:
                self._wanted.pop(alert_id, None)
                self._underway.pop(alert_id, None)
                self._explained.pop(alert_id, None)

    def of(self, alert: Alert) -> Explained | None:
        """What explains this alert; None while nobody knows."""
        with self._changed:
            known = self._explained.get(alert.id)
        return None if known is None or known.fired_at != alert.fired_at else known

    def _rounds(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._leaving)
                if self._leaving:
                    return
                wanted, self._wanted = self._wanted, {}
                self._underway = dict(wanted)
            try:
                self._diagnose(wanted)
            except Exception as error:  # noqa: BLE001 - the next alert gets its diagnosis
                _log.error("a diagnosis failed", exc_info=error)

    def _diagnose(self, wanted: Mapping[str, datetime]) -> None:
        began = self._clock.now()
        end = self._look()
        if end is None:
            return
        if end.kind != "done":
            _log.warning("a diagnosis did not come to its end", reason=end.error or end.kind)
            return
        data = end.answer.get("data")
        found = data if isinstance(data, dict) else {}
        seconds = float(str(found.get("seconds", 0)))
        found = {**found, "results": _telling(found.get("results"))}

        def write(conn: Connection) -> int:
            return _save(conn, began, seconds, json.dumps(found), wanted)

        diagnosis_id = self._store.write(write)
        causes = causes_of(found)
        with self._changed:
            # Without those that ended meanwhile: nobody would ever forget them.
            for alert_id, fired_at in self._underway.items():
                self._explained[alert_id] = Explained(diagnosis_id, fired_at, causes, seconds)
        self._found()

    def _look(self) -> StepEnd | None:
        """None: it is time to go, or no process could be begun."""
        within_seconds = self._runbook().response.diagnose_within.value
        work = StepWork(STEP, STEP, "do", {}, {}, "", within_seconds + self._start_seconds())
        try:
            step = self._steps.begin(work)
        except BigBrotherError as error:
            _log.warning("a diagnosis could not be begun", reason=str(error))
            return None
        with self._changed:
            self._running = step
            leaving = self._leaving
        if leaving:
            step.kill()
        try:
            step.go()
            for _ in step.lines():
                continue
        except BaseException:
            # Its process must not outlive who would wait for it.
            step.kill()
            raise
        finally:
            end = step.end()
            with self._changed:
                self._running = None
                leaving = self._leaving
        return None if leaving else end

    def _start_seconds(self) -> float:
        """For the process to begin and to end, beside the budget of the looks themselves."""
        return self._runbook().watching.look_within.value


def causes_of(found: Mapping[str, JsonValue]) -> tuple[Cause, ...]:
    """The causes of a diagnosis as `Diagnosis.as_json` wrote it."""
    causes = found.get("causes")
    listed = causes if isinstance(causes, list) else ()
    return tuple(Cause.from_json(each) for each in listed if isinstance(each, dict))


def _telling(results: JsonValue) -> list[JsonValue]:
    """Of what was seen, what is not well: it is kept for as long as alerts are."""
    return [
        each
        for each in (results if isinstance(results, list) else ())
        if isinstance(each, dict) and each.get("status") not in ("passed", "skipped")
    ]


def diagnosis_of(explained: Explained) -> Diagnosis:
    """As others of the product take it; what was seen is left in ops.db."""
    return Diagnosis(explained.fired_at, explained.seconds, (), explained.causes)


def explained(conn: Connection, alert_id: str) -> tuple[Explained, Mapping[str, JsonValue]] | None:
    """The newest diagnosis of an alert, open or over, and all that it found; None without one."""
    row = conn.execute(
        "SELECT d.fired_at, g.id, g.seconds, g.found FROM diagnosed AS d"
        " JOIN diagnosis AS g ON g.id = d.diagnosis_id WHERE d.alert_id = ?"
        " ORDER BY g.id DESC LIMIT 1",
        (alert_id,),
    ).fetchone()
    if row is None:
        return None
    found = json.loads(row["found"])
    at = datetime.fromtimestamp(row["fired_at"], UTC)
    return Explained(row["id"], at, causes_of(found), row["seconds"]), found


def purge(conn: Connection, before: datetime) -> int:
    """Destroys diagnoses made before then; how many."""
    return conn.execute("DELETE FROM diagnosis WHERE at < ?", (before.timestamp(),)).rowcount


def _save(
    conn: Connection, at: datetime, seconds: float, found: str, alerts: Mapping[str, datetime]
) -> int:
    made = conn.execute(
        "INSERT INTO diagnosis (at, seconds, found) VALUES (?, ?, ?)",
        (at.timestamp(), seconds, found),
    )
    diagnosis_id = int(made.lastrowid or 0)
    for alert_id, fired_at in alerts.items():
        try:
            conn.execute(
                "INSERT OR REPLACE INTO diagnosed (alert_id, fired_at, diagnosis_id)"
                " VALUES (?, ?, ?)",
                (alert_id, fired_at.timestamp(), diagnosis_id),
            )
        except IntegrityError:
            # Thrown away with the history meanwhile.
            continue
    return diagnosis_id


def _load(conn: Connection) -> dict[str, Explained]:
    found = conn.execute(
        "SELECT d.alert_id, d.fired_at, g.id, g.seconds, g.found FROM diagnosed AS d"
        " JOIN diagnosis AS g ON g.id = d.diagnosis_id"
        " JOIN alert AS a ON a.id = d.alert_id WHERE a.state = 'firing' ORDER BY g.id"
    )
    causes: dict[int, tuple[Cause, ...]] = {}
    loaded = {}
    for row in found:
        if row["id"] not in causes:
            causes[row["id"]] = causes_of(json.loads(row["found"]))
        loaded[row["alert_id"]] = Explained(
            row["id"],
            datetime.fromtimestamp(row["fired_at"], UTC),
            causes[row["id"]],
            row["seconds"],
        )
    return loaded
