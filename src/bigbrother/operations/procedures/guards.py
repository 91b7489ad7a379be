"""What may stand against a run before it touches anything; each says why, and what to do.

None is asked while a run goes on: what has begun is brought to an end.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from bigbrother.operations.procedures.action import Action, Arguments
from bigbrother.operations.procedures.records import Run, RunState
from bigbrother.operations.procedures.table import run_of
from bigbrother.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class Ground:
    """What guards look at."""

    runbook: Runbook
    actions: Mapping[str, Action[Arguments]]
    free_bytes: Callable[[], int]
    """Room on the disk with the watcher's file."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a run does not begin."""

    detail: str
    remedy: str


Guard = Callable[[sqlite3.Connection, Run, Ground, datetime], Refusal | None]


def refusal(conn: sqlite3.Connection, run: Run, ground: Ground, now: datetime) -> Refusal | None:
    """What the first guard says that stands against a new run; None: it may be queued."""
    for guard in GUARDS:
        found = guard(conn, run, ground, now)
        if found is not None:
            return found
    return None


def busy(conn: sqlite3.Connection, resource: str) -> Run | None:
    """The run that holds a resource, or the first that waits for it."""
    row = conn.execute(
        "SELECT * FROM run WHERE resource = ? AND ended_at IS NULL"
        " ORDER BY state = 'queued', created_at, id LIMIT 1",
        (resource,),
    ).fetchone()
    return None if row is None else run_of(row)


def no_freeze(_conn: sqlite3.Connection, run: Run, ground: Ground, now: datetime) -> Refusal | None:
    """Nothing changes the system in a freeze, unless a person insists; looking is no change."""
    return frozen(run, ground.runbook, ground.actions, now)


def frozen(
    run: Run, runbook: Runbook, actions: Mapping[str, Action[Arguments]], now: datetime
) -> Refusal | None:
    """Whether a freeze stands against a run at this moment."""
    if run.insisted or not changes(run, actions):
        return None
    for freeze in runbook.procedures.freezes:
        begins_at = freeze.cron.next_after(now - freeze.lasts.duration, freeze.time_zone)
        if begins_at <= now:
            until = (begins_at + freeze.lasts.duration).astimezone(freeze.time_zone)
            return Refusal(
                f"The change freeze '{freeze.name}' lasts until {until:%Y-%m-%d %H:%M %Z}.",
                f"Wait, or insist: bigbrother run {run.procedure} --insist.",
            )
    return None


def resource_free(
    conn: sqlite3.Connection, run: Run, _ground: Ground, _now: datetime
) -> Refusal | None:
    """One run a resource: a person is told of the other, what runs by itself waits its turn."""
    other = None if run.automatic else busy(conn, run.resource)
    if other is None:
        return None
    return Refusal(
        f"The run {other.id} of {other.procedure} works on {run.resource} ({other.state}).",
        f"Follow it: bigbrother runs watch {other.id}; or end it: bigbrother runs cancel "
        f"{other.id}.",
    )


def not_too_often(
    conn: sqlite3.Connection, run: Run, ground: Ground, now: datetime
) -> Refusal | None:
    """What changes one resource again and again by itself does not heal it."""
    figures = ground.runbook.procedures
    if not run.automatic or not changes(run, ground.actions):
        return None
    since = now - figures.most_within.duration
    count = conn.execute(
        # Those of a clock that went ahead would count until their time has come.
        "SELECT count(*) AS runs FROM run WHERE automatic AND resource = ? AND created_at > ?"
        " AND created_at <= ? AND state != ?",
        (run.resource, since.timestamp(), now.timestamp(), RunState.REFUSED),
    ).fetchone()["runs"]
    if count < figures.most:
        return None
    return Refusal(
        f"{count} runs have changed {run.resource} by themselves within {figures.most_within}.",
        f"Look why it does not last, then: bigbrother run {run.procedure}.",
    )


def enough_disk(
    _conn: sqlite3.Connection, run: Run, ground: Ground, _now: datetime
) -> Refusal | None:
    """Room for what a run writes; what frees room, or needs none, begins without."""
    figures = ground.runbook.procedures
    if any(fnmatchcase(run.procedure, pattern) for pattern in figures.despite_full_disk):
        return None
    free_bytes = ground.free_bytes()
    if free_bytes >= figures.free_disk.value:
        return None
    return Refusal(
        f"{free_bytes / 1e6:.0f} MB are free on the watcher's disk, a run needs "
        f"{figures.free_disk}.",
        "Make room: bigbrother check disk_space shows where.",
    )


def changes(run: Run, actions: Mapping[str, Action[Arguments]]) -> bool:
    """Whether any of its steps does more than look."""
    made = (actions.get(step.action) for step in run.steps)
    return any(action is None or action.changes for action in made)


GUARDS: tuple[Guard, ...] = (resource_free, no_freeze, not_too_often, enough_disk)
