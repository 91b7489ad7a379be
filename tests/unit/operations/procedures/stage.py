"""A watcher's file, a world and engines on it, for tests of procedures."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import yaml
from pydantic import JsonValue

from bigbrother.operations.procedures.action import Action, Arguments, UnitArguments
from bigbrother.operations.procedures.catalogue import find
from bigbrother.operations.procedures.engine import Engine
from bigbrother.operations.procedures.guards import Ground
from bigbrother.operations.procedures.history import approvals, attempts, events, find_run
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.procedures.records import Run, RunEvent, RunState
from bigbrother.operations.procedures.start import Asking, start
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import default_text
from bigbrother.runbook.model import Runbook
from tests.fakes.clock import FakeClock
from tests.fakes.step_runner import FakeStepRunner, World, no_fate
from tests.waiting import until

PLENTY_BYTES = 10**12


def _elsewhere(*_: object) -> NoReturn:
    raise AssertionError("actions work in processes of their own")


def action(
    name: str,
    *,
    idempotent: bool = False,
    verify: bool = True,
    undo: bool = True,
    changes: bool = True,
    arguments: type[Arguments] = Arguments,
) -> Action[Any]:
    """What the engine knows of one; the fake runner does the work."""
    no_outcome: Callable[..., Outcome] = _elsewhere
    happened: Callable[..., Happened] = _elsewhere
    return Action(
        name,
        arguments,
        do=no_outcome,
        plan=_elsewhere,
        idempotent=idempotent,
        changes=changes,
        verify=happened if verify else None,
        undo=no_outcome if undo else None,
    )


ACTIONS = {
    each.name: each
    for each in (
        action("look", idempotent=True, verify=False, undo=False, changes=False),
        action("change"),
        action("repeat", idempotent=True, verify=False),
        action("blind", verify=False),
        action("boom", idempotent=True, undo=False),
        action("of_unit", arguments=UnitArguments),
    )
}


@cache
def _shipped() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(default_text())
    return values


def document(
    *,
    steps: Mapping[str, Sequence[str]] | None = None,
    figures: Mapping[str, Mapping[str, object]] | None = None,
    **procedures: object,
) -> Runbook:
    """The shipped document with these solutions, figures of steps, and figures of procedures."""
    values = copy.deepcopy(_shipped())
    for name, names in (steps or {"good": ["look", "change", "repeat"]}).items():
        values["solutions"][name] = {"steps": list(names)}
    default = {"within": "5s", "attempts": 2, "first_pause": "0s", "approval": False}
    values["procedures"]["steps"] = {
        name: default | dict((figures or {}).get(name, {})) for name in ACTIONS
    }
    # Nothing waits for the time to pass: whatever is asked for is seen at once.
    values["procedures"] |= {"look_every": "1ms"} | procedures
    return Runbook.model_validate(values)


@dataclass
class Stage:
    """One ops.db."""

    folder: Path
    runbook: Runbook = field(default_factory=document)
    clock: FakeClock = field(default_factory=FakeClock)
    world: World = field(default_factory=World)
    told: list[RunEvent] = field(default_factory=list)
    free_bytes: int = PLENTY_BYTES

    def __post_init__(self) -> None:
        self.store = opened(self.folder)

    @property
    def ground(self) -> Ground:
        return Ground(self.runbook, ACTIONS, lambda: self.free_bytes)

    def engine(
        self,
        fate: Callable[[str], None] = no_fate,
        store: Store | None = None,
        locks: Path | None = None,
    ) -> Engine:
        return Engine(
            store or self.store,
            FakeStepRunner(self.world, fate),
            ACTIONS,
            lambda: self.runbook,
            self.clock,
            locks or self.folder,
            self.told.append,
        )

    def start(
        self,
        procedure: str = "good",
        run_id: str = "run-1",
        arguments: Mapping[str, JsonValue] | None = None,
        **asking: Any,  # noqa: ANN401 - the fields of Asking
    ) -> Run:
        asked = replace(Asking(run_id, "ana", "A test."), **asking)
        run, _ = start(
            self.store,
            find(procedure, self.runbook),
            arguments or {},
            asked,
            self.ground,
            self.clock.now(),
        )
        return run

    def start_on(self, resource: str, run_id: str) -> Run:
        """A run of its own resource."""
        procedure = replace(find("good", self.runbook), resource=resource)
        asked = Asking(run_id, "ana", "A test.", automatic=True)
        run, _ = start(self.store, procedure, {}, asked, self.ground, self.clock.now())
        return run

    def drive(self, run_id: str = "run-1") -> Run:
        return self.engine().drive(run_id)

    def run(self, run_id: str = "run-1") -> Run:
        return self.store.read(lambda conn: find_run(conn, run_id))

    def steps(self, run_id: str = "run-1") -> list[str]:
        """Every attempt: phase, action and state."""
        found = self.store.read(lambda conn: attempts(conn, run_id))
        return [f"{each.phase} {each.action} {each.state}" for each in found]

    def kinds(self, run_id: str = "run-1") -> list[str]:
        """What happened, in order."""
        found = self.store.read(lambda conn: events(conn, run_id, limit=10_000))
        return [event.kind for event in found]

    def approvals(self, run_id: str = "run-1") -> list[tuple[int, bool | None, str]]:
        found = self.store.read(lambda conn: approvals(conn, run_id))
        return [(each.number, each.approved, each.who) for each in found]

    @contextmanager
    def driving(self) -> Iterator[Engine]:
        """A watcher's engine with threads of its own."""
        engine = self.engine()
        engine.start()
        try:
            yield engine
        finally:
            engine.stop()

    def until(self, state: RunState, run_id: str = "run-1") -> None:
        """Returns once the run is in that state and nobody drives it."""
        until(lambda: self.run(run_id).state is state)

    def until_goes(self, action: str) -> None:
        """Returns once a step of that name goes on."""
        until(lambda: action in [step.action for step in list(self.world.alive.values())])

    def until_kind(self, kind: str, count: int, run_id: str = "run-1") -> None:
        """Returns once so many of these events were written."""
        until(lambda: self.kinds(run_id).count(kind) >= count)

    def close(self) -> None:
        self.store.close()


def opened(folder: Path) -> Store:
    """The watcher's file."""
    store = Store(folder / "ops.db")
    without_waiting(store)
    return store


def without_waiting(store: Store) -> None:
    """These tests survive no power cut, so the disk is not waited for."""
    store.read(lambda conn: conn.execute("PRAGMA synchronous = OFF").fetchall())
