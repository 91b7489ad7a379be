"""kill -9 in mid-batch: every item ends up in the results exactly once, whoever died."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from uuid import uuid4

import psutil
import psycopg
import pytest

from bigbrother.client.batch_answers import ItemResult, Kind
from bigbrother.client.batch_upload import BatchPicture
from bigbrother.client.results import Consent
from bigbrother.face.gallery import integrity
from tests.scenarios.place import Place
from tests.scenarios.test_kills_in_mid_enrolment import owner_dsn, photographs
from tests.waiting import until

_UNITS = ("bigbrother-worker", "bigbrother-face", "bigbrother-db")
_HEALS_WITHIN_SECONDS = 40
_NOTHING_SEEN = -1


def results_so_far(place: Place, batch_id: str) -> int:
    """The position of the newest result, asked of the database itself; it may be dead."""
    with suppress(psycopg.Error), psycopg.connect(owner_dsn(place)) as conn:
        found = conn.execute("SELECT last_position FROM batch WHERE id = %s", (batch_id,))
        return int((found.fetchone() or (_NOTHING_SEEN,))[0])
    return _NOTHING_SEEN


def kill_in_turn(place: Place, batch_id: str, points: Sequence[int], over: threading.Event) -> int:
    """Kills worker, face unit and database in turn as the results pass the points."""
    kills = 0
    for unit, point in zip(cycle(_UNITS), points, strict=False):
        while not over.is_set() and results_so_far(place, batch_id) < point:
            over.wait(0.05)
        if over.is_set():
            break
        process_id = place.units()[unit]["process_id"]
        if process_id:
            psutil.Process(process_id).kill()
            kills += 1
            until(place.healthy, _HEALS_WITHIN_SECONDS)
    return kills


def run_under_kills(place: Place, kind: Kind, seed: int, items: int, kills: int) -> None:
    name = f"batch-{seed}-{uuid4().hex[:8]}"
    chance = random.Random(seed)  # noqa: S311 - the same kill points in each run
    points = sorted(chance.sample(range(items * 9 // 10), kills))
    pictures = [
        BatchPicture(name=f"{number}.jpg", picture=photograph, external_id=name)
        for number, photograph in enumerate(photographs(items))
    ]
    with place.client() as client:
        client.collections.create(name)
        consent = Consent(legal_basis="consent", purpose="test", reference="form")
        client.subjects.create(name, name, name="Eileen", consent=consent)
        batch = client.batches.submit(
            kind, pictures, collection=None if kind == "analyze" else name
        )
    over = threading.Event()
    followed: list[ItemResult] = []
    with ThreadPoolExecutor(1) as other:
        killed = other.submit(kill_in_turn, place, batch.id, points, over)
        try:
            with place.client() as client:
                # The line breaks with each dead face unit; the client takes it up again.
                followed.extend(client.batches.results(batch.id, follow=True))
        finally:
            over.set()
    assert killed.result() == kills
    until(place.healthy, _HEALS_WITHIN_SECONDS)
    with place.client() as client:
        ended = client.batches.get(batch.id)
        listed = list(client.batches.results(batch.id))
        faces = list(client.faces.list(name, name))
    assert (ended.state, ended.succeeded, ended.failed) == ("finished", items, 0)
    assert [one.position for one in listed] == list(range(1, items + 1))
    assert sorted(one.number for one in listed) == list(range(1, items + 1))
    assert followed == listed
    assert len(faces) == (items if kind == "enrol" else 0)
    with psycopg.connect(owner_dsn(place)) as conn:
        assert integrity.verify(conn) == ()
        left = conn.execute(
            "SELECT (SELECT count(*) FROM batch_image WHERE batch_id = %(id)s)"
            " + (SELECT count(*) FROM batch_chunk WHERE batch_id = %(id)s)",
            {"id": batch.id},
        ).fetchone()
    assert left == (0,)


def test_every_item_ends_once_when_worker_face_unit_and_database_die(installation: Place) -> None:
    run_under_kills(installation, "enrol", seed=1, items=120, kills=3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["analyze", "enrol", "identify"])
def test_every_item_of_a_large_batch_ends_once_through_twenty_kills(
    installation: Place, kind: Kind
) -> None:
    run_under_kills(installation, kind, seed=2, items=2000, kills=20)
