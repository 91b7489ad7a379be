"""Starts housekeeping when it is due."""

from collections.abc import Callable
from datetime import datetime

from bigbrother.operations.housekeeping.due_times import last_due, started, take_up
from bigbrother.operations.housekeeping.schedule import Due, next_due
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.start import Asking
from bigbrother.operations.response.starting import Starter
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook

BY_SCHEDULE = "schedule"


class Housekeeper:
    """One thread calls it."""

    def __init__(self, store: Store, starter: Starter, runbook: Callable[[], Runbook]) -> None:
        self._store = store
        self._starter = starter
        self._runbook = runbook
        self._looked: tuple[Runbook, datetime, datetime | None] | None = None

    def tick(self, now: datetime) -> datetime | None:
        """Starts what is due; when something is due next.

        Raises the first error of those that could not be started, after all others were.
        """
        runbook = self._runbook()
        if self._looked is not None:
            before, at, then = self._looked
            # Looked at again where the document changed, or the clock was set back.
            if before is runbook and at <= now and (then is None or now < then):
                return then
        errors = []
        for each in self._store.write(lambda conn: take_up(conn, runbook, now)):
            try:
                self._start(each, runbook, now)
            except Exception as error:  # noqa: BLE001 - told to the caller, after the others
                errors.append(error)
        if errors:
            raise errors[0]
        then = next_due(runbook, self._store.read(last_due), now)
        self._looked = (runbook, now, then)
        return then

    def _start(self, each: Due, runbook: Runbook, now: datetime) -> None:
        asking = Asking(
            each.run_id,
            BY_SCHEDULE,
            f"Due at {each.due_at:%Y-%m-%d %H:%M} UTC.",
            automatic=True,
        )
        self._starter.start(find(each.procedure, runbook), asking, now)
        self._store.write(lambda conn: started(conn, runbook, each))
