"""Increase caching: an image that comes again is answered at once, and nobody is remembered."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import psycopg
import pytest
from pydantic import JsonValue

from bigbrother.operations.procedures.action import Arguments
from bigbrother.operations.procedures.outcome import Happened, Outcome
from tests.integration.api.conftest import CONSENT
from tests.integration.operations.solutions.place import ACTIONS, Place, figures
from tests.waiting import until


@pytest.fixture
def cached(here: Place) -> Iterator[Place]:
    """With a result cache."""
    here.do("grow_result_cache", "run-1", {})
    assert here.face.result_cache.on
    yield here
    here.face.result_cache.forget()


@pytest.fixture
def client(cached: Place) -> httpx.Client:
    return cached.client()


@pytest.fixture
def enrolled(client: httpx.Client, photo: bytes) -> Iterator[str]:
    """The path of a subject with one face, in a collection of its own."""
    client.post("/v1/collections", json={"name": "staff"}).raise_for_status()
    made = {"external_id": "ana", "consent": CONSENT}
    client.post("/v1/collections/staff/subjects", json=made).raise_for_status()
    subject = "/v1/collections/staff/subjects/ana"
    client.post(f"{subject}/faces", files=[("image", photo)]).raise_for_status()
    yield subject
    client.delete("/v1/collections/staff")


def kept(place: Place) -> int:
    return len(place.face.result_cache._kept)


def looks(place: Place, result: str) -> float:
    name = "bigbrother_result_cache_requests_total"
    return place.face.metrics.registry.get_sample_value(name, {"result": result}) or 0.0


def analyses(place: Place) -> float:
    name = "bigbrother_images_total"
    return place.face.metrics.registry.get_sample_value(name, {"outcome": "analysed"}) or 0.0


def matches(client: httpx.Client, photo: bytes) -> list[str]:
    answer = client.post("/v1/collections/staff/identify", files=[("image", photo)])
    answer.raise_for_status()
    return [match["external_id"] for face in answer.json()["faces"] for match in face["matches"]]


def test_the_solution_measures_that_an_image_comes_faster_again(
    here: Place,
) -> None:
    done = here.run("increase caching")
    effect = done["measure_effect"]
    before, after = figures(effect, "before"), figures(effect, "after")
    assert after["repeated_seconds"] < before["repeated_seconds"]
    assert looks(here, "hit") > 0
    assert kept(here) == 1
    here.undo("grow_database_cache", "run-1", done)
    here.undo("grow_result_cache", "run-1", done)
    assert not here.face.result_cache.on
    assert kept(here) == 0


def test_the_same_image_is_analysed_once_for_each_way_to_ask(
    cached: Place, client: httpx.Client, photo: bytes
) -> None:
    first = client.post("/v1/analyze", files=[("image", photo)])
    known = analyses(cached)
    second = client.post("/v1/analyze", files=[("image", photo)])
    assert second.json() == first.json()
    assert analyses(cached) == known
    client.post("/v1/analyze", files=[("image", photo)], data={"embeddings": "true"})
    assert analyses(cached) == known + 1
    other = client.post("/v1/analyze", files=[("image", photo + b"x")])
    assert other.json() == first.json()
    assert analyses(cached) == known + 2


def test_an_image_that_is_refused_is_refused_again(cached: Place, client: httpx.Client) -> None:
    for _ in range(2):
        assert client.post("/v1/analyze", files=[("image", b"none")]).status_code == 415
    assert kept(cached) == 0


def test_who_is_forgotten_is_not_found_again_and_nothing_is_kept(
    cached: Place, client: httpx.Client, enrolled: str, photo: bytes
) -> None:
    assert matches(client, photo) == ["ana"]
    assert kept(cached) > 0
    assert client.delete(enrolled).status_code == 204
    assert kept(cached) == 0
    assert matches(client, photo) == []


def test_a_withdrawn_consent_empties_it(
    cached: Place, client: httpx.Client, enrolled: str, photo: bytes
) -> None:
    assert matches(client, photo) == ["ana"]
    withdrawn = {"consent": {"withdrawn_at": "2020-01-01T00:00:00Z"}}
    client.patch(enrolled, json=withdrawn).raise_for_status()
    assert kept(cached) == 0
    assert matches(client, photo) == []


def test_a_consent_that_expires_while_an_image_is_kept_ends_the_match(
    cached: Place, client: httpx.Client, enrolled: str, photo: bytes
) -> None:
    assert matches(client, photo) == ["ana"]
    hits = looks(cached, "hit")
    with psycopg.connect(cached.actions.dsn) as conn:
        # Time goes on, and nobody tells the face unit.
        conn.execute("UPDATE subject SET consent_expires_at = '2020-01-01'")
    assert matches(client, photo) == []
    assert looks(cached, "hit") == hits + 1, "the image was kept, the match was not"


def test_who_is_enrolled_meanwhile_is_found(
    cached: Place, client: httpx.Client, enrolled: str, photo: bytes
) -> None:
    assert client.delete(f"{enrolled}").status_code == 204
    assert matches(client, photo) == []
    made = {"external_id": "bia", "consent": CONSENT}
    client.post("/v1/collections/staff/subjects", json=made).raise_for_status()
    path = "/v1/collections/staff/subjects/bia/faces"
    client.post(path, files=[("image", photo)]).raise_for_status()
    assert matches(client, photo) == ["bia"]


@pytest.mark.parametrize("what", ["face", "collection", "engine"])
def test_whatever_else_goes_takes_what_is_kept_with_it(
    cached: Place, client: httpx.Client, enrolled: str, photo: bytes, what: str
) -> None:
    assert matches(client, photo) == ["ana"]
    assert kept(cached) > 0
    if what == "face":
        (face,) = client.get(f"{enrolled}/faces").json()["items"]
        assert client.delete(f"{enrolled}/faces/{face['id']}").status_code == 204
    elif what == "collection":
        assert client.delete("/v1/collections/staff").status_code == 204
    else:
        assert client.post("/v1/admin/engine/renew").status_code == 200
    assert kept(cached) == 0


def test_what_nobody_asks_for_again_is_gone_in_time(
    cached: Place, client: httpx.Client, photo: bytes
) -> None:
    cached.edit(result_cache={"kept_for": "100ms"})
    cached.publish()
    client.post("/v1/analyze", files=[("image", photo)]).raise_for_status()
    until(lambda: kept(cached) == 0, 3)


def spilled(*, files: int) -> dict[str, Outcome]:
    """The embedded server before, with so many sortings that did not fit."""
    memory: JsonValue = {
        "work_mem": {"bytes": 4_194_304, "altered": False},
        "effective_cache_size": {"bytes": 8192, "altered": False},
    }
    return {"measure_caching": Outcome("", {"database_memory": memory, "spilled_files": files})}


def setting(place: Place, name: str) -> int:
    with psycopg.connect(place.actions.dsn) as conn:
        row = conn.execute("SELECT pg_size_bytes(current_setting(%s))", (name,)).fetchone()
    assert row is not None
    return int(row[0])


def test_the_database_gets_memory_where_sorting_spilled_and_gives_it_back(here: Place) -> None:
    action, earlier = ACTIONS["grow_database_cache"], spilled(files=3)
    assert action.verify is not None
    usual = setting(here, "effective_cache_size")
    for _ in range(2):  # Done twice it is done once.
        done = here.do("grow_database_cache", "run-1", earlier)
        until(lambda: setting(here, "work_mem") == 8_388_608, 5)
    assert action.verify(here.context("run-1", earlier), Arguments()) is Happened.YES
    assert {*figures(done, "settings")} == {"work_mem", "effective_cache_size"}
    here.undo("grow_database_cache", "run-1", earlier)
    until(lambda: setting(here, "work_mem") == 4_194_304, 5)
    assert setting(here, "effective_cache_size") == usual
    assert action.verify(here.context("run-1", earlier), Arguments()) is Happened.NO


def test_sorting_that_fits_gets_no_more_memory(here: Place) -> None:
    done = here.do("grow_database_cache", "run-1", spilled(files=0))
    assert {*figures(done, "settings")} == {"effective_cache_size"}
    here.undo("grow_database_cache", "run-1", spilled(files=0))


def test_a_database_of_somebody_else_is_left_alone(here: Place) -> None:
    there = here.actions
    settings = there.settings.model_copy(update={"dsn": there.dsn})
    here.actions = replace(there, settings=settings)
    assert here.do("grow_database_cache", "run-1", {}).skipped
    here.actions = there
