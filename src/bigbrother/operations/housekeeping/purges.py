"""Step verify_purges: whether the workers destroy what has outlived its time.

It only looks. Results, images, keys and faces are destroyed by the worker alone, since crops, the
ledger of erasures and the audit go with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bigbrother.operations.housekeeping.database import connected, statement
from bigbrother.operations.housekeeping.said import amount
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class _Late:
    what: str
    count: int
    oldest: datetime

    def __str__(self) -> str:
        return f"{self.count:,} {self.what} (since {self.oldest:%Y-%m-%d %H:%M} UTC)"


@dataclass(frozen=True, slots=True)
class _Measured:
    late: tuple[_Late, ...]
    ended_consents: int


def late_before(runbook: Runbook, now: datetime) -> Mapping[str, datetime]:
    """By kind, the moment before which something must have ended for its purge to be late."""
    retention = runbook.retention
    due = now - runbook.cleaning.late_purges * retention.purge_every.duration
    return {
        "keys": due,
        "batches": due - retention.batch_results.duration,
        "images": due - retention.batch_failed_images.duration,
        "faces": due,
    }


def _measured(services: ActionServices) -> _Measured:
    now = services.clock.now()
    with connected(services) as conn:
        rows = conn.execute(statement("purges"), late_before(services.runbook, now)).fetchall()
        consents = conn.execute(statement("consents"), {"now": now}).fetchone()
    return _Measured(
        tuple(_Late(row["what"], row["count"], row["oldest"]) for row in rows if row["count"]),
        0 if consents is None else consents["count"],
    )


def _do(context: StepContext, _: Arguments) -> Outcome:
    measured = _measured(context.services)
    held = _held(measured)
    if held:
        context.journal.say(held)
    if measured.late:
        rounds = context.services.runbook.cleaning.late_purges
        every = context.services.runbook.retention.purge_every
        raise StepFailed(
            f"What should have been destroyed more than {rounds} rounds (of {every}) ago is still "
            f"there: {', '.join(map(str, measured.late))}.",
            remedy="A worker destroys it: see that one runs (bigbrother status) and what hinders "
            "it (bigbrother logs bigbrother-worker).",
        )
    return Outcome(
        f"Nothing has outlived its time. {held}".strip(),
        {"ended_consents": measured.ended_consents},
    )


def _plan(context: StepContext, _: Arguments) -> str:
    measured = _measured(context.services)
    late = f"Late: {', '.join(map(str, measured.late))}." if measured.late else "Nothing is late."
    return f"Would look whether the workers destroy in time. {late} {_held(measured)}".strip()


def _held(measured: _Measured) -> str:
    if not measured.ended_consents:
        return ""
    who = amount(measured.ended_consents, "subject")
    return f"The consent of {who} has ended: nobody matches them; forget them, or renew it."


VERIFY_PURGES = Action("verify_purges", Arguments, _do, _plan, idempotent=True, changes=False)
