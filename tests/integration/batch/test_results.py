"""Results tell of people as they are now, and each item once, in the order of their ends."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from bigbrother.face.batch import batches, endings, results
from bigbrother.face.batch.endings import Ending
from bigbrother.face.batch.errors import BatchNotFound
from bigbrother.face.batch.records import ItemResult, NewItem
from bigbrother.face.batch.sealing import BatchSeal, seal_of
from bigbrother.face.gallery import subjects
from bigbrother.face.gallery.records import Consent, Subject
from tests.conftest import Database
from tests.integration.batch.intake import PICTURE, RUNBOOK, Connection, some_items, submit
from tests.integration.gallery.people import CONSENT, MASTER_KEY, NOW, new_collection

LATER = NOW + timedelta(days=1)


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """A connection with the service's rights, as the face unit has it."""
    dsn = f"{database.face_dsn} options='-c search_path=public,queue'"
    with psycopg.connect(dsn) as connection:
        yield connection


def person(conn: Connection, external_id: str, consent: Consent = CONSENT) -> Subject:
    return subjects.create(
        conn,
        "staff",
        external_id,
        name=external_id.title(),
        metadata={"door": 1},
        consent=consent,
        master_key=MASTER_KEY,
        now=NOW,
    )


def forget(conn: Connection, subject: Subject) -> None:
    conn.execute("DELETE FROM subject WHERE id = %s", (subject.id,))


def read(conn: Connection, batch_id: UUID, after: int = 0, limit: int = 100) -> list[ItemResult]:
    page = results.page(conn, batch_id, after=after, limit=limit, master_key=MASTER_KEY, now=LATER)
    return list(page.results)


def succeed(
    conn: Connection, seal: BatchSeal, number: int, answer: dict[str, Any], *whom: UUID
) -> None:
    sealed = seal.result(number, {"answer": answer, "refusal": None})
    endings.end_items(
        conn, seal.batch_id, [Ending(number, "succeeded", sealed, subjects=whom)], now=NOW
    )


def match_of(subject: UUID) -> dict[str, Any]:
    return {"subject_id": str(subject), "face_id": str(uuid4()), "similarity": 0.9}


def test_matches_name_people_as_they_are_now(conn: Connection) -> None:
    new_collection(conn)
    people = {name: person(conn, name) for name in ("ana", "bia", "caio")}
    people["duda"] = person(conn, "duda", Consent("consent", "p", "r", NOW + timedelta(hours=1)))
    made = submit(conn, some_items(1), kind="identify", collection="staff")
    ids = [one.id for one in people.values()]
    faces = [{"score": 0.9, "matches": [match_of(one) for one in ids]}, {"matches": []}]
    succeed(conn, seal_of(conn, made.id, MASTER_KEY), 1, {"threshold": 0.4, "faces": faces}, *ids)
    subjects.update(conn, "staff", "ana", name="Ana Maria", metadata=None, consent=None, now=NOW)
    withdrawn = Consent("consent", "p", "r", None, NOW)
    subjects.update(conn, "staff", "bia", name=None, metadata=None, consent=withdrawn, now=NOW)
    forget(conn, people["caio"])
    (result,) = read(conn, made.id)
    assert result.answer is not None
    matches = result.answer["faces"][0]["matches"]
    assert [one["external_id"] for one in matches] == ["ana"]
    assert matches[0]["name"] == "Ana Maria"
    assert matches[0].keys() == {"external_id", "name", "similarity", "face_id", "metadata"}
    assert result.answer["faces"][1] == {"matches": []}
    assert result.answer["threshold"] == 0.4


def test_an_enrolment_of_somebody_gone_tells_nothing(conn: Connection) -> None:
    new_collection(conn)
    ana = person(conn, "ana")
    made = submit(conn, [NewItem("ana/1.png", PICTURE, "ana")], kind="enrol", collection="staff")
    answer = {"id": "f", "subject_id": str(ana.id), "already_enrolled": False}
    succeed(conn, seal_of(conn, made.id, MASTER_KEY), 1, answer, ana.id)
    (told,) = read(conn, made.id)
    assert told.answer == {"id": "f", "already_enrolled": False, "external_id": "ana"}
    assert told.external_id == "ana"
    forget(conn, ana)
    (told,) = read(conn, made.id)
    assert (told.state, told.answer, told.external_id) == ("erased", None, None)


def test_what_is_held_about_a_subject_is_found(conn: Connection) -> None:
    new_collection(conn)
    ana, bia = person(conn, "ana"), person(conn, "bia")
    made = submit(conn, some_items(3), kind="identify", collection="staff")
    seal = seal_of(conn, made.id, MASTER_KEY)
    for number, subject in ((1, ana), (2, bia), (3, ana)):
        succeed(conn, seal, number, {"faces": [{"matches": [match_of(subject.id)]}]}, subject.id)
    found = results.about_subject(conn, ana.id, master_key=MASTER_KEY, now=LATER)
    assert [(batch, one.number) for batch, one in found] == [(made.id, 1), (made.id, 3)]


def test_results_come_page_by_page_in_the_order_of_their_ends(conn: Connection) -> None:
    made = submit(conn, some_items(7))
    seal = seal_of(conn, made.id, MASTER_KEY)
    for number in (5, 2, 7, 1, 3, 6, 4):
        succeed(conn, seal, number, {"faces_found": number})
    seen: list[ItemResult] = []
    while page := read(conn, made.id, after=seen[-1].position if seen else 0, limit=3):
        seen += page
    assert [one.number for one in seen] == [5, 2, 7, 1, 3, 6, 4]
    assert [one.position for one in seen] == [1, 2, 3, 4, 5, 6, 7]
    assert [one.name for one in seen[:2]] == ["5.png", "2.png"]


def test_a_page_ends_early_when_its_results_are_large(conn: Connection) -> None:
    made = submit(conn, some_items(4))
    seal = seal_of(conn, made.id, MASTER_KEY)
    for number in (1, 2, 3, 4):
        succeed(conn, seal, number, {"embedding": "x" * 2_500_000})
    assert [one.number for one in read(conn, made.id)] == [1]
    assert [one.number for one in read(conn, made.id, after=1)] == [2]


def test_a_page_is_the_last_only_when_nothing_can_follow(conn: Connection) -> None:
    made = submit(conn, some_items(2))

    def last(after: int) -> bool:
        return results.page(
            conn, made.id, after=after, limit=9, master_key=MASTER_KEY, now=NOW
        ).last

    assert not last(0)
    endings.end_items(conn, made.id, [Ending(1, "failed"), Ending(2, "succeeded")], now=NOW)
    assert not last(0)
    assert last(2)
    batches.retry(conn, made.id, token_id=None, figures=RUNBOOK.batch)
    assert not last(2)


def test_a_batch_that_is_gone_has_no_results(conn: Connection) -> None:
    with pytest.raises(BatchNotFound):
        read(conn, uuid4())
