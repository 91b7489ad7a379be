"""kill -9 in mid-enrolment: what was acknowledged is there, and nothing is there twice."""

import io
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest
from PIL import Image

from bigbrother.adapters.postgres import configuration
from bigbrother.client.results import Consent
from bigbrother.face.gallery import integrity
from bigbrother.models.samples import sample_photo
from tests.scenarios.place import Place
from tests.waiting import until

_CLIENTS = 4
_GIVES_UP_SECONDS = 60
_HEALS_WITHIN_SECONDS = 30


def photographs(count: int) -> list[bytes]:
    """As many different files of one person: the sample photograph with a number in each."""
    original = Image.open(io.BytesIO(sample_photo()))
    made = []
    for number in range(count):
        buffer = io.BytesIO()
        original.save(buffer, "JPEG", quality=90, comment=f"{number}")
        made.append(buffer.getvalue())
    assert len(set(made)) == count
    return made


@dataclass
class Enrolment:
    """One photograph's way into the gallery."""

    photograph: bytes
    key: str
    acknowledged: list[str]
    """Ids of the face, an entry an answer."""


def enrol_until_acknowledged(place: Place, faces_url: str, enrolment: Enrolment) -> None:
    """Repeats the same request with the same key, as a careful application does."""
    deadline = time.monotonic() + _GIVES_UP_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = httpx.post(
                faces_url,
                headers={
                    "Authorization": f"Bearer {place.token}",
                    "Idempotency-Key": enrolment.key,
                },
                files={"image": enrolment.photograph},
                timeout=10,
            )
        except httpx.TransportError:
            continue
        if answer.status_code == 201:
            enrolment.acknowledged.append(answer.json()["id"])
            return
        # Bad luck is a 503 or the key still being held by a transaction that dies; nothing else.
        assert answer.status_code in (409, 503), answer.text
        if answer.status_code == 409:
            assert answer.json()["type"].endswith("idempotency-key-in-use"), answer.text
    raise AssertionError(f"not acknowledged within {_GIVES_UP_SECONDS} s")


def killer(
    place: Place, chance: random.Random, units: tuple[str, ...], ended: threading.Event
) -> Callable[[], int]:
    """Kills one of the units now and then until told that all is over; counts the kills."""

    def run() -> int:
        kills = 0
        while not ended.wait(chance.uniform(0.1, 0.8)):
            process_id = place.units()[chance.choice(units)]["process_id"]
            if process_id:
                psutil.Process(process_id).kill()
                kills += 1
                until(place.healthy, _HEALS_WITHIN_SECONDS)
        return kills

    return run


def enrol_under_kills(place: Place, seed: int, units: tuple[str, ...], count: int) -> None:
    subject = f"killed-{seed}-{uuid4().hex[:8]}"
    with place.client() as client:
        client.collections.create(subject)
        consent = Consent(legal_basis="consent", purpose="test", reference="form")
        client.subjects.create(subject, subject, name="Eileen", consent=consent)
    faces_url = f"{place.url}/v1/collections/{subject}/subjects/{subject}/faces"
    enrolments = [Enrolment(photograph, str(uuid4()), []) for photograph in photographs(count)]
    ended = threading.Event()
    chance = random.Random(seed)  # noqa: S311 - the same kill points in each run
    with ThreadPoolExecutor(_CLIENTS) as clients, ThreadPoolExecutor(1) as other:
        kills = other.submit(killer(place, chance, units, ended))
        try:
            list(
                clients.map(lambda one: enrol_until_acknowledged(place, faces_url, one), enrolments)
            )
        finally:
            ended.set()
    assert kills.result() > 0
    until(place.healthy, _HEALS_WITHIN_SECONDS)
    with place.client() as client:
        held = [face.id for face in client.faces.list(subject, subject)]
    assert sorted(held) == sorted(one.acknowledged[0] for one in enrolments)
    with psycopg.connect(owner_dsn(place)) as conn:
        assert integrity.verify(conn) == ()


def owner_dsn(place: Place) -> str:
    return configuration.dsn(place.runtime / "db", configuration.OWNER)


@pytest.mark.parametrize("unit", ["bigbrother-face", "bigbrother-db"])
def test_what_was_acknowledged_is_there_once(installation: Place, unit: str) -> None:
    enrol_under_kills(installation, seed=1, units=(unit,), count=40)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_what_was_acknowledged_is_there_once_whoever_dies(installation: Place, seed: int) -> None:
    enrol_under_kills(installation, seed, ("bigbrother-face", "bigbrother-db"), count=120)
