"""Starts housekeeping when it is due."""

from collections.abc import Callable
from datetime import datetime

from bigbrother.operations.housekeeping.due_times import last_due, started, take_up
from bigbrother.operations.housekeeping.schedule import next_due
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
        """Starts what is due; when something is due next."""
        runbook = self._runbook()
        if self._looked is not None:
            before, at, then = self._looked
            # Looked at again where the document changed, or the clock was set back.
            if before is runbook and at <= now and (then is None or now < then):
                return then
        for each in self._store.write(lambda conn: take_up(conn, runbook, now)):
            asking = Asking(
                each.run_id,
                BY_SCHEDULE,
                f"Due at {each.due_at:%Y-%m-%d %H:%M} UTC.",
                automatic=True,
            )
            self._starter.start(find(each.procedure, runbook), asking, now)
            self._store.write(lambda conn, each=each: started(conn, runbook, each))  # type: ignore[misc]
        then = next_due(runbook, self._store.read(last_due), now)
        self._looked = (runbook, now, then)
        return then
