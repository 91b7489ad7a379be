"""What stands behind a step's name: typed arguments, and how to do, verify, undo and plan it.

An action runs in a process of its own, so that its time limit ends it with everything it started,
and what it imports does not stay in the watcher's memory.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bigbrother.kernel.clock import Clock
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.ports.face_service import FaceService
from bigbrother.ports.host import Host
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

UnitName = Annotated[str, Field(pattern=r"^bigbrother-[a-z]+$", max_length=100)]


class Arguments(BaseModel):
    """What an action takes; subclass it. An unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitArguments(Arguments):
    """Of steps that are about one unit."""

    unit: UnitName


@dataclass(frozen=True, slots=True)
class ActionServices:
    """What actions work with; put together by `wiring`, anew in each step's process."""

    settings: Settings
    runbook: Runbook
    clock: Clock
    manager: ServiceManager
    face: FaceService
    host: Host
    dsn: str
    """Connection string of the application's database, with the owner's role."""


@dataclass(frozen=True, slots=True)
class CommandDone:
    """A program that ended; its output has secrets redacted, in the journal and here."""

    exit: int
    output: str
    seconds: float


class Journal(Protocol):
    """Where a step says what it does, while it does it."""

    def say(self, text: str) -> None:
        """A line for whoever watches; secrets are redacted."""
        ...

    def command(
        self,
        arguments: Sequence[str],
        *,
        within_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> CommandDone:
        """Runs a program; command, output, duration and exit are journaled.

        With `check` an exit other than 0 raises StepFailed. A program that takes longer than its
        time is ended with its children, and StepFailed raised.
        """
        ...


@dataclass(frozen=True, slots=True)
class StepContext:
    """One step of one run."""

    services: ActionServices
    run_id: str
    journal: Journal
    earlier: Mapping[str, Outcome]
    """What the steps before did, by their names; the step's own for `undo`."""
    reason: str
    """Why the run is: an alert's summary, a schedule, a person's word."""


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Action(Generic[A]):
    """One kind of step. Whatever it raises makes the step fail."""

    name: str
    """As in the document."""
    arguments: type[A]
    do: Callable[[StepContext, A], Outcome]
    """The work; raises StepFailed or any BigBrotherError."""
    plan: Callable[[StepContext, A], str]
    """What `do` would do now, in a sentence or more; changes nothing."""
    idempotent: bool
    """Doing it twice is doing it once: after a crash it may be repeated without being sure."""
    changes: bool = True
    """False: it only looks; it needs no approval and goes on in a freeze."""
    verify: Callable[[StepContext, A], Happened] | None = None
    """Whether an interrupted `do` had its effect; None: unknown."""
    undo: Callable[[StepContext, A], Outcome] | None = None
    """Takes the effect back when this step or a later one fails; idempotent.

    Of a step that failed or was cut off there is no outcome in `earlier`, or one without data: then
    it finds out by itself what is to be taken back, and says `skipped` where that is nothing.
    """
