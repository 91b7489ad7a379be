"""What a worker does beside its jobs, and that its own faults stay small."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
import pytest

from bigbrother.face.batch import erasure, heartbeat
from bigbrother.face.batch.errors import BatchNotFound
from bigbrother.face.batch.upkeep import upkeep
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.security import tokens
from tests.conftest import Database
from tests.integration.batch.images import blank
from tests.integration.batch.workers import (
    Submitter,
    now,
    worker_process,
    worker_services,
    working,
)
from tests.waiting import until


def gone(submitter: Submitter, batch_id: object) -> bool:
    with submitter.connection() as conn:
        return not conn.execute("SELECT FROM batch WHERE id = %s", (batch_id,)).rowcount


def newest_beat(submitter: Submitter) -> datetime | None:
    with submitter.connection() as conn:
        return heartbeat.newest(conn)


def test_results_that_have_outlived_their_time_are_destroyed(submitter: Submitter) -> None:
    batch_id = submitter.submit([blank(20)])
    with working(worker_services(submitter.dsn, submitter.runbook)):
        submitter.finished(batch_id)
        with submitter.connection() as conn:
            kept = submitter.runbook.retention.batch_results.duration + timedelta(seconds=1)
            conn.execute("UPDATE batch SET finished_at = %s", (now() - kept,))
        until(lambda: gone(submitter, batch_id))
    with pytest.raises(BatchNotFound):
        submitter.batch(batch_id)


def test_a_step_of_the_upkeep_that_fails_does_not_stop_the_next(
    submitter: Submitter, database: Database
) -> None:
    with psycopg.connect(database.owner_dsn) as conn:
        conn.execute("ALTER TABLE batch RENAME COLUMN finished_at TO elsewhere")
        token, _ = tokens.create(conn, "a test", "admin", None, now())
        conn.execute(
            "INSERT INTO idempotency (token_id, key, request_sha256, created_at, expires_at)"
            " VALUES (%(token)s, 'key', sha256('x'), %(past)s, %(past)s)",
            {"token": token.id, "past": now() - timedelta(seconds=1)},
        )
    services = worker_services(submitter.dsn, submitter.runbook)
    with services.pool, services.queue_pool:
        upkeep(services)
    with submitter.connection() as conn:
        assert conn.execute("SELECT FROM idempotency").rowcount == 0


def test_one_worker_at_a_time_looks_after_everything(
    submitter: Submitter, database: Database
) -> None:
    services = worker_services(submitter.dsn, submitter.runbook)
    batch_id = submitter.submit([b"no image"])
    with services.pool, services.queue_pool, psycopg.connect(database.owner_dsn) as other:
        with submitter.connection() as conn:
            conn.execute("UPDATE batch SET state = 'finished', finished_at = '2000-01-01Z'")
        other.execute("SELECT pg_advisory_lock(%s)", (0x62_62_75_70_6B_65,))
        upkeep(services)
        assert not gone(submitter, batch_id)
        other.execute("SELECT pg_advisory_unlock_all()")
        upkeep(services)
        assert gone(submitter, batch_id)


def test_a_worker_lets_everything_else_go_first(submitter: Submitter, overlay: Path) -> None:
    batch_id = submitter.submit([blank(20)])
    with worker_process(submitter.dsn, overlay) as worker:
        submitter.finished(batch_id)
        process = psutil.Process(worker.process.pid)
        nice = {psutil.Process(thread.id).nice() for thread in process.threads()}
        assert nice == {submitter.runbook.batch.niceness}
        assert worker.terminate() == 0


class Faulty(Analyzer):
    """The real analyzer with a fault in it."""

    faulty_image = b""

    def analyze(self, data: bytes, options: AnalyzeOptions | None = None) -> ImageAnalysis:
        if data == self.faulty_image:
            raise ZeroDivisionError("a fault of ours")
        return super().analyze(data, options or AnalyzeOptions())


def test_a_fault_of_ours_fails_its_image_alone(submitter: Submitter) -> None:
    services = worker_services(submitter.dsn, submitter.runbook)
    services.analyzer.__class__ = Faulty
    services.analyzer.faulty_image = blank(30)  # type: ignore[attr-defined]
    batch_id = submitter.submit([blank(20), blank(30), blank(40), blank(50)])
    with submitter.connection() as conn:
        # As if the disk had a fault of its own.
        conn.execute(
            "UPDATE batch_image SET sealed_image = 'damaged' WHERE batch_id = %s AND number = 4",
            (batch_id,),
        )
    with working(services):
        submitter.finished(batch_id)
    found = submitter.each_exactly_once(batch_id)
    assert [one["state"] for one in found] == ["succeeded", "failed", "succeeded", "failed"]
    for one in (found[1], found[3]):
        assert one["result"]["refusal"]["code"] == "image-analysis-failed"
        assert one["service_fault"]


def test_no_image_is_looked_at_while_erasures_of_a_restored_copy_wait(
    submitter: Submitter, tmp_path: Path
) -> None:
    ledger = Ledger(tmp_path, bytes(32))
    ledger.add("subject", at=now(), collection_id=UUID(int=1), subject_id=UUID(int=2))
    batch_id = submitter.submit([blank(20)])
    services = worker_services(submitter.dsn, submitter.runbook, ledger=ledger)
    with working(services):
        # It beats as often as it looks for work.
        for _ in range(3):
            last = newest_beat(submitter)
            until(lambda last=last: newest_beat(submitter) != last)  # type: ignore[misc]
        assert submitter.batch(batch_id).started_at is None
        with submitter.connection() as conn:
            erasure.replay(conn, ledger=ledger, now=now())
        submitter.finished(batch_id)
