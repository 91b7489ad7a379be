"""What people ask of a run: they write it into ops.db, whoever drives the run sees it there."""

import sqlite3
from collections.abc import Collection
from datetime import datetime

from bigbrother.operations.procedures.errors import RunNotThere
from bigbrother.operations.procedures.history import approvals, find_run
from bigbrother.operations.procedures.records import ENDED, Approval, Run, RunState, Settled
from bigbrother.operations.procedures.table import add_event, storable
from bigbrother.operations.store.store import Store


def approve(  # who, when and why of one answer
    store: Store,
    reference: str,
    who: str,
    now: datetime,
    why: str = "",
    *,
    number: int | None = None,
) -> Run:
    """Lets the step that waits for approval go; saying it twice is saying it once.

    `reference`: the run's id or a part of it; `number`: the step that is meant, from 0; None:
    whichever waits. Raises RunUnknown; RunNotThere when nothing waits, or another step does.
    """
    return _decide(store, reference, _Decision(True, who, why, number), now)


def reject(  # who, when and why of one answer
    store: Store,
    reference: str,
    who: str,
    now: datetime,
    why: str = "",
    *,
    number: int | None = None,
) -> Run:
    """Says no to the step that waits: what was done before is taken back. As `approve`."""
    return _decide(store, reference, _Decision(False, who, why, number), now)


def cancel(  # who, when and why of one request
    store: Store,
    reference: str,
    who: str,
    now: datetime,
    why: str = "",
    *,
    only_in: Collection[RunState] = (),
) -> Run:
    """Ends the run: the step that goes on is cut off, what was done is taken back.

    What nobody has begun ends at once. `only_in`: unless it has left these states meanwhile.
    Raises RunUnknown; RunNotThere when it has ended or is being taken back, or left `only_in`.
    """

    def work(conn: sqlite3.Connection) -> Run:
        run = find_run(conn, reference)
        if run.cancel_asked and run.state not in ENDED and run.held != "broken":
            return run
        if run.state in ENDED or run.state is RunState.UNDOING:
            raise _not_there(run, "nothing of it can be cancelled")
        if only_in and run.state not in only_in:
            raise _not_there(run, "somebody has let it go on")
        said = _sentence("Cancelled", who, why)
        settled = "go-on" if run.held == "broken" else run.settled
        conn.execute(
            "UPDATE run SET cancel_asked = 1, settled = ?, error = ? WHERE id = ?",
            (settled, said, run.id),
        )
        add_event(conn, run.id, now, "cancel.asked", {"who": who, "why": why})
        if run.state is RunState.QUEUED:
            conn.execute(
                "UPDATE run SET state = ?, ended_at = ? WHERE id = ?",
                (RunState.CANCELLED, now.timestamp(), run.id),
            )
            add_event(conn, run.id, now, f"run.{RunState.CANCELLED}", {"error": said})
        return _touched(conn, run, now)

    return store.write(work)


def pause(store: Store, reference: str, who: str, now: datetime) -> Run:
    """Stops it after the step that goes on now. Raises RunUnknown; RunNotThere."""

    def work(conn: sqlite3.Connection) -> Run:
        run = find_run(conn, reference)
        if run.state is not RunState.RUNNING:
            raise _not_there(run, "it cannot be paused")
        conn.execute("UPDATE run SET pause_asked = 1 WHERE id = ?", (run.id,))
        add_event(conn, run.id, now, "pause.asked", {"who": who})
        return _touched(conn, run, now)

    return store.write(work)


def resume(store: Store, reference: str, who: str, now: datetime, settle: Settled = "") -> Run:
    """Lets a run go on that was paused or is held.

    `settle`: of a run that is held since nobody knows whether a step happened, `done` or `again`;
    otherwise empty. A run whose procedure changed goes on with the steps that it began with.
    Raises RunUnknown; RunNotThere.
    """

    def work(conn: sqlite3.Connection) -> Run:
        run = find_run(conn, reference)
        if run.state is RunState.HELD:
            said = _settled(run, settle)
        elif run.state is RunState.PAUSED or (run.pause_asked and run.state not in ENDED):
            said = ""
        else:
            raise _not_there(run, "there is nothing to resume")
        conn.execute("UPDATE run SET pause_asked = 0, settled = ? WHERE id = ?", (said, run.id))
        add_event(conn, run.id, now, "resume.asked", {"who": who, "settle": said})
        return _touched(conn, run, now)

    return store.write(work)


class _Decision:
    """Yes or no, by whom and why."""

    def __init__(self, approved: bool, who: str, why: str, number: int | None) -> None:
        self.approved = approved
        self.who = who
        self.why = why
        self.number = number


def _decide(store: Store, reference: str, decision: _Decision, now: datetime) -> Run:
    def work(conn: sqlite3.Connection) -> Run:
        run = find_run(conn, reference)
        asked = approvals(conn, run.id)
        waiting = asked[-1] if asked and run.state is RunState.WAITING else None
        if waiting is None:
            if _said_before(asked, decision):
                return run
            raise _not_there(run, "it waits for nobody's approval")
        if decision.number not in (None, waiting.number):
            if _said_before(asked, decision):
                return run
            raise RunNotThere(
                f"Another step waits now: {run.steps[waiting.number].action}.",
                remedy=f"See it: bigbrother runs show {run.id}.",
            )
        if waiting.decided_at is not None:
            if waiting.approved is decision.approved:
                return run
            answer = "yes" if waiting.approved else "no"
            raise RunNotThere(f"{waiting.who or 'Somebody'} has said {answer} already.")
        if now >= waiting.until:
            raise RunNotThere(
                f"The time for it was over at {waiting.until:%Y-%m-%d %H:%M:%S} UTC.",
                remedy=f"Run it anew: bigbrother run {run.procedure}.",
            )
        conn.execute(
            "UPDATE approval SET decided_at = ?, approved = ?, who = ?, why = ?"
            " WHERE run_id = ? AND number = ?",
            (
                now.timestamp(),
                decision.approved,
                storable(decision.who),
                storable(decision.why),
                run.id,
                waiting.number,
            ),
        )
        add_event(
            conn,
            run.id,
            now,
            "approval.given" if decision.approved else "approval.rejected",
            {
                "number": waiting.number,
                "action": run.steps[waiting.number].action,
                "who": decision.who,
                "why": decision.why,
            },
        )
        return _touched(conn, run, now)

    return store.write(work)


def _said_before(asked: tuple[Approval, ...], decision: _Decision) -> bool:
    """Whether somebody clicks a second time on what was decided so."""
    meant = [each for each in asked if decision.number in (None, each.number)]
    return bool(meant) and meant[-1].approved is decision.approved


def _settled(run: Run, settle: Settled) -> Settled:
    if run.held == "unknown":
        if settle not in ("done", "again"):
            raise RunNotThere(
                f"Nobody knows whether a step of {run.id} happened. {run.error}",
                remedy=f"Look, then say so: bigbrother runs resume {run.id} --settle done|again.",
            )
        return settle
    if settle not in ("", "go-on"):
        raise RunNotThere(
            f"The run {run.id} has no step that is to be settled. {run.error}",
            remedy=f"Write: bigbrother runs resume {run.id}.",
        )
    return "go-on"


def _touched(conn: sqlite3.Connection, run: Run, now: datetime) -> Run:
    conn.execute("UPDATE run SET updated_at = ? WHERE id = ?", (now.timestamp(), run.id))
    return find_run(conn, run.id)


def _not_there(run: Run, so: str) -> RunNotThere:
    return RunNotThere(
        f"The run {run.id} is {run.state}: {so}.", remedy=f"See it: bigbrother runs show {run.id}."
    )


def _sentence(what: str, who: str, why: str) -> str:
    return storable(f"{what} by {who}: {why}" if why else f"{what} by {who}.")
