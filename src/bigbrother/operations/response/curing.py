"""Which alerts start which procedures, and when. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.errors import ProcedureUnknown
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.procedures import Cure, Policy

SERVICE_RECOVERY = "service_recovery"
_UNIT = "unit"


@dataclass(frozen=True, slots=True)
class CureDue:
    """A procedure that an alert asks for."""

    alert: Alert
    procedure: Procedure
    policy: Policy
    run_id: str
    """The same whoever computes it: each time that the alert fires starts one run at the most."""
    due_at: datetime


def cure_of(alert: Alert, runbook: Runbook) -> tuple[Cure, Procedure] | None:
    """What the document has against this alert; None when nothing that fits it."""
    cure = runbook.response.cures.get(alert.name)
    if cure is None:
        return None
    name = cure.procedure
    if name == SERVICE_RECOVERY:
        unit = alert.labels.get(_UNIT)
        if unit is None:
            return None
        name = unit
    try:
        return cure, find(name, runbook)
    except ProcedureUnknown:
        # Of a unit that the document knows no recovery for.
        return None


def run_id_of(alert: Alert) -> str:
    """Of the run that this alert starts, this time that it fires."""
    fired = 0 if alert.fired_at is None else int(alert.fired_at.timestamp() * 1000)
    return f"alert-{alert.id}-{fired}"


def cures(
    alerts: Iterable[Alert], quiet: Callable[[Alert], bool], runbook: Runbook
) -> tuple[CureDue, ...]:
    """What firing alerts ask for, the first due first; one run a resource.

    Nothing is done about an alert that is kept quiet, since whatever keeps it quiet is the trouble
    or somebody works there; nor about one that a person has taken on. Suggestions start nothing.
    """
    found: dict[str, CureDue] = {}
    for alert in alerts:
        if (
            alert.state is not AlertState.FIRING
            or alert.fired_at is None
            or alert.acknowledged_at is not None
            or quiet(alert)
        ):
            continue
        known = cure_of(alert, runbook)
        if known is None or known[0].policy == "suggest":
            continue
        cure, procedure = known
        due = CureDue(
            alert, procedure, cure.policy, run_id_of(alert), alert.fired_at + cure.after.duration
        )
        first = found.get(procedure.resource)
        if first is None or (due.due_at, alert.id) < (first.due_at, first.alert.id):
            found[procedure.resource] = due
    return tuple(sorted(found.values(), key=lambda due: (due.due_at, due.run_id)))


def needless(
    open_runs: Mapping[str, str], firing: Iterable[Alert], deciding: frozenset[str]
) -> tuple[str, ...]:
    """Runs that nobody needs any more: their alert ended before anybody had approved them.

    `open_runs`: the alert of each run by the run's id; `deciding`: runs that wait for approval.
    """
    alive = {alert.id for alert in firing}
    return tuple(
        run_id
        for run_id, alert_id in open_runs.items()
        if run_id in deciding and alert_id not in alive
    )
