"""An installation of fakes, and the four steps on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bigbrother.models.samples import reference_embedding, sample_photo
from bigbrother.operations.procedures.action import (
    Action,
    ActionServices,
    CommandDone,
    StepContext,
    UnitArguments,
)
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.service_recovery import (
    check_logs,
    restart_service,
    verify_health,
    verify_status,
)
from bigbrother.ports.face_service import Answer
from bigbrother.ports.service_manager import ProcessIdentity, UnitState, UnitStatus
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.face_service import FakeFaceService
from tests.fakes.host import FakeHost
from tests.fakes.service_manager import FakeServiceManager

FACE = "bigbrother-face"
OPS = "bigbrother-ops"
ACTIONS: Mapping[str, Action[Any]] = {
    each.ACTION.name: each.ACTION
    for each in (verify_status, check_logs, restart_service, verify_health)
}
# No process of this machine has such a number: the fakes' processes are never real ones.
NOBODY = 4_194_305
KNOWN = reference_embedding("sface", "2021dec.1") or ()


def process(unit: str, number: int) -> ProcessIdentity:
    """A process that began so many seconds ago."""
    began = datetime(2030, 5, 1, tzinfo=UTC) + timedelta(seconds=number)
    return ProcessIdentity(unit, NOBODY + number, began)


@dataclass
class Told:
    """Implements `Journal`."""

    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)

    def command(self, *_arguments: object, **_options: object) -> CommandDone:
        raise AssertionError("service recovery runs no programs through the journal")


@dataclass
class Place:
    """What the steps work with; everything is well at first."""

    home: Path
    runbook: Runbook = field(default_factory=load_runbook)
    clock: FakeClock = field(default_factory=FakeClock)
    manager: FakeServiceManager = field(default_factory=FakeServiceManager)
    face: FakeFaceService = field(
        default_factory=lambda: replace(
            FakeFaceService.healthy(), embeddings={sample_photo(): tuple(KNOWN)}
        )
    )
    dsn: str = "host=/nowhere dbname=nothing connect_timeout=2"
    told: Told = field(default_factory=Told)
    earlier: dict[str, Outcome] = field(default_factory=dict)
    port: int = 1
    while_waiting: Callable[[], object] = lambda: None
    """What happens while a step waits."""

    def __post_init__(self) -> None:
        for number, unit in enumerate(self.manager.units):
            self.manager.alive[unit] = process(unit, number)
        self.manager.next_process = process(FACE, 100)

    def wait(self, seconds: float) -> None:
        self.clock.forward(seconds)
        self.while_waiting()

    def without_database_unit(self) -> "Place":
        """Its PostgreSQL is run by somebody else."""
        del self.manager.units["bigbrother-db"], self.manager.alive["bigbrother-db"]
        return self

    def dies(self, unit: str, state: UnitState = UnitState.STOPPED) -> None:
        """Its process is gone."""
        self.manager.units[unit] = UnitStatus(unit, state)
        self.manager.alive.pop(unit, None)

    def answers(self, status: int, body: bytes = b"{}") -> None:
        """What /readyz and /health say."""
        self.face.answers |= {path: Answer(status, 0.01, body) for path in ("/readyz", "/health")}

    def do(self, step: str, unit: str = FACE) -> Outcome:
        """One step; its outcome is known to those after it."""
        outcome: Outcome = ACTIONS[step].do(self.context(), UnitArguments(unit=unit))
        self.earlier[step] = outcome
        return outcome

    def plan(self, step: str, unit: str = FACE) -> str:
        said: str = ACTIONS[step].plan(self.context(), UnitArguments(unit=unit))
        return said

    def happened(self, unit: str = FACE) -> Happened:
        verify: Any = restart_service.ACTION.verify
        result: Happened = verify(self.context(), UnitArguments(unit=unit))
        return result

    def context(self) -> StepContext:
        services = ActionServices(
            settings=Settings(home=self.home, runtime=self.home / "run", port=self.port),
            runbook=self.runbook,
            clock=self.clock,
            manager=self.manager,
            face=self.face,
            host=FakeHost(),
            dsn=self.dsn,
        )
        return StepContext(services, "run", self.told, dict(self.earlier), "a test")
