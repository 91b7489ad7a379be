"""What the driver of a run writes: each change with its event in one transaction, as its owner.

Whoever was overtaken meanwhile gets OwnershipLost, and nothing is written.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from bigbrother.operations.procedures.claims import Claim
from bigbrother.operations.procedures.errors import OwnershipLost
from bigbrother.operations.procedures.history import approvals, attempts, find_run
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.procedures.output import Kept, Spot
from bigbrother.operations.procedures.records import (
    ENDED,
    Approval,
    Attempt,
    Phase,
    Run,
    RunEvent,
    RunState,
    StepState,
)
from bigbrother.operations.procedures.table import add_event, outcome_json, storable
from bigbrother.operations.store.store import Store
from bigbrother.ports.step_runner import StepLine

_log = logging.getLogger(__name__)
Told = Callable[[RunEvent], None]
Work = Callable[[sqlite3.Connection, datetime], Sequence[RunEvent]]
Written = tuple[Run, tuple[Attempt, ...], tuple[Approval, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Which attempt something belongs to."""

    number: int
    phase: Phase
    attempt: int
    action: str

    def as_json(self) -> dict[str, JsonValue]:
        """For events."""
        return {
            "number": self.number,
            "phase": self.phase,
            "attempt": self.attempt,
            "action": self.action,
        }


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended."""

    state: StepState
    outcome: Outcome | None = None
    error: str = ""
    remedy: str = ""
    again: bool = True


@dataclass(frozen=True, slots=True)
class RunChange:
    """What becomes of a run; whatever it was held for is over."""

    state: RunState
    error: str | None = None
    """None: as it was."""
    remedy: str | None = None
    held: str = ""
    other_fingerprint: str | None = None
    ending: RunState | None = None


class _Seen(Exception):  # no error: it ends a transaction that changes nothing
    def __init__(self, written: Written) -> None:
        super().__init__()
        self.written = written


class RunJournal:
    """All that one driver writes about the run that it has claimed."""

    def __init__(
        self,
        store: Store,
        claim: Claim,
        now: Callable[[], datetime],
        lease_seconds: Callable[[], float],
        told: Told,
    ) -> None:
        self._store = store
        self._claim = claim
        self._now = now
        self._lease_seconds = lease_seconds
        self._told = told
        self._later = list[Work]()

    @property
    def run_id(self) -> str:
        """The run's."""
        return self._claim.run_id

    @property
    def durable(self) -> bool:
        """Whether what is written lies on the disk; on a full one it is in memory alone."""
        return not self._store.degraded

    def written(self) -> Written:
        """The run as it stands, with what is to be written with the next change."""
        if not self._later:
            return self._store.read(self._look)

        def work(conn: sqlite3.Connection) -> None:
            for each in self._later:
                each(conn, self._now())
            raise _Seen(self._look(conn))

        try:
            # Nothing of it stays: to roll back waits for no disk.
            self._store.write(work)
        except _Seen as seen:
            return seen.written
        raise AssertionError

    def cancel_asked(self) -> bool:
        """Whether somebody wants the run to end, and it is not being taken back already."""
        row = self._store.read(
            lambda conn: conn.execute(
                "SELECT cancel_asked AND state != 'undoing' AS cancel FROM run WHERE id = ?",
                (self.run_id,),
            ).fetchone()
        )
        return row is not None and bool(row["cancel"])

    def renew(self) -> None:
        """Says that the run is still driven."""
        self._write(lambda _conn, _now: ())

    def becomes(self, change: RunChange) -> None:
        """The run goes on in another state, as this driver's."""
        self._write(lambda conn, now: [self._change(conn, change, now)])

    def rests(self, change: RunChange) -> None:
        """The run ends, or waits for somebody: it is nobody's afterwards."""

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            event = self._change(conn, change, now)
            self._free(conn)
            return [event]

        self._write(work)

    def free(self) -> None:
        """The run is nobody's, as it stands."""

        def work(conn: sqlite3.Connection, _now: datetime) -> Sequence[RunEvent]:
            self._free(conn)
            return ()

        self._write(work)

    def asks(self, number: int, action: str, within: timedelta) -> None:
        """Somebody is asked about a step; the run waits, and is nobody's."""

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            until = now + within
            conn.execute(
                "INSERT INTO approval (run_id, number, asked_at, until) VALUES (?, ?, ?, ?)",
                (self.run_id, number, now.timestamp(), until.timestamp()),
            )
            data: dict[str, JsonValue] = {
                "number": number,
                "action": action,
                "until": until.isoformat(),
            }
            asked = add_event(conn, self.run_id, now, "approval.asked", data)
            waits = self._change(conn, RunChange(RunState.WAITING), now)
            self._free(conn)
            return [asked, waits]

        self._write(work)

    def overdue(self, number: int, action: str) -> None:
        """Nobody has answered in time: that is a no."""

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            conn.execute(
                "UPDATE approval SET decided_at = ?, approved = 0"
                " WHERE run_id = ? AND number = ? AND decided_at IS NULL",
                (now.timestamp(), self.run_id, number),
            )
            data: dict[str, JsonValue] = {"number": number, "action": action}
            return [add_event(conn, self.run_id, now, "approval.overdue", data)]

        self._write(work)

    def step_begins(self, place: Place, process_id: int | None, started: float | None) -> None:
        """An attempt: written before its process may do anything."""

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            told = list[RunEvent]()
            if place.phase == "do" and not self._is_running(conn):
                told.append(self._change(conn, RunChange(RunState.RUNNING), now))
            conn.execute(
                "INSERT INTO attempt (run_id, number, phase, attempt, action, state, began_at,"
                " process_id, process_started) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self.run_id,
                    place.number,
                    place.phase,
                    place.attempt,
                    place.action,
                    StepState.RUNNING,
                    now.timestamp(),
                    process_id,
                    started,
                ),
            )
            told.append(add_event(conn, self.run_id, now, "step.began", place.as_json()))
            return told

        self._write(work)

    def step_ends(
        self, place: Place, ended: Ended, output: Kept, lines: Sequence[StepLine]
    ) -> None:
        """How an attempt ended, with the last of what it said; written with the next change, or by
        `flush`."""
        now = self._now()

        def work(conn: sqlite3.Connection, _now: datetime) -> Sequence[RunEvent]:
            _, said = output.write(Spot(conn, self.run_id, now, place.as_json()), lines)
            self._end(conn, place, ended, now)
            data = place.as_json() | {"error": ended.error, "remedy": ended.remedy}
            if ended.outcome is not None:
                data["summary"] = ended.outcome.summary
            return [*said, add_event(conn, self.run_id, now, f"step.{ended.state}", data)]

        # Each transaction waits for the disk: the end of a step and what follows are one.
        self._later.append(work)

    def flush(self) -> None:
        """Nothing is left to be written later."""
        if self._later:
            self.renew()

    def said(self, place: Place, output: Kept, lines: Sequence[StepLine]) -> Kept:
        """What a step has said since; what is kept of all."""
        after = output

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            nonlocal after
            spot = Spot(conn, self.run_id, now, place.as_json())
            after, events = output.write(spot, lines)
            return events

        self._write(work)
        return after

    def settled(self, place: Place, happened: Happened, said: str = "") -> None:
        """Whether an attempt had its effect, where that does not end the step."""

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            conn.execute(
                "UPDATE attempt SET happened = ?"
                " WHERE run_id = ? AND number = ? AND phase = ? AND attempt = ?",
                (happened, self.run_id, place.number, place.phase, place.attempt),
            )
            data = place.as_json() | {"happened": happened, "error": said}
            return [add_event(conn, self.run_id, now, "step.settled", data)]

        self._write(work)

    def verified(self, place: Place, summary: str) -> None:
        """An attempt that was cut off had its effect: the step is done."""

        def work(conn: sqlite3.Connection, now: datetime) -> Sequence[RunEvent]:
            told = list[RunEvent]()
            if not self._is_running(conn):
                told.append(self._change(conn, RunChange(RunState.RUNNING), now))
            outcome = Outcome(summary)
            conn.execute(
                "UPDATE attempt SET state = ?, happened = ?, outcome = ?"
                " WHERE run_id = ? AND number = ? AND phase = ? AND attempt = ?",
                (
                    StepState.VERIFIED,
                    Happened.YES,
                    json.dumps(outcome_json(outcome)),
                    self.run_id,
                    place.number,
                    place.phase,
                    place.attempt,
                ),
            )
            data = place.as_json() | {"summary": summary}
            told.append(add_event(conn, self.run_id, now, f"step.{StepState.VERIFIED}", data))
            return told

        self._write(work)

    def _write(self, work: Work) -> None:
        now = self._now()
        lease_until = now + timedelta(seconds=self._lease_seconds())

        def owned(conn: sqlite3.Connection) -> Sequence[RunEvent]:
            mine = conn.execute(
                "UPDATE run SET updated_at = ?, lease_until = ?"
                " WHERE id = ? AND owner = ? AND epoch = ? AND ended_at IS NULL",
                (
                    now.timestamp(),
                    lease_until.timestamp(),
                    self.run_id,
                    self._claim.owner,
                    self._claim.epoch,
                ),
            )
            if mine.rowcount != 1:
                raise OwnershipLost(f"The run {self.run_id} is not driven by this process.")
            return [event for each in (*self._later, work) for event in each(conn, now)]

        events = self._store.write(owned)
        self._later.clear()
        for event in events:
            try:
                self._told(event)
            except Exception:  # noqa: BLE001 - what is written counts
                _log.exception("somebody who watches runs could not be told")

    def _look(self, conn: sqlite3.Connection) -> Written:
        run_id = self.run_id
        return find_run(conn, run_id), attempts(conn, run_id), approvals(conn, run_id)

    def _change(self, conn: sqlite3.Connection, change: RunChange, now: datetime) -> RunEvent:
        ended = change.state in ENDED
        sets = {
            "state": change.state,
            "held": change.held,
            "settled": "",
            "ending": change.ending or "",
            "ended_at": now.timestamp() if ended else None,
        }
        if change.error is not None:
            sets["error"] = storable(change.error)
        if change.remedy is not None:
            sets["remedy"] = storable(change.remedy)
        if change.other_fingerprint is not None:
            sets["other_fingerprint"] = change.other_fingerprint
        conn.execute(
            f"UPDATE run SET {', '.join(f'{name} = ?' for name in sets)} WHERE id = ?",  # noqa: S608
            (*sets.values(), self.run_id),
        )
        data: dict[str, JsonValue] = {"error": change.error or "", "remedy": change.remedy or ""}
        return add_event(conn, self.run_id, now, f"run.{change.state}", data)

    def _end(self, conn: sqlite3.Connection, place: Place, ended: Ended, now: datetime) -> None:
        outcome = None if ended.outcome is None else json.dumps(outcome_json(ended.outcome))
        conn.execute(
            "UPDATE attempt SET state = ?, ended_at = ?, outcome = ?, error = ?, remedy = ?,"
            " again = ? WHERE run_id = ? AND number = ? AND phase = ? AND attempt = ?",
            (
                ended.state,
                now.timestamp(),
                outcome,
                storable(ended.error),
                storable(ended.remedy),
                ended.again,
                self.run_id,
                place.number,
                place.phase,
                place.attempt,
            ),
        )

    def _is_running(self, conn: sqlite3.Connection) -> bool:
        row = conn.execute("SELECT state FROM run WHERE id = ?", (self.run_id,)).fetchone()
        return bool(row["state"] == RunState.RUNNING)

    def _free(self, conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE run SET owner = '', lease_until = 0 WHERE id = ?", (self.run_id,))
