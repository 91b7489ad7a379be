"""Runs one step in a process of its own, which its time limit ends with everything it started."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from pydantic import JsonValue

from bigbrother.kernel.errors import Unavailable

StepPhase = Literal["do", "verify", "undo", "plan"]
EndKind = Literal["done", "failed", "timed-out", "died"]


class StepRunnerUnavailable(Unavailable):
    """No process could be begun."""

    code: ClassVar[str] = "step-runner-unavailable"
    title: ClassVar[str] = "No step can be begun"


@dataclass(frozen=True, slots=True)
class StepWork:
    """What one process is to do."""

    run_id: str
    action: str
    phase: StepPhase
    arguments: Mapping[str, JsonValue]
    earlier: Mapping[str, Mapping[str, JsonValue]]
    """Outcomes of the steps before, by their names: summary, data, skipped."""
    reason: str
    within_seconds: float


@dataclass(frozen=True, slots=True)
class StepLine:
    """Something that a step says while it works; secrets are redacted."""

    kind: Literal["line", "command", "output", "exit"]
    text: str
    data: Mapping[str, JsonValue] = field(default_factory=dict)
    """Of `exit`: exit and seconds."""


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How the process ended."""

    kind: EndKind
    answer: Mapping[str, JsonValue] = field(default_factory=dict)
    """Of `done`: the outcome (do, undo), {"happened": …} (verify), {"plan": …} (plan)."""
    error: str = ""
    remedy: str = ""
    again: bool = True
    """Whether another try can help."""


class RunningStep(Protocol):
    """A step's process."""

    @property
    def process_id(self) -> int: ...

    @property
    def process_started(self) -> float:
        """When it began, as the system counts it: with the id it names one process."""
        ...

    def go(self) -> None:
        """Lets it begin its work: not before its identity is written down."""
        ...

    def lines(self) -> Iterator[StepLine]:
        """What it says, as it comes; ends when the step has ended or its time is over."""
        ...

    def end(self) -> StepEnd:
        """How it ended, after `lines`; its process and all that it started are gone by then."""
        ...

    def kill(self) -> None:
        """Ends it now with everything it started; from any thread."""
        ...


class StepRunner(Protocol):
    """Raises StepRunnerUnavailable."""

    def begin(self, work: StepWork) -> RunningStep:
        """A process that waits for `go`. It ends with all it started when this process dies."""
        ...

    def make_sure_gone(self, process_id: int, process_started: float) -> None:
        """Returns once that process, left by a dead watcher, and what it started are no more."""
        ...
