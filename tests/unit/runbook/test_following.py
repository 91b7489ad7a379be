"""A running unit goes by the published document: leaf by leaf, or it is listed why not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bigbrother.face.api.metrics import numbers_flight
from bigbrother.face.api.self_test import SelfTest
from bigbrother.face.api.services import FaceServices
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.engine.types import EngineLimits
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.models.store import PackStore
from bigbrother.runbook.at_start import AT_START, as_started, reason_to_wait
from bigbrother.runbook.following import Follower, starting_document
from bigbrother.runbook.leaves import differences, leaves, plain
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.security.keys import MasterKey
from tests.fakes.clock import FakeClock
from tests.unit.runbook.place import overlay
from tests.unit.runbook.test_mutations import Path_, all_leaves, document, valid_mutants

STARTED = Runbook.model_validate(document())
NOWHERE = Path("/nonexistent")
# What the face unit and the worker read; `client` belongs to callers.
SECTIONS = (
    "limits",
    "matching",
    "enrolment_quality",
    "batch",
    "webhook",
    "audit",
    "retention",
    "tokens",
    "health",
    "serving",
    "result_cache",
)
FIVE = "limits:\n  image_size: 5 MB\n"


class Engine:
    """As much of an analyzer as is needed to follow."""

    provider = "CPUExecutionProvider"

    def __init__(self, limits: EngineLimits) -> None:
        self.limits = limits

    def follow(self, limits: EngineLimits) -> None:
        self.limits = limits


def face_services() -> FaceServices:
    packs, pool = PackStore(NOWHERE), _any(SimpleNamespace(max_size=1))
    return FaceServices(
        runbook=STARTED,
        clock=FakeClock(),
        analyzer=_any(engine_of_start()),
        packs=packs,
        manifest=packs.load("sface").manifest,
        master_key=MasterKey(bytes(32)),
        pool=pool,
        version="1",
        # Not what another figure says: 1.
        engine_threads=3,
        public=False,
        spool=NOWHERE,
        ledger_folder=NOWHERE,
        watcher_sign=NOWHERE,
    )


def worker_services() -> WorkerServices:
    master_key = MasterKey(bytes(32))
    return WorkerServices(
        runbook=STARTED,
        clock=FakeClock(),
        analyzer=_any(engine_of_start()),
        manifest=PackStore(NOWHERE).load("sface").manifest,
        master_key=master_key,
        dsn="",
        ledger=Ledger(NOWHERE, master_key.derive(b"ledger")),
        engine_threads=1,
    )


def engine_of_start() -> Engine:
    return Engine(EngineLimits.of(STARTED.limits))


def _any(value: object) -> Any:  # noqa: ANN401 - what stands in for it
    return value


def self_test(services: FaceServices) -> SelfTest:
    """Without its first analysis."""
    made = SelfTest.__new__(SelfTest)
    made._services = services
    return made


# What is built from a figure while the services are made, and must change with it.
IN_FACE_UNIT: dict[str, Callable[[FaceServices], object]] = {
    "limits.image_size": lambda face: _any(face.analyzer).limits,
    "limits.image_pixels": lambda face: (
        _any(face.analyzer).limits,
        face.memory._encoded_limit_bytes,
    ),
    "limits.faces_per_image": lambda face: _any(face.analyzer).limits,
    "limits.bytes_in_flight": lambda face: (
        face.memory._total_bytes,
        face.memory._encoded_limit_bytes,
    ),
    "limits.waiting_requests": lambda face: face.gate._most_requests,
    "limits.retry_after": lambda face: face.rights._runbook.limits.retry_after,
    "serving.images_at_once": lambda face: (face.gate.threads, face.gate._slots._most),
    "result_cache.images": lambda face: face.result_cache._figures.images,
    "result_cache.size": lambda face: face.result_cache._figures.size,
    "result_cache.kept_for": lambda face: face.result_cache._figures.kept_for,
    "audit.anchor_every": lambda face: face.rights._runbook.audit.anchor_every,
    "batch.stored_at_once": lambda face: face.batch_turns._value,
    "matching.exact_search_below": lambda face: face.competition._matching,
    "matching.count_cached_for": lambda face: face.competition._matching,
    "tokens.cached_for": lambda face: face.token_cache._cached_for_seconds,
    "health.cached_for": lambda face: self_test(face)._kept_for(),
    "health.gallery_counts_every": lambda face: numbers_flight(face)._kept_for(),
}
IN_WORKER: dict[str, Callable[[WorkerServices], object]] = {
    "limits.image_size": lambda worker: _any(worker.analyzer).limits,
    "limits.image_pixels": lambda worker: _any(worker.analyzer).limits,
    "limits.faces_per_image": lambda worker: _any(worker.analyzer).limits,
    "limits.bytes_in_flight": lambda worker: worker.cores._memory_bytes,
    "batch.chunks_at_once": lambda worker: (
        worker.chunks_at_once,
        worker.cores._at_once,
        worker.pool.max_size,
        worker.queue_pool.max_size,
    ),
    "batch.first_pause": lambda worker: worker.patience._first_seconds,
    "batch.longest_pause": lambda worker: worker.patience._longest_seconds,
    "matching.exact_search_below": lambda worker: worker.competition._matching,
    "matching.count_cached_for": lambda worker: worker.competition._matching,
}


def read_by_units() -> Iterator[tuple[Path_, object]]:
    return (item for item in all_leaves() if item[0][0] in SECTIONS)


def value_at(runbook: Runbook, path: Path_) -> object:
    return dict(leaves(plain(runbook))).get(path)


def test_every_figure_of_the_units_is_followed_or_listed_with_the_reason() -> None:
    face, worker = face_services(), worker_services()
    for path, value in read_by_units():
        changed = next(valid_mutants(path, value))
        followed = as_started(STARTED, changed)
        name = ".".join(path)
        if reason_to_wait(path) is not None:
            assert value_at(followed, path) == value, name
            continue
        assert value_at(followed, path) == value_at(changed, path) != value, name
        in_face, in_worker = IN_FACE_UNIT.get(name), IN_WORKER.get(name)
        before = (in_face and in_face(face), in_worker and in_worker(worker))
        face.follow(followed)
        worker.follow(followed)
        after = (in_face and in_face(face), in_worker and in_worker(worker))
        assert face.runbook is worker.runbook is followed
        for old, new, part in zip(before, after, (in_face, in_worker), strict=True):
            assert part is None or old != new, name
        face.follow(STARTED)
        worker.follow(STARTED)
        again = (in_face and in_face(face), in_worker and in_worker(worker))
        assert again == before, name
    face.gate.close()


def test_every_listed_figure_exists_and_is_kept_as_it_was_at_the_start() -> None:
    paths = [path for path, _ in all_leaves()]
    for pattern, reason in AT_START.items():
        concerned = [
            path
            for path in paths
            if len(path) == pattern.count(".") + 1 and reason_to_wait(path) == reason
        ]
        assert concerned, pattern
    for path, value in all_leaves():
        if reason_to_wait(path) is not None:
            followed = as_started(STARTED, next(valid_mutants(path, value)))
            assert differences(STARTED, followed) == (), path


def published(folder: Path, text: str) -> Path:
    """As the watcher does it: another file takes its place."""
    file = folder / "published.yaml"
    draft = folder / "draft"
    draft.write_text(text, "utf-8")
    draft.replace(file)
    return file


def test_a_published_change_is_found_once(tmp_path: Path) -> None:
    follower = Follower(published(tmp_path, "{}\n"), load_runbook())
    assert follower.look() is None
    published(tmp_path, FIVE)
    found = follower.look()
    assert found is not None
    assert str(found.limits.image_size) == "5 MB"
    assert follower.look() is None
    published(tmp_path, FIVE)
    assert follower.look() is None, "the same again is nothing new"
    published(tmp_path, "{}\n")
    back = follower.look()
    assert back is not None
    assert str(back.limits.image_size) == "20 MB"


def test_what_was_published_before_the_unit_started_counts(tmp_path: Path) -> None:
    found = Follower(published(tmp_path, FIVE), load_runbook()).look()
    assert found is not None
    assert str(found.limits.image_size) == "5 MB"


def test_a_published_document_that_does_not_hold_is_ignored_and_told_once(tmp_path: Path) -> None:
    follower = Follower(published(tmp_path, FIVE), load_runbook())
    follower.look()
    published(tmp_path, "limits:\n  image_siez: 5 MB\n")
    with capture_logs() as lines:
        assert follower.look() is None
        assert follower.look() is None
    assert [line["log_level"] for line in lines] == ["error"]
    assert "image_siez" in lines[0]["detail"]
    published(tmp_path, FIVE.replace("5", "6"))
    found = follower.look()
    assert found is not None
    assert str(found.limits.image_size) == "6 MB"


def test_a_published_document_that_goes_away_changes_nothing(tmp_path: Path) -> None:
    file = published(tmp_path, FIVE)
    follower = Follower(file, load_runbook())
    follower.look()
    file.unlink()
    assert follower.look() is None


def test_what_waits_for_a_start_is_named_and_the_rest_counts_at_once(tmp_path: Path) -> None:
    follower = Follower(published(tmp_path, "{}\n"), load_runbook())
    published(tmp_path, "serving: {keep_alive: 20s, drain: 2s}\n" + FIVE)
    with capture_logs() as lines:
        found = follower.look()
    assert found is not None
    assert str(found.serving.keep_alive) == "15s"
    assert str(found.limits.image_size) == "5 MB"
    warned = [line for line in lines if line["log_level"] == "warning"]
    assert [line["figures"] for line in warned] == [["serving.keep_alive", "serving.drain"]]


def test_a_unit_that_starts_while_a_bad_edit_stands_goes_by_the_last_good_document(
    tmp_path: Path,
) -> None:
    edited = overlay(tmp_path, "limits:\n  image_siez: 5 MB\n")
    with pytest.raises(InvalidRunbook):
        starting_document(edited, tmp_path / "nowhere.yaml")
    started = starting_document(edited, published(tmp_path, FIVE))
    assert str(started.limits.image_size) == "5 MB"
    edited.write_text("limits:\n  image_size: 6 MB\n", "utf-8")
    started = starting_document(edited, published(tmp_path, FIVE))
    assert str(started.limits.image_size) == "6 MB"
