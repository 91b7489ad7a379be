"""Which alerts start which procedures, and when. Pure."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.errors import ProcedureUnknown
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.procedures import Cure, Policy
from bigbrother.runbook.validation.names import UNIT_ALIASES

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
    others: tuple[Alert, ...] = ()
    """Alerts that ask for the same: its run is theirs, too."""


def cure_of(alert: Alert, runbook: Runbook) -> tuple[Cure, Procedure] | None:
    """What the document has against this alert; None when nothing that fits it."""
    return Remedies(runbook).of(alert)


class Remedies:
    """What one document has against alerts, looked up once for all alerts of a storm."""

    def __init__(self, runbook: Runbook) -> None:
        self.runbook = runbook
        self._cures = runbook.response.cures
        self._found: dict[str, Procedure | None] = {}
        self._units = {
            unit
            for service in runbook.service_recovery
            for unit in (service, UNIT_ALIASES.get(service, service))
        }

    def of(self, alert: Alert) -> tuple[Cure, Procedure] | None:
        """As `cure_of`."""
        cure = self._cures.get(alert.name)
        if cure is None:
            return None
        name = cure.procedure
        if name == SERVICE_RECOVERY:
            name = alert.labels.get(_UNIT, "")
            if name not in self._units:
                # The document knows no recovery for it.
                return None
        if name not in self._found:
            self._found[name] = _find(name, self.runbook)
        procedure = self._found[name]
        return None if procedure is None else (cure, procedure)


def _find(name: str, runbook: Runbook) -> Procedure | None:
    try:
        return find(name, runbook)
    except ProcedureUnknown:
        return None


def run_id_of(alert: Alert) -> str:
    """Of the run that this alert starts, this time that it fires."""
    fired = 0 if alert.fired_at is None else int(alert.fired_at.timestamp() * 1000)
    return f"alert-{alert.id}-{fired}"


def cures(
    alerts: Iterable[Alert],
    quiet: Callable[[Alert], bool],
    runbook: Runbook,
    begun: Container[str] = (),
) -> tuple[CureDue, ...]:
    """What firing alerts ask for, the first due first; one run a procedure, for all its alerts.

    `begun`: runs that need not be asked for again. One that is over must not stand before others.

    Nothing is done about an alert that is kept quiet, since whatever keeps it quiet is the trouble
    or somebody works there; nor about one that a person has taken on. Suggestions start nothing.
    """
    found: dict[str, list[CureDue]] = {}
    remedies = Remedies(runbook)
    for alert in alerts:
        known = remedies.of(alert)
        if known is None or known[0].policy == "suggest":
            continue
        if (
            alert.state is not AlertState.FIRING
            or alert.fired_at is None
            or alert.acknowledged_at is not None
            or quiet(alert)
        ):
            continue
        cure, procedure = known
        due = CureDue(
            alert, procedure, cure.policy, run_id_of(alert), alert.fired_at + cure.after.duration
        )
        if due.run_id not in begun:
            found.setdefault(procedure.name, []).append(due)
    return tuple(sorted(map(_first_of, found.values()), key=lambda due: (due.due_at, due.run_id)))


def _first_of(dues: Sequence[CureDue]) -> CureDue:
    first = min(dues, key=lambda due: (due.due_at, due.alert.id))
    return replace(first, others=tuple(due.alert for due in dues if due is not first))


def needless(
    idle: Mapping[str, str],
    firing: Iterable[Alert],
    queued: frozenset[str],
    joined: frozenset[str],
) -> tuple[str, ...]:
    """Runs that nobody needs any more: their alert ended before anybody had approved them, or
    before their turn came; or a person took it on before that.

    `idle`: the alert of each run that waits, by the run's id; `queued`: those of them that have
    not begun; `joined`: runs that are to cure other alerts that fire.
    """
    taken_on = {alert.id: alert.acknowledged_at is not None for alert in firing}
    return tuple(
        run_id
        for run_id, alert_id in idle.items()
        if (run_id in queued if taken_on.get(alert_id, True) else False)
        or (alert_id not in taken_on and run_id not in joined)
    )
