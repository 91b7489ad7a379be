"""What drives runs: the watcher, or a command while there is no watcher."""

from collections.abc import Callable

from bigbrother.adapters.clock import SystemClock
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.wiring.actions import step_runner


def engine(settings: Settings, store: Store, runbook: Callable[[], Runbook]) -> Engine:
    """Not started; whoever makes one shares locks with all others of this home.

    Raises OSError where their folder cannot be made.
    """
    settings.run_locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Engine(store, step_runner(settings), ACTIONS, runbook, SystemClock(), settings.run_locks)
