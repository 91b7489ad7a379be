"""A home with files, a watcher's file, and steps that are done, planned and verified in it."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bigbrother.adapters.host import SystemHost
from bigbrother.operations.housekeeping.catalogue import HOUSEKEEPING_ACTIONS
from bigbrother.operations.procedures.action import (
    ActionServices,
    Arguments,
    CommandDone,
    StepContext,
)
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.store.store import Store
from bigbrother.ports.host import Host
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.face_service import FakeFaceService
from tests.fakes.service_manager import FakeServiceManager

NOW = datetime(2030, 5, 1, 6, tzinfo=UTC)
_BY_NAME = {action.name: action for action in HOUSEKEEPING_ACTIONS}


@dataclass
class HeardJournal:
    """Keeps what steps say; `on_say` is called before."""

    lines: list[str] = field(default_factory=list)
    on_say: Callable[[], None] = lambda: None

    def say(self, text: str) -> None:
        self.on_say()
        self.lines.append(text)

    def command(
        self,
        arguments: Sequence[str],
        *,
        within_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> CommandDone:
        given = (arguments, within_seconds, environment, check)
        raise AssertionError(f"housekeeping runs no programs: {given}")


@dataclass
class Place:
    """One installation; no unit of it runs."""

    home: Path
    dsn: str = ""
    host: Host = field(default_factory=SystemHost)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    runbook: Runbook = field(default_factory=load_runbook)
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of the document: sections with the fields that differ."""
    journal: HeardJournal = field(default_factory=HeardJournal)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, runtime=self.home / "run")

    @property
    def services(self) -> ActionServices:
        runbook = self.runbook
        for name, fields in self.changes.items():
            section = getattr(runbook, name)
            unchanged = {field: getattr(section, field) for field in type(section).model_fields}
            changed = section.model_validate({**unchanged, **fields})
            runbook = runbook.model_copy(update={name: changed})
        return ActionServices(
            settings=self.settings,
            runbook=runbook,
            clock=self.clock,
            manager=FakeServiceManager(),
            face=FakeFaceService(),
            host=self.host,
            dsn=self.dsn,
        )

    def context(self, earlier: Mapping[str, Outcome] | None = None) -> StepContext:
        return StepContext(self.services, "run", self.journal, earlier or {}, "a test")

    def do(self, step: str, earlier: Mapping[str, Outcome] | None = None) -> Outcome:
        return _BY_NAME[step].do(self.context(earlier), Arguments())

    def plan(self, step: str) -> str:
        return _BY_NAME[step].plan(self.context(), Arguments())

    def verify(self, step: str) -> Happened:
        verify = _BY_NAME[step].verify
        assert verify is not None
        return verify(self.context(), Arguments())

    def store(self) -> Store:
        self.settings.ops.mkdir(parents=True, exist_ok=True)
        return Store(self.settings.ops_store)

    def file(self, path: Path, *, age_hours: float, size_bytes: int = 5000) -> Path:
        """A file that was written so long ago."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size_bytes)
        at = self.clock.now().timestamp() - 3600 * age_hours
        os.utime(path, (at, at))
        return path

    def killed_while(self, step: str, says: int) -> bool:
        """Does the step in a process that dies before it says its so many-th line.

        Whether it died; it ends alive where it says less.
        """
        left = [says]

        def die() -> None:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

        return self._in_child(step, HeardJournal(on_say=die))

    def killed_after(self, step: str, seconds: float) -> bool:
        """Does the step in a process that dies after this time; whether it died before its end."""
        return self._in_child(step, HeardJournal(), seconds)

    def _in_child(self, step: str, journal: HeardJournal, seconds: float = 0) -> bool:
        child = os.fork()
        if child == 0:
            # SIGALRM kills who has no handler, at any instruction.
            signal.setitimer(signal.ITIMER_REAL, seconds)
            failed = 1
            try:
                self.journal = journal
                self.do(step)
                failed = 0
            finally:
                os._exit(failed)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the step failed"
        return os.WIFSIGNALED(status)
