"""Sees to it that a run goes on: the watcher drives it, or this process while there is none."""

import threading
from collections.abc import Callable

from bigbrother.installation.readiness import watcher_is_ready
from bigbrother.operations.procedures.engine import Engine
from bigbrother.settings import Settings

_LOOK_SECONDS = 2.0


class Driving:
    """Watches the watcher in a thread of its own, and drives one run where nobody does."""

    def __init__(self, settings: Settings, run_id: str, make_engine: Callable[[], Engine]) -> None:
        self._settings = settings
        self._run_id = run_id
        self._make_engine = make_engine
        self._leaving = threading.Event()
        self._engine: Engine | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._look, name="driving", daemon=True)

    @property
    def here(self) -> bool:
        """Whether this process drives it."""
        return self._engine is not None

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def check(self) -> None:
        """Raises what keeps this process from driving the run."""
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Drives no longer; what goes on is cut off."""
        self._leaving.set()
        if self._engine is not None:
            self._engine.stop()
            self._thread.join()

    def _look(self) -> None:
        while not self._leaving.is_set():
            if not watcher_is_ready(self._settings):
                self._drive()
                return
            self._leaving.wait(_LOOK_SECONDS)

    def _drive(self) -> None:
        try:
            self._engine = self._make_engine()
            self._engine.drive(self._run_id)
        except BaseException as error:  # noqa: BLE001 - raised again where the command waits
            self._error = error
