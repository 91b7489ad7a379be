"""How items ended, in the order in which they did; names of people are looked up when read.

So who has been erased, or does not agree any more, stands in no result, however old.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bigbrother.face.batch.errors import BatchNotFound
from bigbrother.face.batch.records import BatchState, ItemResult, Refusal
from bigbrother.face.batch.sealing import BatchSeal, ItemRequest, seal_of
from bigbrother.face.gallery.statements import GalleryConnection, Row, load, row, rows
from bigbrother.security.keys import MasterKey

_SQL = load("results", "bigbrother.face.batch")
_PAGE_BYTES = 4_000_000
"""A page ends early when its sealed results have so many bytes; they may carry embeddings."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Some results, and whether more may follow."""

    results: tuple[ItemResult, ...]
    last: bool
    """The batch does not run any more, and nothing stands behind these."""


def page(
    conn: GalleryConnection,
    batch_id: UUID,
    *,
    after: int,
    limit: int,
    master_key: MasterKey,
    now: datetime,
) -> ResultPage:
    """Results behind a position, at most `limit`; raises BatchNotFound.

    Positions appear in the order of their commits: what is missing here is empty for good.
    """
    state = _state(conn, batch_id)
    asked = {"batch_id": batch_id, "after": after, "limit": limit, "bytes": _PAGE_BYTES}
    found = rows(conn, _SQL["page"], asked)
    if not found:
        return ResultPage((), last=state != "running")
    results = tuple(_results(conn, seal_of(conn, batch_id, master_key), found, now))
    return ResultPage(results, last=False)


def about_subject(
    conn: GalleryConnection, subject_id: UUID, *, master_key: MasterKey, now: datetime
) -> Iterator[tuple[UUID, ItemResult]]:
    """Every result that is about a subject, with its batch; for the export of what is held."""
    for batch in rows(conn, _SQL["batches_about"], {"subject_id": subject_id}):
        seal = seal_of(conn, batch["batch_id"], master_key)
        asked = {"batch_id": batch["batch_id"], "numbers": batch["numbers"]}
        for result in _results(conn, seal, rows(conn, _SQL["numbered"], asked), now):
            yield seal.batch_id, result


def _state(conn: GalleryConnection, batch_id: UUID) -> BatchState:
    found = row(conn, _SQL["state"], {"batch_id": batch_id})
    if found is None:
        raise BatchNotFound(f"There is no batch {batch_id}.", remedy="List the batches.")
    state: BatchState = found["state"]
    return state


def _results(
    conn: GalleryConnection, seal: BatchSeal, found: Sequence[Row], now: datetime
) -> Iterator[ItemResult]:
    opened = [_opened(seal, one) for one in found]
    wanted = {subject for _, answer, _ in opened for subject in _subjects(answer)}
    people = _people(conn, wanted, now)
    for one, (request, answer, refusal) in zip(found, opened, strict=True):
        told = _told(answer, people)
        # An enrolment whose subject is gone tells nothing any more.
        gone = answer is not None and told is None
        yield ItemResult(
            position=one["position"],
            number=one["number"],
            name=request.name,
            external_id=None if gone else request.external_id,
            state="erased" if gone else one["state"],
            answer=told,
            refusal=refusal,
            done_at=one["done_at"].astimezone(UTC),
        )


def _opened(seal: BatchSeal, one: Row) -> tuple[ItemRequest, Answer | None, Refusal | None]:
    number = one["number"]
    request = ItemRequest("", None, "")
    if one["sealed_request"] is not None:
        request = seal.open_request(number, one["sealed_request"])
    if one["sealed_result"] is None:
        return request, None, None
    result = seal.open_result(number, one["sealed_result"])
    refusal = result["refusal"]
    if refusal is None:
        return request, result["answer"], None
    return request, None, replace(Refusal(**refusal), service_fault=one["service_fault"])


def _subjects(answer: Answer | None) -> Iterator[UUID]:
    """Whom an answer is about."""
    if answer is None:
        return
    if "subject_id" in answer:
        yield UUID(answer["subject_id"])
    for face in answer.get("faces", ()):
        for match in face.get("matches", ()):
            yield UUID(match["subject_id"])


def _people(conn: GalleryConnection, wanted: Iterable[UUID], now: datetime) -> dict[UUID, Row]:
    asked = {"subjects": list(wanted), "now": now}
    if not asked["subjects"]:
        return {}
    return {one["id"]: one for one in rows(conn, _SQL["people"], asked)}


def _told(answer: Answer | None, people: dict[UUID, Row]) -> Answer | None:
    """The answer with people as they are now; None when it is about somebody who is gone."""
    if answer is None:
        return None
    if "subject_id" in answer:
        subject = people.get(UUID(answer["subject_id"]))
        if subject is None:
            return None
        told = {name: value for name, value in answer.items() if name != "subject_id"}
        return told | {"external_id": subject["external_id"]}
    if not any("matches" in face for face in answer.get("faces", ())):
        return answer
    return answer | {"faces": [_face(face, people) for face in answer["faces"]]}


def _face(face: Answer, people: dict[UUID, Row]) -> Answer:
    matches = []
    for match in face["matches"]:
        subject = people.get(UUID(match["subject_id"]))
        if subject is None or not subject["in_force"]:
            continue
        matches.append(
            {
                "external_id": subject["external_id"],
                "name": subject["name"],
                "similarity": match["similarity"],
                "face_id": match["face_id"],
                "metadata": subject["metadata"],
            }
        )
    return face | {"matches": matches}
