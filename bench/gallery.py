"""Exact search against the index on 100,000 faces: latency and recall, as a table.

Run from the project's folder: `python -m bench.gallery`. It starts a database of its own.
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
from rich.console import Console
from rich.table import Table
from tests.gallery_crowd import NOW, Crowd, load_crowd, unit

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres
from bigbrother.face.gallery import index_search, model_versions
from bigbrother.face.gallery.records import Match
from bigbrother.face.gallery.scope import scope
from bigbrother.face.gallery.search import competing_faces, identify
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.face.gallery.vectors import vector_text
from bigbrother.face.migrations import migrate

FACES, DIMENSION, PROBES, THRESHOLD = 100_000, 128, 200, 0.4
WIDTHS = (100, 200, 400)
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
        index_search_width=WIDTHS[0],
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


def measure(
    conn: GalleryConnection, crowd: Crowd, kind: str, table: Table, collections: int
) -> None:
    """One line for the exact search and one for each width of the index."""
    rng = np.random.default_rng(5)
    chosen = rng.choice(np.flatnonzero(crowd.valid), PROBES, replace=False)
    probes = [
        (
            crowd.name(int(crowd.collection[face])),
            crowd.probe(int(face), rng)
            if kind == "person"
            else unit(rng.standard_normal(DIMENSION)),
        )
        for face in chosen
    ]

    def timed(search: Callable[[str, np.ndarray], Found]) -> tuple[list[Found], np.ndarray]:
        answers, seconds = [], []
        for collection, probe in probes:
            began = time.perf_counter()
            answers.append(search(collection, probe))
            seconds.append(time.perf_counter() - began)
        return answers, np.quantile(seconds, [0.5, 0.99]) * 1000

    def line(name: str, answers: list[Found], p: np.ndarray) -> None:
        agreed = sum(_first(a) == _first(b) for a, b in zip(answers, right, strict=True))
        cells = (f"{p[0]:.1f}", f"{p[1]:.1f}", f"{agreed}/{len(right)}")
        table.add_row(str(collections), kind, name, *cells)

    right, milliseconds = timed(functools.partial(exact, conn, crowd))
    line("exact", right, milliseconds)
    for width in WIDTHS:
        answers, milliseconds = timed(functools.partial(indexed, conn, crowd, width=width))
        line(f"index, width {width}", answers, milliseconds)


def _first(found: Found) -> object:
    """Who is on top; the index running dry agrees with nothing."""
    return "dry" if found is None else [match.face_id for match in found[:1]]


def main() -> None:
    """Prints the table for one large collection and for a hundred small ones."""
    table = Table(title=f"{FACES:,} faces, {DIMENSION}-d, half of the consents expired")
    for column in ("collections", "probe", "search", "p50 ms", "p99 ms", "first agrees"):
        table.add_column(column)
    console = Console()
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
                    measure(conn, crowd, kind, table, collections)
                began = time.perf_counter()
                faces = competing_faces(conn, crowd.name(0), model=model, now=NOW)
                spent = (time.perf_counter() - began) * 1000
            console.print(f"{collections} collections: counting {faces} faces took {spent:.1f} ms")
    console.print(table)


if __name__ == "__main__":
    main()
