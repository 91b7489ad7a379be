"""Workers die at any moment, and images kill them: no item is lost, none counted twice."""

import hashlib
import random
from pathlib import Path

import psycopg

from bigbrother.models.samples import sample_photo
from bigbrother.runbook.load import load_runbook
from tests.conftest import Cluster, Database
from tests.integration.batch.images import blank
from tests.integration.batch.workers import (
    Submitter,
    worker_process,
    worker_services,
    working,
)
from tests.waiting import until


def test_an_image_that_kills_its_worker_fails_alone(
    submitter: Submitter, overlay: Path, tmp_path: Path
) -> None:
    deadly = blank(40)
    images = [blank(20 + number) for number in range(10)]
    batch_id = submitter.submit([*images[:3], deadly, *images[3:]], chunk=6)
    kills = hashlib.sha256(deadly).hexdigest()
    deaths = 0
    while submitter.batch(batch_id).state == "running":
        with worker_process(submitter.dsn, overlay, kills=kills) as worker:
            until(
                lambda: (
                    worker.process.poll() is not None
                    or submitter.batch(batch_id).state == "finished"
                )
            )
            deaths += worker.process.poll() is not None
        assert deaths <= 1 + submitter.runbook.batch.deaths
    found = submitter.each_exactly_once(batch_id)
    assert [one["number"] for one in found if one["state"] == "failed"] == [4]
    assert found[3]["result"]["refusal"]["code"] == "image-kills-worker"
    assert found[3]["service_fault"]
    assert deaths == 1 + submitter.runbook.batch.deaths


def test_a_worker_killed_at_any_moment_loses_nothing(submitter: Submitter, overlay: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - a seed, not a secret
    batch_id = submitter.submit([blank(20 + number) for number in range(60)], chunk=5)
    for _ in range(2):
        aim = submitter.batch(batch_id).counts.pending - chance.randint(1, 12)
        with worker_process(submitter.dsn, overlay, pause_seconds=0.02) as worker:
            until(lambda: submitter.batch(batch_id).counts.pending <= aim)  # noqa: B023
            worker.kill()
    assert submitter.batch(batch_id).state == "running"
    with working(worker_services(submitter.dsn, submitter.runbook)):
        submitter.finished(batch_id)
    found = submitter.each_exactly_once(batch_id)
    assert {one["state"] for one in found} == {"succeeded"}


def test_a_worker_whose_lines_are_cut_goes_on(
    submitter: Submitter, overlay: Path, database: Database
) -> None:
    batch_id = submitter.submit([blank(20 + number) for number in range(40)], chunk=4)
    services = worker_services(submitter.dsn, submitter.runbook, threads=2)
    with working(services):
        for pending in (36, 24, 12):
            until(lambda: submitter.batch(batch_id).counts.pending <= pending)  # noqa: B023
            with psycopg.connect(database.superuser_dsn, autocommit=True) as conn:
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'bigbrother-worker'"
                )
        submitter.finished(batch_id)
    assert {one["state"] for one in submitter.each_exactly_once(batch_id)} == {"succeeded"}


def test_a_worker_asked_to_leave_gives_back_what_it_has(
    submitter: Submitter, overlay: Path
) -> None:
    batch_id = submitter.submit([blank(20 + number) for number in range(40)], chunk=40)
    with worker_process(submitter.dsn, overlay, pause_seconds=0.05) as worker:
        until(lambda: submitter.batch(batch_id).started_at is not None)
        assert worker.terminate() == 0
    with submitter.connection() as conn:
        jobs = conn.execute("SELECT status FROM procrastinate_jobs").fetchall()
        chunks = conn.execute("SELECT attempts FROM batch_chunk").fetchall()
        workers = conn.execute("SELECT FROM procrastinate_workers").rowcount
    assert jobs == [("todo",)]
    assert chunks == [(0,)]
    assert workers == 0
    with working(worker_services(submitter.dsn, submitter.runbook)):
        submitter.finished(batch_id)
    assert {one["state"] for one in submitter.each_exactly_once(batch_id)} == {"succeeded"}


def test_a_worker_waits_for_a_database_that_is_not_there(cluster: Cluster, overlay: Path) -> None:
    database = cluster.new_database()
    submitter = Submitter.of(database, load_runbook(overlay))
    batch_id = submitter.submit([blank(20)])
    name = psycopg.conninfo.conninfo_to_dict(database.owner_dsn)["dbname"]
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as conn:
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        with worker_process(submitter.dsn, overlay) as worker:
            until(lambda: "no job could be taken" in worker.log.read_text("utf-8"))
            conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            submitter.finished(batch_id)
            assert worker.terminate() == 0
    cluster.drop(database)


def test_a_cancelled_batch_is_left_at_the_next_image(submitter: Submitter, overlay: Path) -> None:
    from bigbrother.face.batch import batches  # noqa: PLC0415
    from tests.integration.batch.workers import now  # noqa: PLC0415

    batch_id = submitter.submit([blank(20 + number) for number in range(200)], chunk=200)
    other = submitter.submit([sample_photo()])
    with worker_process(submitter.dsn, overlay, pause_seconds=0.1):
        until(lambda: submitter.batch(batch_id).started_at is not None)
        with submitter.connection() as conn:
            batches.cancel(conn, batch_id, token_id=None, now=now())
        submitter.finished(other, within_seconds=15)
    counts = submitter.batch(batch_id).counts
    assert counts.cancelled == 200
    with submitter.connection() as conn:
        assert conn.execute("SELECT FROM batch_image").rowcount == 0
