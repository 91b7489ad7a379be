"""What the watcher looks at from moment to moment, and what the daily checks make of the model."""

import select
import sqlite3
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.ml import model_accuracy
from bigbrother.operations.checks.report import daily as reports
from bigbrother.operations.checks.report.runs import keep_run
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.scrapes import read_metrics
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units import lines, watch
from bigbrother.operations.monitoring.units.alive import FaceAlive
from bigbrother.operations.monitoring.units.deaths import Deaths
from bigbrother.operations.monitoring.units.line import LineSilent
from bigbrother.operations.monitoring.units.lines import DatabaseLine
from bigbrother.operations.monitoring.units.lives import Lives
from bigbrother.operations.monitoring.units.rhythm import Rhythm
from bigbrother.ports.face_service import Answer
from bigbrother.ports.service_manager import UnitState
from bigbrother.runbook.model import Runbook
from tests.fakes.clock import FakeClock
from tests.fakes.face_service import FakeFaceService
from tests.fakes.service_manager import FakeServiceManager
from tests.unit.operations.checks.installation import Installation
from tests.unit.runbook.probe import Probe

ROUNDS = 8
EYES = (1.0, 0.0)


def answering(runbook: Runbook) -> object:
    """When the face analyzer is asked, how long it is waited for, and when it is called silent."""
    clock, asked = FakeClock(), []
    seen: list[object] = []

    def get(_path: str, within_seconds: float, _largest: int) -> Answer:
        asked.append((clock.seconds, within_seconds))
        return Answer(500, 0.01, b"")

    face: Any = SimpleNamespace(get=get)
    lives = Lives(clock, lambda: runbook, seen.append)
    lives.seen(FakeServiceManager().status(), managed=True)
    clock.forward(3600)
    alive = FaceAlive(
        face_service=face,
        lives=lives,
        runbook=lambda: runbook,
        clock=clock,
        report=seen.append,
        rhythm=Rhythm(clock, clock.forward),
    )
    for _ in range(ROUNDS):
        alive.round()
    return asked, told(seen)


def told(seen: list[Any]) -> list[object]:
    """Without the ids of processes and other evidence."""
    findings: list[Finding] = [finding for found in seen for finding in found]
    return [(finding.alert, finding.status, finding.at) for finding in findings]


def deaths(runbook: Runbook) -> object:
    """When the manager is asked while all is well, while a unit heals, and after it has gone."""
    clock, manager = FakeClock(), FakeServiceManager()
    seen: list[object] = []
    exits: Any = SimpleNamespace(watch=lambda _: None)
    lives = Lives(clock, lambda: runbook, lambda _: None)
    followed = Deaths(
        manager=manager,
        lives=lives,
        exits=exits,
        runbook=lambda: runbook,
        clock=clock,
        report=seen.append,
    )
    followed._rhythm = Rhythm(clock, clock.forward)
    moments = []
    for state in (UnitState.RUNNING, UnitState.STARTING, UnitState.UNMANAGED):
        if state is UnitState.STARTING:
            manager.units["bigbrother-face"] = replace(
                manager.units["bigbrother-face"], state=UnitState.STOPPED, process_id=None
            )
        elif state is UnitState.UNMANAGED:
            manager.units = {
                name: replace(unit, state=UnitState.UNMANAGED)
                for name, unit in manager.units.items()
            }
            manager.running = False
        for _ in range(ROUNDS):
            followed.round()
            moments.append(clock.seconds)
    return moments, told(seen)


def database_line(runbook: Runbook) -> object:
    """When a fresh line is opened, and when the database is called silent."""
    clock = FakeClock()
    opened: list[object] = []
    seen: list[object] = []
    silent = False

    class Line:
        """A line that answers until it does not."""

        def __init__(self, _dsn: str, _clock: object, within_seconds: float) -> None:
            opened.append((clock.seconds, within_seconds))

        def ask(self, statement: str, within_seconds: float) -> None:
            if silent:
                raise LineSilent(f"{statement} was not answered {within_seconds}")

        def wait(self, seconds: float, _wake: int) -> None:
            clock.forward(seconds)

        def close(self) -> None:
            """Nothing is held."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "Line", Line)
        lives = Lives(clock, lambda: runbook, lambda _: None)
        line = DatabaseLine(
            dsn="", lives=lives, runbook=lambda: runbook, clock=clock, report=seen.append
        )
        patch.setattr(select, "select", lambda *given: clock.forward(given[3]))
        for number in range(4 * ROUNDS):
            silent = number >= 3 * ROUNDS
            line.round()
        line.close()
    return opened, told(seen)


def polling(runbook: Runbook) -> object:
    """How often processes are looked at where the system does not tell of their deaths."""
    asked: list[float] = []

    def process_exits(every_seconds: float) -> object:
        asked.append(every_seconds)
        return SimpleNamespace()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "process_exits", process_exits)
        made = watch.UnitWatch(
            FakeServiceManager(),
            FakeFaceService(),
            "",
            lambda: runbook,
            FakeClock(),
            lambda _: None,
        )
        made._line.close()
    return asked


def metric_pages(runbook: Runbook) -> object:
    """Whether a metric page may have so many samples."""
    text = b"".join(b'a{b="%d"} 1\n' % number for number in range(10_001))
    face = FakeFaceService.healthy(b"# TYPE a gauge\n" + text)
    try:
        return read_metrics(face, runbook) is not None
    except MetricPageInvalid as refused:
        return str(refused)


def accuracy(runbook: Runbook) -> object:
    """What is said of a model that errs over some pictures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        face = people(home / "data" / "accuracy", count=30, pictures=5)
        installed = Installation(home, runbook=runbook, face=face)
        try:
            found = model_accuracy.look(installed.observed())
        except BigBrotherError as refused:
            return refused.code
    return str(found).replace(folder, "")


def people(folder: Path, *, count: int, pictures: int) -> FakeFaceService:
    """Photographs on disk; everybody looks like everybody."""
    embeddings = {}
    for person in range(count):
        (folder / f"p{person}").mkdir(parents=True)
        for picture in range(pictures):
            content = f"{person} {picture}".encode()
            (folder / f"p{person}" / f"{picture}.jpg").write_bytes(content)
            embeddings[content] = EYES
    return FakeFaceService(embeddings=embeddings)


def trend(runbook: Runbook) -> object:
    """What the report of a day shows of the days before."""
    with tempfile.TemporaryDirectory() as folder:
        installed = Installation(Path(folder), runbook=runbook)
        store, now = installed.store(), installed.clock.now()
        results = (Result("cpu_usage", Status.PASSED, 0.1, "ratio"),)

        def keep(conn: sqlite3.Connection) -> None:
            for days in range(1, 50):
                keep_run(conn, results, now - timedelta(days=days))

        store.write(keep)
        runner: Any = SimpleNamespace(run=lambda *_: results)
        made = reports.daily(installed.observed(), store, now, runner)
        pages = [file.read_text("utf-8") for file in made.files]
        store.close()
    return pages


LOOKS: tuple[Probe, ...] = (
    Probe(("watching.alive.*",), answering),
    Probe(("watching.alive.*", "watching.healing_every"), deaths),
    Probe(("watching.alive.*", "watching.fresh_line_every"), database_line),
    Probe(("watching.healing_every",), polling),
    Probe(("watching.most_metric_samples",), metric_pages),
    Probe(
        (
            "daily_checks.least_*",
            "daily_checks.most_pairs",
            "daily_checks.labelled_folder",
        ),
        accuracy,
    ),
    Probe(("daily_checks.trend_runs",), trend),
)
