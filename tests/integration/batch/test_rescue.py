"""What nobody works on any more is brought back, and nothing else."""

from pathlib import Path
from uuid import UUID

import pytest

from bigbrother.face.batch import queue
from bigbrother.face.batch.connections import queue_pool
from bigbrother.face.batch.fairness import RESCUE_PRIORITY
from bigbrother.face.batch.jobs import JobHands
from bigbrother.face.batch.rescue import rescue
from bigbrother.runbook.load import load_runbook
from tests.conftest import Database
from tests.integration.batch.images import blank
from tests.integration.batch.workers import Submitter, now, quick_overlay

LONG_SILENCE_SECONDS = 3600.0
NO_SILENCE_SECONDS = 0.0


@pytest.fixture
def submitter(database: Database, tmp_path: Path) -> Submitter:
    return Submitter.of(database, load_runbook(quick_overlay(tmp_path)))


def jobs(submitter: Submitter) -> list[tuple[str, int]]:
    with submitter.connection() as conn:
        return conn.execute(
            "SELECT status::text, priority FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


def rescued(submitter: Submitter, dead_after_seconds: float) -> int:
    with submitter.connection() as conn:
        return rescue(conn, dead_after_seconds=dead_after_seconds, now=now())


def test_a_silent_workers_job_goes_first_to_another(submitter: Submitter) -> None:
    submitter.submit([blank(20)] * 4, chunk=2)
    with queue_pool(submitter.dsn, submitter.runbook, size=2) as pool:
        dead, living = JobHands(pool), JobHands(pool)
        taken = dead.take(queue.CHUNKS)
        assert rescued(submitter, LONG_SILENCE_SECONDS) == 0
        assert rescued(submitter, NO_SILENCE_SECONDS) == 1
        assert jobs(submitter)[0] == ("todo", RESCUE_PRIORITY)
        again = living.take(queue.CHUNKS)
        assert taken is not None
        assert again is not None
        assert (again.id, again.attempts) == (taken.id, 1)
        # Back from the dead it finds the job another's, and takes part under a new name.
        dead.beat()
        dead.done(taken)
        living.done(again)
        assert dead.take(queue.CHUNKS) is not None


def test_a_worker_that_signs_off_leaves_its_jobs_to_others_at_once(submitter: Submitter) -> None:
    submitter.submit([blank(20)])
    with queue_pool(submitter.dsn, submitter.runbook, size=1) as pool:
        hands = JobHands(pool)
        assert hands.take(queue.CHUNKS) is not None
        hands.leave()
    assert rescued(submitter, LONG_SILENCE_SECONDS) == 1


def test_a_chunk_whose_job_is_gone_gets_another(submitter: Submitter) -> None:
    submitter.submit([blank(20)] * 3, chunk=1)
    with submitter.connection() as conn:
        conn.execute("DELETE FROM procrastinate_jobs WHERE id % 3 = 0")
        conn.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id % 3 = 1")
    assert rescued(submitter, LONG_SILENCE_SECONDS) == 2
    assert rescued(submitter, LONG_SILENCE_SECONDS) == 0
    with submitter.connection() as conn:
        waiting = conn.execute(
            "SELECT count(*) FROM batch_chunk c JOIN procrastinate_jobs j ON j.id = c.job_id"
            " WHERE j.status = 'todo'"
        ).fetchone()
    assert waiting == (3,)


def test_a_batch_with_nothing_left_to_do_is_finished(submitter: Submitter) -> None:
    batch_id: UUID = submitter.submit([blank(20)], webhook="http://127.0.0.1/")
    with submitter.connection() as conn:
        conn.execute(
            "UPDATE batch_item SET state = 'cancelled', position = 1 WHERE batch_id = %s",
            (batch_id,),
        )
        conn.execute("UPDATE batch SET cancelled = 1, last_position = 1 WHERE id = %s", (batch_id,))
    rescued(submitter, LONG_SILENCE_SECONDS)
    assert submitter.batch(batch_id).state == "finished"
    with submitter.connection() as conn:
        told = conn.execute(
            "SELECT FROM procrastinate_jobs WHERE queue_name = %s", (queue.WEBHOOKS,)
        )
    assert told.rowcount == 1


def test_two_janitors_do_not_get_in_each_others_way(submitter: Submitter) -> None:
    submitter.submit([blank(20)])
    with submitter.connection() as conn:
        conn.execute("DELETE FROM procrastinate_jobs")
    with submitter.connection() as conn:
        assert rescue(conn, dead_after_seconds=LONG_SILENCE_SECONDS, now=now()) == 1
        assert rescued(submitter, LONG_SILENCE_SECONDS) == 0
    assert jobs(submitter) == [("todo", RESCUE_PRIORITY)]
