"""What the watcher does about alerts beside telling: it diagnoses, starts procedures, drives
them."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.procedures.records import RunEvent
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.response.apart import Apart
from bigbrother.operations.response.diagnoses import Diagnoses
from bigbrother.operations.response.healer import Healer
from bigbrother.operations.response.housekeeper import Housekeeper
from bigbrother.operations.response.run_findings import run_findings
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.starting import Starter
from bigbrother.operations.response.telling import Explainer, Explanation, RunLink

_ENDS = "run."
_ASKS = "run.waiting"


class Cures:
    """Begun and asked by the thread that decides; the work is done in others."""

    def __init__(
        self,
        services: WatcherServices,
        link: RunLink,
        report: Callable[[Sequence[Finding]], None],
        wake: Callable[[], None],
    ) -> None:
        """`wake`: the deciding thread should look again."""
        self._services = services
        self._report = report
        self._wake = wake
        self._changed = threading.Event()
        self._changed.set()
        self._explained = threading.Event()
        store, runbook = services.store, services.runbook
        self._diagnoses = Diagnoses(
            store, services.steps, runbook, services.clock, self._diagnosis_came
        )
        self.engine = Engine(
            store,
            services.steps,
            ACTIONS,
            runbook,
            services.clock,
            services.settings.run_locks,
            told=self._happened,
        )
        starter = Starter(store, ACTIONS, runbook, services.settings.ops, self.engine.wake)
        self._healer = Healer(store, starter, runbook)
        self._housekeeper = Housekeeper(store, starter, runbook)
        self._explainer = Explainer(store, self._diagnoses, runbook, link)
        self._apart = Apart(report)

    def start(self, firing: Sequence[Alert]) -> None:
        """Goes on with what a watcher before this one left."""
        self._diagnoses.start(firing)
        self.engine.start()

    def stop(self) -> None:
        """Ends it; the next watcher goes on."""
        self._diagnoses.stop()
        self.engine.stop()

    def fired(self, alerts: Sequence[Alert]) -> None:
        """Alerts that fire from now on: a diagnosis of them begins at once."""
        self._diagnoses.want(alerts)

    def over(self, alerts: Sequence[Alert]) -> None:
        """Alerts that are no more."""
        self._diagnoses.forget([alert.id for alert in alerts])

    def explain(self, alert: Alert, contact: str, now: datetime) -> Explanation:
        """What is known of its cause and cure; nothing where that cannot be put into words."""
        return self._apart.run(
            "explaining",
            lambda: self._explainer.explain(alert, contact, now),
            Explanation("", whole=False),
            now,
        )

    def more_to_tell(self) -> bool:
        """Whether a diagnosis came, or a run asked for a yes, since this was last asked."""
        came = self._explained.is_set()
        self._explained.clear()
        return came

    def tick(
        self, alerts: Sequence[Alert], quiet: Callable[[Alert], bool], now: datetime
    ) -> datetime | None:
        """Starts what is due; the moment at which to look again. Whatever fails is found."""
        healer, keeper = self._healer, self._housekeeper
        self._apart.run("runs", lambda: self._tell_of_runs(now), None, now)
        moments = (
            self._apart.run("cures", lambda: healer.tick(alerts, quiet, now), None, now),
            self._apart.run("housekeeping", lambda: keeper.tick(now), None, now),
        )
        self._apart.run("needless", lambda: healer.drop_needless(alerts, now), None, now)
        return min((moment for moment in moments if moment is not None), default=None)

    def _tell_of_runs(self, now: datetime) -> None:
        if not self._changed.is_set():
            return
        self._changed.clear()
        try:
            found = self._services.store.read(lambda conn: run_findings(conn, now))
        except Exception:
            self._changed.set()
            raise
        self._report(found)

    def _diagnosis_came(self) -> None:
        self._explained.set()
        self._wake()

    def _happened(self, event: RunEvent) -> None:
        if event.kind == _ASKS:
            self._explained.set()
        if event.kind.startswith(_ENDS):
            self._changed.set()
            self._wake()
