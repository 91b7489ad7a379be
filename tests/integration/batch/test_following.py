"""A running worker goes by the document that the watcher publishes, without a restart."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bigbrother.face.batch import heartbeat
from bigbrother.runbook.load import load_runbook
from tests.integration.batch.images import blank
from tests.integration.batch.workers import (
    QUICK,
    Submitter,
    quick_overlay,
    worker_services,
    working,
)
from tests.waiting import until


def publish(file: Path, **sections: dict[str, Any]) -> None:
    """As the watcher does it: another file takes its place."""
    values = {name: {**QUICK.get(name, {}), **sections.get(name, {})} for name in sections}
    draft = file.with_suffix(".new")
    draft.write_text(yaml.safe_dump({**QUICK, **values}), "utf-8")
    draft.replace(file)


class Rests(threading.Event):
    """Keeps for how long somebody rested."""

    def __init__(self) -> None:
        super().__init__()
        self.rested: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.rested.append(timeout)
        return super().wait(timeout)


def test_a_worker_follows_what_is_published_and_works_on(
    submitter: Submitter, tmp_path: Path
) -> None:
    published = tmp_path / "published.yaml"
    services = worker_services(submitter.dsn, submitter.runbook, published=published)
    services.leaving = rests = Rests()
    with working(services):
        first = submitter.submit([blank(20)])
        assert submitter.finished(first).counts.succeeded == 1
        assert 0.03 not in rests.rested
        publish(published, batch={"heartbeat": "30ms"}, limits={"image_size": "50 B"})
        until(lambda: str(services.runbook.limits.image_size) == "50 B", 5)
        until(lambda: 0.03 in rests.rested, 5)
        second = submitter.submit([blank(21)])
        assert submitter.finished(second).counts.failed == 1
    (item,) = submitter.each_exactly_once(second)
    assert item["result"]["refusal"]["code"] == "image-too-large"


def test_a_pause_that_is_made_shorter_ends_sooner(submitter: Submitter, tmp_path: Path) -> None:
    """Otherwise a worker that rests by the old figure would be called dead by the new one."""
    overlay = quick_overlay(tmp_path, batch={"heartbeat": "1h", "worker_dead_after": "2h"})
    published = tmp_path / "published.yaml"
    services = worker_services(submitter.dsn, load_runbook(overlay), published=published)
    with working(services):
        until(lambda: last_word(submitter) is not None, 5)
        first = last_word(submitter)
        publish(published, batch={})
        until(lambda: last_word(submitter) != first, 5)


def chunk_threads() -> int:
    return sum(thread.name == "chunk" for thread in threading.enumerate())


def test_as_many_threads_take_chunks_as_the_document_says(
    submitter: Submitter, tmp_path: Path
) -> None:
    published = tmp_path / "published.yaml"
    before = chunk_threads()
    services = worker_services(submitter.dsn, submitter.runbook, published=published)
    with working(services):
        assert chunk_threads() == before + 2, "one more than cores, of which it was given one"
        for wanted in (4, 1, 3):
            publish(published, batch={"chunks_at_once": wanted})
            until(lambda so_many=before + wanted: chunk_threads() == so_many, 5)  # type: ignore[misc]
            done = submitter.submit([blank(20 + number) for number in range(8)], chunk=1)
            assert submitter.finished(done).counts.succeeded == 8
    assert chunk_threads() == before


def last_word(submitter: Submitter) -> datetime | None:
    with submitter.connection() as conn:
        return heartbeat.newest(conn)
