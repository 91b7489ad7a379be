"""Identification in small galleries: who may be found, and in which order."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bigbrother.face.gallery import subjects
from bigbrother.face.gallery.errors import CollectionNotFound, InvalidEmbedding
from bigbrother.face.gallery.records import Consent, Match, ModelVersion
from bigbrother.face.gallery.search import competing_faces
from tests.gallery_crowd import photograph, unit
from tests.integration.gallery.people import (
    CONSENT,
    NOW,
    Vector,
    enrol,
    found,
    new_collection,
    new_subject,
    vectors,
)

Connection = psycopg.Connection[Any]
SECOND = timedelta(seconds=1)
EXACT, INDEXED = 1000, 1

either_way = pytest.mark.parametrize(
    "exact_search_below", [EXACT, INDEXED], ids=["exact", "indexed"]
)


def names(matches: tuple[Match, ...]) -> list[str]:
    return [match.external_id for match in matches]


@either_way
def test_the_person_is_found_with_the_face_that_resembles_most(
    conn: Connection, model: ModelVersion, exact_search_below: int
) -> None:
    rng = np.random.default_rng(1)
    ann, bob = vectors(model, 2)
    new_collection(conn)
    new_subject(conn, "ann", metadata={"badge": 7})
    new_subject(conn, "bob")
    far = enrol(conn, "ann", photograph(ann, rng, 0.8), model)
    near = enrol(conn, "ann", photograph(ann, rng, 0.99), model)
    enrol(conn, "bob", bob, model)
    (match,) = found(conn, ann, model, exact_search_below=exact_search_below)
    assert (match.external_id, match.name, match.metadata) == ("ann", "Name of ann", {"badge": 7})
    assert match.face_id == near.id != far.id
    assert match.similarity == pytest.approx(0.99, abs=0.02)


@either_way
@pytest.mark.parametrize(
    "consent",
    [
        replace(CONSENT, expires_at=NOW),
        replace(CONSENT, expires_at=NOW - SECOND),
        replace(CONSENT, withdrawn_at=NOW),
        replace(CONSENT, withdrawn_at=NOW - SECOND, expires_at=NOW + SECOND),
    ],
    ids=["expires-now", "expired", "withdrawn-now", "withdrawn"],
)
def test_a_consent_that_has_ended_never_matches(
    conn: Connection, model: ModelVersion, consent: Consent, exact_search_below: int
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn)
    new_subject(conn, "ann")
    enrol(conn, "ann", ann, model)
    subjects.update(conn, "staff", "ann", consent=consent, now=NOW)
    assert found(conn, ann, model, exact_search_below=exact_search_below) == ()
    assert competing_faces(conn, "staff", model=model, now=NOW) == 0


@either_way
def test_a_consent_ends_while_time_passes(
    conn: Connection, model: ModelVersion, exact_search_below: int
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn)
    new_subject(conn, "ann", consent=replace(CONSENT, expires_at=NOW + SECOND))
    enrol(conn, "ann", ann, model)
    for passed, expected in ((0 * SECOND, ["ann"]), (SECOND, [])):
        matches = found(conn, ann, model, exact_search_below=exact_search_below, now=NOW + passed)
        assert names(matches) == expected
    renewed = replace(CONSENT, expires_at=NOW + 9 * SECOND)
    subjects.update(conn, "staff", "ann", consent=renewed, now=NOW + 2 * SECOND)
    later = found(conn, ann, model, exact_search_below=exact_search_below, now=NOW + 2 * SECOND)
    assert names(later) == ["ann"]


@either_way
def test_a_face_beyond_the_retention_never_matches(
    conn: Connection, model: ModelVersion, exact_search_below: int
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn, retention=timedelta(days=30))
    new_subject(conn, "ann")
    enrol(conn, "ann", ann, model)
    end = NOW + timedelta(days=30)
    for now, expected in ((end - SECOND, 1), (end, 0)):
        matches = found(conn, ann, model, exact_search_below=exact_search_below, now=now)
        assert len(matches) == expected
        assert competing_faces(conn, "staff", model=model, now=now) == expected


@either_way
def test_other_collections_are_never_searched(
    conn: Connection, model: ModelVersion, exact_search_below: int
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn, "guests")
    new_collection(conn)
    new_subject(conn, "ann", collection="guests")
    enrol(conn, "ann", ann, model, collection="guests")
    assert found(conn, ann, model, exact_search_below=exact_search_below) == ()
    assert competing_faces(conn, "staff", model=model, now=NOW) == 0


@either_way
def test_many_examples_of_one_person_crowd_out_nobody(
    conn: Connection, model: ModelVersion, exact_search_below: int
) -> None:
    rng = np.random.default_rng(2)
    (probe,) = vectors(model, 1)
    new_collection(conn)
    for number, (similarity, examples) in enumerate([(0.9, 60), (0.8, 30), (0.7, 1)]):
        new_subject(conn, f"p{number}")
        for _ in range(examples):
            enrol(conn, f"p{number}", photograph(probe, rng, similarity), model)
    matches = found(
        conn, probe, model, limit=3, threshold=0.3, exact_search_below=exact_search_below
    )
    assert names(matches) == ["p0", "p1", "p2"]
    assert competing_faces(conn, "staff", model=model, now=NOW) == 91


@either_way
def test_the_same_photograph_in_many_collections_hides_nobody(
    conn: Connection, model: ModelVersion, exact_search_below: int
) -> None:
    # The index keeps equal vectors together and its first candidates are all from elsewhere.
    (ann,) = vectors(model, 1)
    for number in range(120):
        collection = new_collection(conn, f"c{number}")
        new_subject(conn, "ann", collection=collection)
        enrol(conn, "ann", ann, model, collection=collection)
    for number in (0, 57, 119):
        matches = found(
            conn, ann, model, collection=f"c{number}", exact_search_below=exact_search_below
        )
        assert names(matches) == ["ann"]


def test_a_search_leaves_the_transaction_s_settings_as_they_were(
    conn: Connection, model: ModelVersion
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn)
    new_subject(conn, "ann")
    enrol(conn, "ann", ann, model)
    shown = "SELECT name, setting FROM pg_settings WHERE name ~ '^(hnsw|enable)' ORDER BY name"
    before = conn.execute(shown).fetchall()
    assert names(found(conn, ann, model, exact_search_below=INDEXED)) == ["ann"]
    assert conn.execute(shown).fetchall() == before
    assert names(found(conn, ann, model)) == ["ann"]


def test_without_its_index_the_search_is_still_right(
    conn: Connection, superuser: Connection, model: ModelVersion
) -> None:
    (ann,) = vectors(model, 1)
    new_collection(conn)
    new_subject(conn, "ann")
    enrol(conn, "ann", ann, model)
    conn.commit()
    superuser.execute("DROP INDEX embedding_1_nearest")
    assert names(found(conn, ann, model, exact_search_below=INDEXED)) == ["ann"]


def test_a_probe_of_another_model_is_refused(conn: Connection, model: ModelVersion) -> None:
    new_collection(conn)
    with pytest.raises(InvalidEmbedding):
        found(conn, unit(np.ones(model.dimension + 1)), model)
    with pytest.raises(CollectionNotFound):
        found(conn, vectors(model, 1)[0], model, collection="nowhere")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32),
    people=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.booleans()), max_size=8),
    threshold=st.sampled_from([-1.0, 0.0, 0.2, 0.6]),
    limit=st.integers(1, 6),
    exact_search_below=st.sampled_from([EXACT, INDEXED]),
)
def test_a_search_answers_as_plain_arithmetic_does(
    conn: Connection,
    model: ModelVersion,
    seed: int,
    people: list[tuple[int, str, bool]],
    threshold: float,
    limit: int,
    exact_search_below: int,
) -> None:
    """`people`: how many examples each has, in which collection, and whether consent holds."""
    conn.rollback()
    rng = np.random.default_rng(seed)
    (probe,) = vectors(model, 1, seed)
    expected: dict[str, float] = defaultdict(lambda: -2.0)
    for collection in "ab":
        new_collection(conn, collection)
    for number, (examples, collection, valid) in enumerate(people):
        consent = replace(CONSENT, expires_at=NOW + (SECOND if valid else -SECOND))
        new_subject(conn, f"p{number}", collection=collection)
        for _ in range(examples):
            vector: Vector = photograph(probe, rng, float(rng.uniform(-0.9, 0.9)))
            enrol(conn, f"p{number}", vector, model, collection=collection)
            similarity = float(stored(vector, model) @ stored(probe, model))
            if collection == "a" and valid and similarity >= threshold:
                expected[f"p{number}"] = max(expected[f"p{number}"], similarity)
        subjects.update(conn, collection, f"p{number}", consent=consent, now=NOW)
    matches = found(
        conn,
        probe,
        model,
        collection="a",
        threshold=threshold,
        limit=limit,
        exact_search_below=exact_search_below,
    )
    best = sorted(expected.items(), key=lambda item: -item[1])[:limit]
    assert names(matches) == [name for name, _ in best]
    assert [match.similarity for match in matches] == pytest.approx(
        [similarity for _, similarity in best], abs=1e-5
    )


def stored(vector: Vector, model: ModelVersion) -> NDArray[np.float64]:
    """The vector as the database keeps it: beyond 128 dimensions in half precision."""
    return (vector if model.dimension <= 128 else vector.astype(np.float16)).astype(np.float64)
