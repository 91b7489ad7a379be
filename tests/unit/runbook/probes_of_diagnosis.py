"""What a diagnosis looks at, how it looks, and when it calls what it sees bad."""

import json
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bigbrother.operations.checks.log_summary.summary import of_unit
from bigbrother.operations.diagnostics import diagnosis as diagnosis_room
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.bundle.contents import files
from bigbrother.operations.diagnostics.catalogue import CATALOGUE, chosen
from bigbrother.operations.diagnostics.probes.data import bloat, cache_hits
from bigbrother.operations.diagnostics.records import Diagnosis
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.ports.machine import MemoryKill, MemoryKills
from bigbrother.runbook.model import Runbook
from tests.fakes.machine import process
from tests.unit.operations.diagnostics.scenery import Scenery
from tests.unit.runbook.probe import Probe

PROBES = {probe.name: probe for probe in CATALOGUE}
STEPS = (0.01, 0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 2.0, 100.0)
REMOTE = "host=db.example.org dbname=x"


def groups(runbook: Runbook) -> object:
    """Which looks are taken."""
    return [probe.name for probe in chosen(runbook)]


def judged(runbook: Runbook) -> object:
    """What is good and bad around the shipped bounds, and how it is said."""
    found = []
    for name, bounds in runbook.diagnostics.limits:
        limits = limits_of(bounds)
        around = {bounds.warning.bound.value, bounds.failure.bound.value, 0.1}
        values = sorted(step * value for value in around for step in STEPS)
        found.append((name, limits, [limits.judge(value) for value in values]))
    return found


def network(runbook: Runbook) -> object:
    """How often and how long places are tried, and the commands that a person is told."""
    with tempfile.TemporaryDirectory() as folder:
        scenery = Scenery(Path(folder), runbook=runbook, dsn=REMOTE)
        nobody = [scenery.look(PROBES["dns"])["db.example.org"].remedy]
        scenery.network.names["db.example.org"] = ("192.0.2.7",)
        scenery.look(PROBES["network_latency"])
        scenery.look(PROBES["route"])
        return nobody, sorted(scenery.network.tried), scenery.network.programs


def machine(runbook: Runbook) -> object:
    """How long processes are watched, how many are named, and what counts as lately."""
    with tempfile.TemporaryDirectory() as folder:
        scenery = Scenery(Path(folder), runbook=runbook)
        scenery.machine.running = [process(number) for number in range(100, 200)]
        now = scenery.clock.now()
        scenery.machine.kills = MemoryKills(
            500, tuple(MemoryKill(now - timedelta(minutes=n), n, "x") for n in range(500))
        )
        users = scenery.look(PROBES["top_users"])["cpu"]
        kills = scenery.see(PROBES["oom_kills"])
        return scenery.machine.spans, len(users.evidence), kills.value


def growth(runbook: Runbook) -> object:
    """Over which time the database's growth is taken."""
    with tempfile.TemporaryDirectory() as folder:
        scenery = Scenery(Path(folder), runbook=runbook)
        store, now = scenery.store(), scenery.clock.now()
        sizes = [
            Reading("database_size", now - timedelta(hours=hours), 1e12 - hours**2 * 1e6, "bytes")
            for hours in range(1, 72)
        ]
        store.write(lambda conn: record(conn, sizes, now, timedelta(days=100)))
        found = scenery.see(PROBES["database_growth"])
        store.close()
        return found.value, found.evidence


def database(runbook: Runbook) -> object:
    """How long the database is waited for."""
    asked = []

    def connect(_dsn: str, **given: object) -> None:
        asked.append((given["connect_timeout"], given["options"]))
        raise psycopg.OperationalError

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg, "connect", connect)
        Scenery(Path(folder), runbook=runbook).look(PROBES["database_answers"])
    return asked


def figures_of_the_database(runbook: Runbook) -> object:
    """From how many rows and reads on a share says something."""
    asked: list[object] = []

    def rows(_scene: object, _statement: str, values: Any = None) -> list[dict[str, Any]]:  # noqa: ANN401
        asked.append(values)
        return []

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(bloat, "rows", rows)
        for reads in (100, 9_999, 10_000, 10_500, 50_000):
            answer = {"hits": reads, "reads": 0, "buffers": "1MB"}
            patch.setattr(cache_hits, "row", lambda *_, answer=answer: answer)
            scenery = Scenery(Path(folder), runbook=runbook)
            asked.append(scenery.see(PROBES["cache_hits"]).status)
        small = scenery.see(PROBES["bloat"])
    return asked, small.evidence


def bundles(runbook: Runbook) -> object:
    """How many runs, and how old ones, are packed for somebody else."""
    with tempfile.TemporaryDirectory() as folder:
        scenery = Scenery(Path(folder), runbook=runbook)
        store, now = scenery.store(), scenery.clock.now().timestamp()

        def keep(conn: sqlite3.Connection) -> None:
            conn.executemany(
                "INSERT INTO run (id, procedure, resource, arguments, steps, fingerprint, state,"
                " reason, asked_by, created_at, updated_at)"
                " VALUES (?, 'p', ?, '{}', '[]', '', 'done', '', '', ?, ?)",
                [(f"r{n}", f"r{n}", now - 1080 * n, now) for n in range(600)],
            )

        store.write(keep)
        found = Diagnosis(scenery.clock.now(), 1.0, (), ())
        packed = dict(files(scenery.scene(), found))["runs.json"]
        store.close()
        return packed.count('"procedure"')


def budget(runbook: Runbook) -> object:
    """How long all looks together may take."""
    given: list[float] = []

    def diagnose(_scene: object, within_seconds: float, *_: object) -> tuple[()]:
        given.append(within_seconds)
        return ()

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagnosis_room, "diagnose", diagnose)
        diagnosis_room.diagnosis(Scenery(Path(folder), runbook=runbook).scene())
    return given


def logs(runbook: Runbook) -> object:
    """How much of a unit's log is read, how far back, and how many causes are told."""
    with tempfile.TemporaryDirectory() as folder:
        scenery = Scenery(Path(folder), runbook=runbook)
        asked: list[int] = []
        now = scenery.clock.now()

        def tail_log(_unit: str, lines: int) -> tuple[str, ...]:
            asked.append(lines)
            return tuple(
                json.dumps(
                    {
                        "time": (now - timedelta(minutes=10 * n)).isoformat(),
                        "level": "error",
                        "event": "trouble with " + "x" * n,
                    }
                )
                for n in range(30)
            )

        manager: Any = scenery.manager
        manager.tail_log = tail_log
        return asked, of_unit(manager, "bigbrother-face", runbook, now)


DIAGNOSIS: tuple[Probe, ...] = (
    Probe(("diagnostics.checks.*",), groups),
    Probe(("diagnostics.limits.*",), judged),
    Probe(("diagnostics.check_network.*", "diagnostics.looks.try_within"), network),
    Probe(
        ("diagnostics.looks.busy_for", "diagnostics.looks.named", "diagnostics.looks.lately"),
        machine,
    ),
    Probe(("diagnostics.looks.growth_over",), growth),
    Probe(("diagnostics.looks.statement_within",), database),
    Probe(("diagnostics.looks.least_*",), figures_of_the_database),
    Probe(("diagnostics.looks.bundle_*",), bundles),
    Probe(("diagnostics.logs.*",), logs),
    Probe(("response.diagnose_within",), budget),
)
