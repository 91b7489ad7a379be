"""Drives runs: threads in the watcher, or one run in the foreground of a command."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from bigbrother.kernel.clock import Clock
from bigbrother.operations.procedures.arguments import Actions
from bigbrother.operations.procedures.claims import Claim, Claims, due_runs
from bigbrother.operations.procedures.driver import Driver, Means
from bigbrother.operations.procedures.errors import DriverStopped, OwnershipLost
from bigbrother.operations.procedures.history import find_run
from bigbrother.operations.procedures.journal import RunJournal, Told
from bigbrother.operations.procedures.records import ENDED, Run, RunState
from bigbrother.operations.procedures.stepping import Bell, Watch
from bigbrother.operations.store.store import Store
from bigbrother.ports.step_runner import StepRunner
from bigbrother.runbook.model import Runbook

_log = logging.getLogger(__name__)
_RENEWALS = 3
"""A lease is renewed so often before it would be over."""


class Engine:
    """Drives what is due in ops.db; any number of engines, in any processes, may share it."""

    def __init__(
        self,
        store: Store,
        runner: StepRunner,
        actions: Actions,
        runbook: Callable[[], Runbook],
        clock: Clock,
        locks: Path,
        told: Told | None = None,
    ) -> None:
        """`locks`: a folder of this machine. `told` hears each event once it is written, in the
        thread that wrote it."""
        self._store = store
        self._means = Means(runner, actions, runbook, clock)
        self._runbook = runbook
        self._clock = clock
        self._claims = Claims(store, clock, locks, self._lease_seconds)
        self._told: Told = told or (lambda _event: None)
        self._stopping = threading.Event()
        self._poked = threading.Event()
        self._lock = threading.Lock()
        self._bells: dict[str, Bell] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._unlocked: set[str] = set()
        self._scheduler: threading.Thread | None = None

    def start(self) -> None:
        """Begins to drive runs, in threads of its own."""
        self._scheduler = threading.Thread(target=self._schedule, name="procedures", daemon=True)
        self._scheduler.start()

    def stop(self) -> None:
        """Ends it: steps that go on are cut off, and the next watcher finds out how they stand."""
        self._stopping.set()
        self.wake()
        with self._lock:
            threads = list(self._threads.values())
        if self._scheduler is not None:
            threads.append(self._scheduler)
        end_seconds = self._clock.monotonic_seconds() + self._lease_seconds()
        for thread in threads:
            thread.join(max(0.0, end_seconds - self._clock.monotonic_seconds()))

    def wake(self) -> None:
        """There may be something to do: looks at once."""
        self._poked.set()
        with self._lock:
            bells = list(self._bells.values())
        for bell in bells:
            bell.ring()

    def drive(self, run_id: str) -> Run:
        """Drives one run here, or waits while somebody else does; the run once it has ended, or a
        person must say something (HELD, PAUSED).

        Raises RunUnknown, OSError where the lock's folder cannot be used.
        """
        bell = self._bell(run_id)
        try:
            while True:
                run = self._store.read(lambda conn: find_run(conn, run_id))
                if run.state in ENDED or _waits_for_a_person(run) or self._stopping.is_set():
                    return run
                claim = self._claims.take(run_id) if run_id in self._due() else None
                if claim is None:
                    bell.wait(self._look_seconds())
                else:
                    self._drive(claim)
                    bell = self._bell(run_id)
        finally:
            self._over(run_id)

    def _schedule(self) -> None:
        while not self._stopping.is_set():
            try:
                self._begin_due()
            except Exception:  # noqa: BLE001 - it is looked at again
                _log.exception("runs cannot be looked at")
            self._poked.wait(self._look_seconds())
            self._poked.clear()

    def _begin_due(self) -> None:
        for run_id in self._due():
            if len(self._threads) >= self._runbook().procedures.at_once:
                return
            if self._stopping.is_set() or run_id in self._threads:
                continue
            claim = self._claimed(run_id)
            if claim is None:
                continue
            thread = threading.Thread(
                target=self._drive_alone, args=(claim,), name=f"run-{run_id}", daemon=True
            )
            with self._lock:
                self._threads[run_id] = thread
            try:
                thread.start()
            except RuntimeError:
                # The system has no more threads to give; what is locked here nobody else could do.
                self._over(run_id)
                claim.let_go(ours=True)
                raise

    def _claimed(self, run_id: str) -> Claim | None:
        try:
            return self._claims.take(run_id)
        except OSError:
            # One run that cannot be locked must not keep the others.
            if run_id not in self._unlocked:
                self._unlocked.add(run_id)
                _log.exception("a run cannot be locked", extra={"run": run_id})
            return None

    def _drive_alone(self, claim: Claim) -> None:
        try:
            self._drive(claim)
        except Exception:  # noqa: BLE001 - it is taken again
            _log.exception("a run was left", extra={"run": claim.run_id})
        else:
            # Whatever waited for its resource may begin; what is broken is not tried at once.
            self._poked.set()
        finally:
            self._over(claim.run_id)

    def _drive(self, claim: Claim) -> None:
        ours = True
        try:
            journal = RunJournal(
                self._store, claim, self._clock.now, self._lease_seconds, self._told
            )
            watch = Watch(
                clock=self._clock,
                bell=self._new_bell(claim.run_id),
                look_seconds=self._look_seconds,
                renew_seconds=lambda: self._lease_seconds() / _RENEWALS,
                renew=journal.renew,
                cancel_asked=journal.cancel_asked,
                stopping=self._stopping,
            )
            Driver(journal, self._means, watch).drive()
            ours = False
        except (OwnershipLost, DriverStopped) as left:
            ours = isinstance(left, DriverStopped)
            _log.info("a run is left to others", extra={"run": claim.run_id, "why": left.detail})
        finally:
            claim.let_go(ours=ours)

    def _bell(self, run_id: str) -> Bell:
        with self._lock:
            return self._bells.setdefault(run_id, Bell(SimpleQueue()))

    def _new_bell(self, run_id: str) -> Bell:
        """What a step says that was left behind is heard by nobody who drives the run later."""
        with self._lock:
            self._bells[run_id] = Bell(SimpleQueue())
            return self._bells[run_id]

    def _over(self, run_id: str) -> None:
        with self._lock:
            self._bells.pop(run_id, None)
            self._threads.pop(run_id, None)

    def _due(self) -> tuple[str, ...]:
        now_epoch = self._clock.now().timestamp()
        return self._store.read(lambda conn: due_runs(conn, now_epoch))

    def _look_seconds(self) -> float:
        return self._runbook().procedures.look_every.value

    def _lease_seconds(self) -> float:
        return self._runbook().procedures.lease.value


def _waits_for_a_person(run: Run) -> bool:
    """Whether nothing happens to it before somebody asks for something."""
    if run.state is RunState.HELD:
        return not run.settled and (run.held == "broken" or not run.cancel_asked)
    if run.cancel_asked:
        return False
    return run.state is RunState.PAUSED and run.pause_asked
