"""What solutions make of a document: what they tune, how far, and how they measure."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bigbrother.client import face_client
from bigbrother.face.api.engine_gate import EngineGate
from bigbrother.face.api.result_cache import ResultCache
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.operations.procedures.action import ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.catalogue import procedures
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.operations.troubleshooting.solutions import (
    batch_size,
    caching,
    database_memory,
    effect,
    levers,
    requests,
    scaling,
    searches,
)
from bigbrother.operations.troubleshooting.solutions.measurement import KINDS, compared
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.tuned import FIGURES, TunedFigure, value_of, why_not
from bigbrother.settings import Settings
from bigbrother.telemetry.face_metrics import FaceMetrics
from tests.fakes.clock import FakeClock
from tests.fakes.face_service import FakeFaceService
from tests.fakes.host import FakeHost
from tests.fakes.service_manager import FakeServiceManager
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.probes_of_batches import worker_services
from tests.unit.runbook.probes_of_face_unit import NOW, NOWHERE

SETTINGS = Settings(home=NOWHERE, runtime=NOWHERE, engine_threads=2)
MEGABYTE = 1_000_000


@contextmanager
def context(
    runbook: Runbook, earlier: Mapping[str, Outcome] | None = None
) -> Iterator[tuple[StepContext, list[tuple[str, int]]]]:
    """A step by this document; what it puts in force is kept, and nothing comes of it."""
    tuned: list[tuple[str, int]] = []
    services = ActionServices(
        settings=SETTINGS,
        runbook=runbook,
        clock=FakeClock(),
        manager=FakeServiceManager(),
        face=FakeFaceService(),
        host=FakeHost(),
        dsn="",
    )

    def put(_: object, name: str, value: int, _why: str) -> dict[str, Any]:
        tuned.append((name, value))
        return {"before": 0, "after": value}

    journal: Any = SimpleNamespace(say=lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levers, "document", lambda _: runbook)
        patch.setattr(levers, "put_in_force", put)
        yield StepContext(services, "run", journal, earlier or {}, ""), tuned


def engine_places(runbook: Runbook) -> object:
    """How many images are in the engine at once."""
    nothing: Any = None
    return EngineGate(nothing, nothing, nothing, runbook, FaceMetrics(runbook), 2).threads


def chunks_at_once(runbook: Runbook) -> object:
    """How many chunks a worker has in hand."""
    services = worker_services(runbook)
    return services.chunks_at_once, services.cores._at_once


def cache(runbook: Runbook, least_images: int) -> object:
    """How many analyses are kept, of which size, and for how long."""
    given = runbook.result_cache
    figures = given.model_copy(update={"images": max(least_images, given.images)})
    clock = FakeClock()

    async def fill() -> object:
        kept = ResultCache(figures, clock, FaceMetrics(runbook))
        for number in range(40):
            crop: Any = SimpleNamespace(
                crop=np.zeros(MEGABYTE * 4, np.uint8), landmarks=np.zeros(0), embedding=None
            )
            found = ImageAnalysis(1, 1, (crop,), 1, 0, 0, 0)
            kept.keep(kept.place(bytes([number]), AnalyzeOptions()), found)
        ages = []
        left = len(kept._kept)
        while kept._kept:
            clock.forward(1)
            kept.find(kept.place(b"none", AnalyzeOptions()))
            ages.append(len(kept._kept))
        return left, len(ages)

    return asyncio.run(fill())


def some_cache(runbook: Runbook) -> object:
    return cache(runbook, 0)


def large_cache(runbook: Runbook) -> object:
    return cache(runbook, 1000)


def bounds(runbook: Runbook) -> object:
    """Which tuned figures count."""
    counted = []
    for name in FIGURES:
        says = value_of(name, runbook)
        for value in (*range(300), *range(300, 9000, 100), 4095, 4096, 4097, 999, 1001):
            figure = TunedFigure(name, value, says, None, "run", NOW, "")
            counted.append(why_not(figure, runbook) is None)
    return counted


def first_cache(runbook: Runbook) -> object:
    """How many images are kept where none were."""
    with context(runbook) as (step, _):
        return caching._plan(step, Arguments())


def database_memory_wanted(runbook: Runbook) -> object:
    """Memory for the database, from little and from much."""
    seen = []
    for work_bytes in (MEGABYTE, 48 * MEGABYTE):
        memory = {
            "work_mem": {"bytes": work_bytes, "altered": False},
            "effective_cache_size": {"bytes": 1, "altered": False},
        }
        data: dict[str, Any] = {"database_memory": memory, "spilled_files": 1}
        with context(runbook, {"measure_caching": Outcome("", data)}) as (step, _):
            seen.append(database_memory._wanted(step))
    return seen


def busy(runbook: Runbook) -> object:
    """How busy processors must be to get no more threads."""
    seen = []
    for percent in range(101):
        load = Outcome("", {"cpu_busy_ratio": percent / 100, "waiting_items": 0})
        with (
            context(runbook, {"measure_load": load}) as (step, _),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(os, "cpu_count", lambda: 2)
            seen.append(scaling._threads(step)[0])
    return seen


def measuring_time(runbook: Runbook) -> object:
    """How many requests of a tenth of a second are sent."""
    with context(runbook) as (step, _), pytest.MonkeyPatch.context() as patch:
        clock: Any = step.services.clock

        def embed(*_: object) -> tuple[float, ...]:
            clock.forward(0.1)
            return (1.0,)

        patch.setattr(step.services.face, "embed", embed)
        return requests.ask_for_a_while(step.services, fresh=True, at_once=1).answers


def measuring_requests(runbook: Runbook) -> object:
    """How many requests are sent at once."""
    inside: set[int] = set()
    with context(runbook) as (step, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(scaling, "connected", lambda _: nullcontext())
        patch.setattr(scaling, "_count", lambda *_: 0)

        def asked(_: object, *, fresh: bool, at_once: int) -> requests.Answered:
            assert fresh
            inside.add(at_once)
            return requests.Answered(1, 0, 1.0, 1.0, 0.5)

        patch.setattr(scaling, "ask_for_a_while", asked)
        scaling.load(step)
    return inside


def measured_batch(runbook: Runbook) -> object:
    """How many images of a batch are worked through."""
    sent: list[int] = []

    class Client:
        """Everything succeeds in a second."""

        def __init__(self, *_: object) -> None:
            self.batches = self

        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def submit(self, _kind: str, pictures: list[bytes], **_: object) -> Any:  # noqa: ANN401
            sent.append(len(pictures))
            return SimpleNamespace(id="b")

        def wait(self, _: str) -> Any:  # noqa: ANN401 - a batch
            ends = NOW + timedelta(seconds=1)
            return SimpleNamespace(succeeded=sent[-1], started_at=NOW, finished_at=ends, failed=0)

        def delete(self, _: str) -> None:
            pass

    with context(runbook) as (step, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(face_client, "FaceClient", Client)
        patch.setattr(batch_size, "_token", lambda _: "")
        batch_size._pace(step, 1, runbook)
    return sent


def measured_searches(runbook: Runbook) -> object:
    """How many faces are searched for."""
    asked: list[object] = []

    class Connection:
        """Knows one large collection."""

        def execute(self, _: object, given: object = None) -> "Connection":
            asked.append(given)
            return self

        def fetchall(self) -> list[dict[str, object]]:
            return [{"name": "embedding_1", "face_id": 1}]

        def fetchone(self) -> dict[str, int]:
            return {"faces": 1_000_000, "most": 1_000_000}

    conn: Any = Connection()
    searches._gallery(conn, runbook, "run")
    return asked[-1]


def recall(runbook: Runbook) -> object:
    """Which width is chosen where ever wider ones find ever more."""
    tried = [searches.Found(1000 - missed, 1 - missed / 1000, 1.0) for missed in range(200)]
    with context(runbook) as (step, tuned), pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "connected", lambda _: nullcontext())
        patch.setattr(searches, "_gallery", lambda *_: "a gallery")
        patch.setattr(searches, "_tried", lambda *_: tried)
        searches._tune(step, Arguments())
    return tuned


def worth(runbook: Runbook) -> object:
    """How much faster another chunk must be."""
    seen = []
    for more in range(200):
        sizes = {"16": 100.0, "32": 100.0 + more}
        found = Outcome("", {"sizes": dict(sizes)})
        with context(runbook, {"measure_batch_sizes": found}) as (step, tuned):
            batch_size._keep_best(step, Arguments())
            seen.append(len(tuned))
    return seen


def worse(runbook: Runbook) -> object:
    """Which figures are worse than before."""
    seen = []
    for name in KINDS:
        for before, step in ((1.0, 0.01), (0.001, 0.0005)):
            for count in range(-200, 200):
                after = {name: before + count * step}
                (found,) = compared({name: before}, after, frozenset(), runbook.tuning)
                seen.append(found.worse)
    return seen


def attempts(runbook: Runbook) -> object:
    """How often it is measured whether something got worse."""
    taken: list[int] = []

    def measure(_: object) -> Outcome:
        taken.append(1)
        return Outcome("", {"measured": {"answers_per_second": 0.1}})

    earlier = {
        "measure_load": Outcome("", {"measured": {"answers_per_second": 100.0}}),
        "scale_threads": Outcome(""),
    }
    with context(runbook, earlier) as (step, _), pytest.MonkeyPatch.context() as patch:
        patch.setitem(effect._AFTER, "measure_load", measure)
        with suppress(StepFailed):
            effect._measure_again(step, Arguments())
    return len(taken)


def solutions(runbook: Runbook) -> object:
    """The steps of every solution."""
    return [
        (name, [step.action for step in procedure.steps])
        for name, procedure in procedures(runbook).items()
        if name.startswith("solutions.")
    ]


SOLUTIONS: tuple[Probe, ...] = (
    Probe(("serving.images_at_once",), engine_places),
    Probe(("batch.chunks_at_once",), chunks_at_once),
    Probe(("result_cache.images",), some_cache),
    Probe(("result_cache.size", "result_cache.kept_for"), large_cache),
    Probe(("tuning.*.least", "tuning.*.most"), bounds),
    Probe(("tuning.first_cached_images",), first_cache),
    Probe(("tuning.work_memory.*", "tuning.database_cache"), database_memory_wanted),
    Probe(("tuning.busy_processors",), busy),
    Probe(("tuning.measure_for",), measuring_time),
    Probe(("tuning.measure_requests",), measuring_requests),
    Probe(("tuning.measured_images",), measured_batch),
    Probe(("tuning.measured_searches",), measured_searches),
    Probe(("tuning.least_recall",), recall),
    Probe(("tuning.worth",), worth),
    Probe(("tuning.worse_by", "tuning.least_difference"), worse),
    Probe(("tuning.measure_attempts",), attempts),
    Probe(("solutions.*",), solutions),
)
