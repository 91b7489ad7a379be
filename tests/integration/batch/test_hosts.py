"""Workers on several hosts: one is killed, one is cut off and healed, and nothing is lost."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bigbrother.runbook.load import load_runbook
from tests.conftest import Cluster
from tests.integration.batch.hosts import Host, hosts, reachable_database, why_not
from tests.integration.batch.images import blank
from tests.integration.batch.workers import (
    Submitter,
    WorkerProcess,
    quick_overlay,
    worker_process,
)
from tests.waiting import until

_REFUSED = why_not()
pytestmark = pytest.mark.skipif(_REFUSED is not None, reason=str(_REFUSED))
PAUSE_SECONDS = 0.02


@pytest.fixture
def two_hosts(
    cluster: Cluster, open_folder: Path, tmp_path: Path
) -> Iterator[tuple[Submitter, Path, Host, Host]]:
    overlay = quick_overlay(tmp_path)
    with (
        hosts(2) as (address, (first, second)),
        reachable_database(cluster, open_folder, address) as database,
    ):
        yield Submitter.of(database, load_runbook(overlay)), overlay, first, second


def living(submitter: Submitter) -> int:
    with submitter.connection() as conn:
        return conn.execute("SELECT FROM procrastinate_workers").rowcount


@pytest.mark.parametrize(
    "items", [96, pytest.param(600, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_one_host_dies_another_is_cut_off_and_every_image_is_done_once(
    two_hosts: tuple[Submitter, Path, Host, Host], items: int
) -> None:
    submitter, overlay, first, second = two_hosts
    batch_id = submitter.submit([blank(20 + number % 60) for number in range(items)], chunk=8)

    def left(share: float) -> None:
        until(lambda: submitter.batch(batch_id).counts.pending <= items * share, 60)

    with ExitStack() as running:

        def start(host: Host) -> WorkerProcess:
            return running.enter_context(
                worker_process(
                    submitter.dsn, overlay, prefix=host.prefix, pause_seconds=PAUSE_SECONDS
                )
            )

        dying = start(first)
        cut = start(second)
        left(0.85)
        dying.kill()
        replacement = start(first)
        left(0.6)
        second.cut_off()
        # Both others are taken for dead, and what they had is somebody else's.
        until(lambda: living(submitter) == 1)
        second.heal()
        left(0.3)
        assert replacement.terminate() == 0
        # The healed one is alone now.
        submitter.finished(batch_id)
        # Perhaps others did the last items meanwhile; it hears at its next word that it was dead.
        until(lambda: [line["event"] for line in cut.lines()].count("signed on") == 2)
    found = submitter.each_exactly_once(batch_id)
    assert {one["state"] for one in found} == {"succeeded"}
