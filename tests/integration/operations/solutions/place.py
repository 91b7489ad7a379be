"""A face unit and a worker that follow one document, and steps that work on them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.adapters.host import SystemHost
from bigbrother.face.api.services import FaceServices
from bigbrother.face.batch.services import WorkerServices
from bigbrother.operations.procedures.action import (
    Action,
    ActionServices,
    Arguments,
    CommandDone,
    StepContext,
)
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.operations.troubleshooting.solutions.catalogue import SOLUTION_ACTIONS
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.publishing import publish_in_force
from bigbrother.runbook.tuning_file import TunedFile
from bigbrother.settings import Settings
from tests.conftest import Database
from tests.fakes.service_manager import FakeServiceManager
from tests.integration.api.conftest import Service, make_services, serve
from tests.integration.batch.workers import QUICK, worker_services, working
from tests.waiting import until

serving = contextmanager(serve)
ACTIONS: Mapping[str, Action[Any]] = {action.name: action for action in SOLUTION_ACTIONS}
SHORT: dict[str, Any] = {
    **QUICK,
    "batch": {**QUICK["batch"], "chunk": 4},
    "serving": {"document_every": "50ms"},
    # Other tests work the same processors: only what is many times worse counts.
    "tuning": {
        "measure_for": "100ms",
        "measured_images": 4,
        "measured_searches": 20,
        "worse_by": "90%",
        "measure_attempts": 2,
    },
    "client": {"poll_every": "20ms"},
}


@dataclass
class Said:
    """Implements `procedures.action.Journal`."""

    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)

    def command(self, *_: object, **__: object) -> CommandDone:
        raise AssertionError("solutions run no programs")


@dataclass
class Place:
    """One installation's worth of units."""

    service: Service
    worker: WorkerServices
    actions: ActionServices
    said: Said = field(default_factory=Said)

    @property
    def face(self) -> FaceServices:
        return self.service.services

    @property
    def settings(self) -> Settings:
        return self.actions.settings

    @property
    def tuned(self) -> TunedFile:
        return TunedFile(self.settings.tuned_runbook, self.settings.runbook_overlay)

    def client(self) -> httpx.Client:
        return self.service.client()

    def context(self, run_id: str, earlier: Mapping[str, Outcome]) -> StepContext:
        return StepContext(self.actions, run_id, self.said, earlier, "a test")

    def publish(self) -> None:
        """As the watcher does it; returns once both units go by it."""
        publish_in_force(self.settings)
        runbook = load_runbook(self.settings.runbook_overlay, self.settings.tuned_runbook)
        until(lambda: self.face.runbook == self.worker.runbook == runbook, 5)

    def run(self, solution: str, run_id: str = "run-1", **replaced: Outcome) -> dict[str, Outcome]:
        """Every step of a solution in order; what failed is taken back, as the engine does it.

        `replaced`: what a step is said to have found, instead of doing it.
        """
        done: dict[str, Outcome] = {}
        for name in self.actions.runbook.solutions[solution].steps:
            try:
                found = replaced.get(name) or self.do(name, run_id, done)
            except StepFailed:
                for other in [name, *reversed(done)]:
                    self.undo(other, run_id, done)
                raise
            done[name] = found
        return done

    def do(self, name: str, run_id: str, earlier: Mapping[str, Outcome]) -> Outcome:
        action = ACTIONS[name]
        return action.do(self.context(run_id, earlier), Arguments())

    def undo(self, name: str, run_id: str, earlier: Mapping[str, Outcome]) -> None:
        undo = ACTIONS[name].undo
        if undo is not None:
            undo(self.context(run_id, earlier), Arguments())

    def plans(self, solution: str) -> list[str]:
        return [
            ACTIONS[name].plan(self.context("plan", {}), Arguments())
            for name in self.actions.runbook.solutions[solution].steps
        ]

    def edit(self, **sections: dict[str, Any]) -> None:
        """The operator's overlay says this too from now on; nobody has published it."""
        overlay = self.settings.runbook_overlay
        values = yaml.safe_load(overlay.read_text("utf-8"))
        for name, section in sections.items():
            values[name] = {**values.get(name, {}), **section}
        overlay.write_text(yaml.safe_dump(values), "utf-8")
        self.actions = replace(self.actions, runbook=load_runbook(overlay))


@contextmanager
def place(database: Database, folder: Path, **sections: dict[str, Any]) -> Iterator[Place]:
    """A face unit with a worker, both by `etc/runbook.yaml` of this home."""
    settings = Settings(home=folder, runtime=folder / "run")
    for each in (settings.etc, settings.ops, settings.runtime, settings.spool):
        each.mkdir(parents=True, exist_ok=True)
    values = {
        name: {**SHORT.get(name, {}), **sections.get(name, {})} for name in {*SHORT, *sections}
    }
    settings.runbook_overlay.write_text(yaml.safe_dump(values), "utf-8")
    runbook = load_runbook(settings.runbook_overlay)
    face = make_services(database, runbook, settings.spool)
    face.published_runbook = settings.published_runbook
    worker = worker_services(
        database.face_dsn, runbook, threads=2, published=settings.published_runbook
    )
    with serving(face, database, ready=True) as service, working(worker):
        port = httpx.URL(service.url).port or 0
        settings = settings.model_copy(update={"port": port})
        settings.admin_token_file.write_text(service.texts["admin"], "ascii")
        clock = SystemClock()
        yield Place(
            service,
            worker,
            ActionServices(
                settings=settings,
                runbook=runbook,
                clock=clock,
                manager=FakeServiceManager(),
                face=HttpFaceService("127.0.0.1", port, clock, settings.admin_token_file),
                host=SystemHost(),
                dsn=database.owner_dsn,
            ),
        )


def indexes(database: Database) -> set[str]:
    """The definitions of every index that no constraint needs."""
    with psycopg.connect(database.owner_dsn) as conn:
        rows = conn.execute(
            "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace IN ('public'::regnamespace, 'queue'::regnamespace)"
            " AND i.indisvalid"
            " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        ).fetchall()
    return {row[0] for row in rows}


def figures(outcome: Outcome, name: str) -> dict[str, float]:
    """Figures by name among an outcome's data."""
    found = outcome.data[name]
    assert isinstance(found, dict)
    return {key: float(str(value)) for key, value in found.items()}
