"""Optimize queries: what is missing is built, and a search is as narrow as it may be."""

from collections.abc import Iterator

import psycopg
import pytest

from bigbrother.face.gallery import model_versions
from bigbrother.operations.housekeeping.database import connected
from bigbrother.operations.procedures.action import Arguments
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from bigbrother.operations.troubleshooting.solutions.indexes import expected, missing
from bigbrother.operations.troubleshooting.solutions.searches import Found, narrowest
from tests.gallery_crowd import load_crowd
from tests.integration.operations.solutions.place import ACTIONS, Place, figures, indexes

LOST = ("face_by_page", "batch_item_by_chunk", "embedding_1_nearest")
NAMES = ["public.batch_item_by_chunk", "public.face_by_page", "public.embedding_1_nearest"]
CREATE = ACTIONS["create_missing_indexes"]
QUICK = 1e-9


@pytest.fixture
def damaged(here: Place) -> Iterator[Place]:
    """Without some of its indexes."""
    with psycopg.connect(here.actions.dsn) as conn:
        for name in LOST:
            conn.execute(f'DROP INDEX "{name}"'.encode())
    yield here
    here.do(CREATE.name, "mended", {})


@pytest.fixture(scope="module")
def crowded(shared: Place) -> Place:
    """With a collection that is searched through the index."""
    with psycopg.connect(shared.actions.dsn) as conn:
        model = model_versions.registered(conn)[0]
        load_crowd(conn, model, collections=1, subjects=1500, examples=2, expired_share=0, seed=5)
    return shared


def happened(place: Place) -> Happened:
    assert CREATE.verify is not None
    return CREATE.verify(place.context("run-1", {}), Arguments())


def test_a_fresh_database_has_every_index_that_is_looked_for_and_no_other(here: Place) -> None:
    with connected(here.actions) as conn:
        assert {index.statement for index in expected(conn)} == indexes(here.service.database)
        assert missing(conn) == ()


def test_missing_indexes_are_built_as_the_migrations_build_them(damaged: Place) -> None:
    assert happened(damaged) is Happened.NO
    assert "public.face_by_page" in CREATE.plan(damaged.context("plan", {}), Arguments())
    done = damaged.run("optimize queries")
    assert done[CREATE.name].data["indexes"] == NAMES
    assert happened(damaged) is Happened.YES
    with connected(damaged.actions) as conn:
        assert {index.statement for index in expected(conn)} == indexes(damaged.service.database)
    assert damaged.do(CREATE.name, "run-2", {}).skipped


def test_an_index_that_was_left_half_built_is_built_anew(here: Place) -> None:
    with psycopg.connect(here.service.database.superuser_dsn) as conn:
        conn.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'face_by_page'::regclass"
        )
    assert happened(here) is Happened.NO
    assert here.do(CREATE.name, "run-1", {}).data["indexes"] == ["public.face_by_page"]
    assert happened(here) is Happened.YES


def test_what_made_queries_slower_is_dropped_again(damaged: Place) -> None:
    quick = Outcome("", {"measured": {"look_up_seconds": QUICK}})
    damaged.edit(tuning={"least_difference": "0ms"})
    with pytest.raises(StepFailed, match="time of all look-ups"):
        damaged.run("optimize queries", measure_queries=quick)
    with connected(damaged.actions) as conn:
        assert [f"{each.schema}.{each.name}" for each in missing(conn)] == NAMES


def test_a_small_gallery_needs_no_search_through_the_index(here: Place) -> None:
    assert here.do("tune_index_search", "run-1", {}).skipped
    measured = here.do("measure_queries", "run-1", {})
    assert [*figures(measured, "measured")] == ["look_up_seconds"]


@pytest.mark.parametrize(
    ("width", "least"), [pytest.param(200, "50%", marks=pytest.mark.slow), (10, "100%")]
)
def test_the_width_follows_from_the_recall_that_was_measured(
    crowded: Place, here: Place, width: int, least: str
) -> None:
    here.edit(
        matching={"exact_search_below": 1000, "index_search_width": width},
        tuning={
            "least_recall": least,
            "index_search_width": {"least": 10, "most": 200},
            "measured_searches": 100,
        },
    )
    here.publish()
    before = here.do("measure_queries", "run-1", {})
    found = here.do("tune_index_search", "run-1", {"measure_queries": before})
    chosen = int(str(found.data["after"]))
    assert here.face.runbook.matching.index_search_width == chosen
    after = figures(here.do("measure_queries", "run-1", {}), "measured")
    if width == 200:
        assert chosen == 10
    else:
        assert chosen > 10
        assert after["search_recall"] > figures(before, "measured")["search_recall"]
        assert found.data["given_up"] == ["search_seconds"]
    here.undo("tune_index_search", "run-1", {})
    assert here.face.runbook.matching.index_search_width == width


def test_the_narrowest_search_that_finds_enough_is_chosen() -> None:
    tried = [Found(100, 0.9, 1), Found(200, 0.995, 2), Found(300, 0.999, 3)]
    assert narrowest(tried, 0.99).width == 200
    assert narrowest(tried, 1).width == 300
