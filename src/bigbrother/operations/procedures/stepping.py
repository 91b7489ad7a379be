"""One step's process from its beginning to its end, with an eye on the clock and on requests."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from bigbrother.kernel.clock import Clock
from bigbrother.operations.procedures.errors import DriverStopped
from bigbrother.ports.step_runner import RunningStep, StepEnd, StepLine

_log = logging.getLogger(__name__)
Heard = StepLine | StepEnd | BaseException | None
"""What comes to a driver: lines, the end, what broke; None when somebody wakes it."""


@dataclass(frozen=True, slots=True)
class Bell:
    """Where a driver waits; anybody may ring."""

    heard: SimpleQueue[Heard]

    def ring(self) -> None:
        """Whoever waits looks at once."""
        self.heard.put(None)

    def wait(self, seconds: float) -> list[Heard]:
        """All that has come, waiting for the first no longer than that."""
        found = list[Heard]()
        try:
            found.append(self.heard.get(timeout=seconds))
            while True:
                found.append(self.heard.get_nowait())
        except Empty:
            return found


@dataclass(frozen=True, slots=True)
class Watch:
    """What a driver looks after while it waits."""

    clock: Clock
    bell: Bell
    look_seconds: Callable[[], float]
    renew_seconds: Callable[[], float]
    renew: Callable[[], None]
    """Raises OwnershipLost."""
    cancel_asked: Callable[[], bool]
    stopping: threading.Event

    def wait(self, seconds: float) -> None:
        """Returns after so long, or when somebody cancels; raises DriverStopped, OwnershipLost."""
        end_seconds = self.clock.monotonic_seconds() + seconds
        renewed_seconds = self.clock.monotonic_seconds()
        while not self.cancel_asked():
            self.check_stopping()
            now_seconds = self.clock.monotonic_seconds()
            if now_seconds >= end_seconds:
                return
            renewed_seconds = self.renewed(renewed_seconds)
            self.bell.wait(min(end_seconds - now_seconds, self.look_seconds()))

    def renewed(self, last_seconds: float) -> float:
        """When the lease was renewed last, which it is when it is time."""
        now_seconds = self.clock.monotonic_seconds()
        if now_seconds - last_seconds < self.renew_seconds():
            return last_seconds
        self.renew()
        return now_seconds

    def check_stopping(self) -> None:
        """Raises DriverStopped when this driver is to end."""
        if self.stopping.is_set():
            raise DriverStopped("This process stops; the run goes on with the next watcher.")


@dataclass(frozen=True, slots=True)
class StepOver:
    """A step's process has ended."""

    end: StepEnd
    cancelled: bool
    lines: list[StepLine]
    """What it said that was not handed on before."""


def follow(step: RunningStep, watch: Watch, said: Callable[[list[StepLine]], None]) -> StepOver:
    """Lets it go, and returns when it has ended; cancels it when somebody asks.

    Raises DriverStopped, OwnershipLost and whatever `said` raises; the process is not ended then.
    """
    cancelled, renewed_seconds = False, watch.clock.monotonic_seconds()
    try:
        threading.Thread(
            target=_read, args=(step, watch.bell.heard), name="step-lines", daemon=True
        ).start()
    except RuntimeError as error:
        # Memory or processes have run out; it has not been let go, so nothing has happened.
        step.kill()
        return StepOver(replace(step.end(), kind="failed", error=f"{error}."), cancelled, [])
    # What it says is handed on at intervals: a word of a quick step is no transaction of its own.
    waiting, handed_on_seconds = list[StepLine](), renewed_seconds
    while True:
        lines, end = _sorted_out(watch.bell.wait(watch.look_seconds()))
        waiting += lines
        if end is not None:
            return StepOver(end, cancelled, waiting)
        now_seconds = watch.clock.monotonic_seconds()
        if waiting and now_seconds - handed_on_seconds >= watch.look_seconds():
            said(waiting)
            waiting, handed_on_seconds = [], now_seconds
        watch.check_stopping()
        renewed_seconds = watch.renewed(renewed_seconds)
        if not cancelled and watch.cancel_asked():
            cancelled = True
            step.kill()


def _sorted_out(heard: list[Heard]) -> tuple[list[StepLine], StepEnd | None]:
    lines = list[StepLine]()
    end = None
    for each in heard:
        if isinstance(each, BaseException):
            raise each
        if isinstance(each, StepEnd):
            end = each
        elif each is not None:
            lines.append(each)
    return lines, end


def _read(step: RunningStep, heard: SimpleQueue[Heard]) -> None:
    try:
        step.go()
        for line in step.lines():
            heard.put(line)
        heard.put(step.end())
    except Exception as broken:  # noqa: BLE001 - then it has failed
        _log.exception("a step cannot be followed")
        step.kill()
        heard.put(
            StepEnd("died", error=f"It cannot be followed: {type(broken).__name__}: {broken}")
        )
    except BaseException as ended:  # noqa: BLE001 - raised where the run is driven
        heard.put(ended)


@contextmanager
def ended_in_any_case(step: RunningStep) -> Iterator[None]:
    """Whatever goes wrong, the step's process does not go on alone."""
    try:
        yield
    except BaseException:
        step.kill()
        raise
