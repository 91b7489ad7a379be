"""Exact search against the index on 100,000 faces, half of the consents expired.

Starts a database of its own. The vectors are synthetic: directions drawn at random, examples of a
subject near each other.
"""

import functools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
from tests.gallery_crowd import NOW, Crowd, load_crowd, unit

from bench.report import Result, Row
from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres
from bigbrother.face.gallery import index_search, model_versions
from bigbrother.face.gallery.records import Match
from bigbrother.face.gallery.scope import scope
from bigbrother.face.gallery.search import competing_faces, identify
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.face.gallery.vectors import vector_text
from bigbrother.face.migrations import migrate
from bigbrother.runbook.load import load_runbook

FACES, DIMENSION, PROBES, THRESHOLD = 100_000, 128, 200, 0.4
TARGET_RECALL = 0.99
Found = tuple[Match, ...] | None


@contextmanager
def embedded_database() -> Iterator[EmbeddedPostgres]:
    """A migrated database in a temporary folder, stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    folder.chmod(0o711)
    account = "nobody" if os.geteuid() == 0 else None
    (folder / "run").mkdir(mode=0o711)
    server = EmbeddedPostgres(
        programs=folder / "postgres",
        data=folder / "data" / "postgres",
        socket_folder=folder / "run" / "db",
        clock=SystemClock(),
        account=account,
    )
    server.install()
    server.initialise()
    process = server.process()
    running = subprocess.Popen(
        process.arguments,
        user=process.user,
        group=None if process.user is None else "nogroup",
        extra_groups=None if process.user is None else [],
        cwd=process.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        server.wait_until_ready(30)
        server.prepare()
        migrate(server.owner_dsn)
        yield server
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def exact(conn: GalleryConnection, crowd: Crowd, collection: str, probe: np.ndarray) -> Found:
    return identify(
        conn,
        collection,
        probe,
        model=crowd.model,
        threshold=THRESHOLD,
        limit=5,
        exact_search_below=FACES + 1,
        index_search_width=load_runbook().matching.index_search_width,
        now=NOW,
    )


def indexed(
    conn: GalleryConnection, crowd: Crowd, collection: str, probe: np.ndarray, *, width: int
) -> Found:
    """Through the index alone, with nothing mended by the exact search."""
    return index_search.search(
        conn,
        scope(conn, collection, model=crowd.model, now=NOW),
        vector_text(probe, crowd.model),
        threshold=THRESHOLD,
        limit=5,
        width=width,
        scan_at_most=FACES,
    )


def compare(conn: GalleryConnection, crowd: Crowd, kind: str, collections: int) -> Row:
    """The index at the document's width against the exact search, for the same probes."""
    width = load_runbook().matching.index_search_width
    probes = list(_probes(crowd, kind))

    def timed(search: Callable[[str, np.ndarray], Found]) -> tuple[list[Found], np.ndarray]:
        answers, seconds = [], []
        for collection, probe in probes:
            began = time.perf_counter()
            answers.append(search(collection, probe))
            seconds.append(time.perf_counter() - began)
        return answers, np.quantile(seconds, [0.5, 0.99]) * 1000

    right, slow = timed(functools.partial(exact, conn, crowd))
    found, fast = timed(functools.partial(indexed, conn, crowd, width=width))
    agreed = sum(_first(a) == _first(b) for a, b in zip(found, right, strict=True))
    return Row(
        f"index of {FACES:,} faces, {collections} collection(s), probe of a {kind}",
        f"p50 {fast[0]:.1f} ms, p99 {fast[1]:.1f} ms, recall@1 {agreed / len(right):.3f}",
        f"exact p50 {slow[0]:.1f} ms, p99 {slow[1]:.1f} ms",
        f"{fast[0] / slow[0]:.2f}",
        f"recall@1 >= {TARGET_RECALL}",
        agreed >= TARGET_RECALL * len(right),
    )


def _probes(crowd: Crowd, kind: str) -> Iterator[tuple[str, np.ndarray]]:
    rng = np.random.default_rng(5)
    for face in rng.choice(np.flatnonzero(crowd.valid), PROBES, replace=False):
        stranger = unit(rng.standard_normal(DIMENSION))
        probe = crowd.probe(int(face), rng) if kind == "person" else stranger
        yield crowd.name(int(crowd.collection[face])), probe


def _first(found: Found) -> object:
    """Who is on top; the index running dry agrees with nothing."""
    return "dry" if found is None else [match.face_id for match in found[:1]]


def measure() -> Iterator[Result]:
    """One large collection, then a hundred small ones in the same index."""
    with embedded_database() as server:
        for collections in (1, 100):
            with psycopg.connect(server.owner_dsn) as owner:
                model = model_versions.register(
                    owner, "bench", str(collections), DIMENSION, now=NOW
                )
                owner.execute("DELETE FROM collection")
                owner.commit()
                crowd = load_crowd(
                    owner,
                    model,
                    collections=collections,
                    subjects=FACES // 2,
                    examples=2,
                    expired_share=0.5,
                    seed=1,
                )
            with psycopg.connect(server.face_dsn) as conn:
                for kind in ("person", "stranger"):
                    yield compare(conn, crowd, kind, collections)
                began = time.perf_counter()
                faces = competing_faces(conn, crowd.name(0), model=model, now=NOW)
                spent = (time.perf_counter() - began) * 1000
            counted = f"{faces:,} competing faces counted, {collections} collection(s)"
            yield Row(counted, f"{spent:.1f} ms", "", "", "", None)
