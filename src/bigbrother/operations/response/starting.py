"""Starts runs for the watcher itself: nobody in person asks for them."""

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from bigbrother.operations.procedures.action import Action
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.procedure import Procedure
from bigbrother.operations.procedures.records import Run
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook

_log = structlog.get_logger("bigbrother.ops")


class Starter:
    """Begins a run, or finds that it has begun."""

    def __init__(
        self,
        store: Store,
        actions: Mapping[str, Action[Any]],
        runbook: Callable[[], Runbook],
        folder: Path,
        wake: Callable[[], None],
    ) -> None:
        """`folder` holds ops.db; `wake` is called when there is a new run to drive."""
        self.actions = actions
        self._store = store
        self._runbook = runbook
        self._folder = folder
        self._wake = wake

    def start(self, procedure: Procedure, asking: Asking, now: datetime) -> tuple[Run, bool]:
        """The run, and whether it is new; one that guards refuse is written down as refused."""
        ground = Ground(self._runbook(), self.actions, lambda: shutil.disk_usage(self._folder).free)
        run, new = start(self._store, procedure, {}, asking, ground, now)
        if new:
            _log.info("a run begins", run=run.id, state=str(run.state), why=asking.reason)
            self._wake()
        return run, new
