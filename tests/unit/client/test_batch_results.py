"""Every result comes once, whatever happens to the line meanwhile."""

import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigbrother.client.errors import (
    ResourceMissing,
    ServiceFailed,
    ServiceUnreachable,
)
from bigbrother.client.face_client import FaceClient
from bigbrother.runbook.load import load_runbook
from tests.fakes.face_api import Answer, FaceApi, Told, problem
from tests.unit.client.answers import WHEN, batch, line

RESULTS = "/v1/batches/b-1/results"
FINISHED = batch(state="finished", pending=0, succeeded=3, last_position=3, finished_at=WHEN)


def positions_asked(api: FaceApi) -> list[str]:
    return [asked.path.partition("?")[2] for asked in api.asked if asked.path.startswith(RESULTS)]


def test_a_result_is_read_before_the_next_one_is_there(api: FaceApi, client: FaceClient) -> None:
    second = threading.Event()
    api.answers("GET", RESULTS, Told([line(1), second, line(2)]))
    results = client.batches.results("b-1")
    assert next(results).name == "1.jpg"
    second.set()
    assert [result.position for result in results] == [2]
    assert positions_asked(api) == ["after=0&follow=false", "after=2&follow=false"]


def test_a_broken_line_is_taken_up_behind_the_last_whole_result(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers(
        "GET",
        RESULTS,
        Told([line(1), line(2)[:40]], then="break"),
        Answer(0),
        problem(503, "database-unavailable", headers={"Retry-After": "2"}),
        Told([line(2), line(3)]),
    )
    assert [result.position for result in client.batches.results("b-1")] == [1, 2, 3]
    after_one = ["after=1&follow=false"] * 3
    assert positions_asked(api) == ["after=0&follow=false", *after_one, "after=3&follow=false"]
    assert pauses == [0.1, 0.2, 2.0]


def test_a_line_that_ends_within_a_result_counts_as_broken(
    api: FaceApi, client: FaceClient
) -> None:
    api.answers("GET", RESULTS, Told([line(1) + line(2).strip()]), Told([line(2)]))
    assert [result.position for result in client.batches.results("b-1")] == [1, 2]


def test_an_answer_that_ends_early_between_results_loses_none(
    api: FaceApi, client: FaceClient
) -> None:
    """A service that is about to stop ends its answers after a whole result."""
    api.answers("GET", RESULTS, Told([line(1)]), Told([line(2)]), Told())
    assert [result.position for result in client.batches.results("b-1")] == [1, 2]


def test_a_result_that_is_told_again_is_not_delivered_again(
    api: FaceApi, client: FaceClient
) -> None:
    api.answers(
        "GET", RESULTS, Told([line(1), line(2)], "break"), Told([line(1), line(2), line(3)])
    )
    assert [result.position for result in client.batches.results("b-1")] == [1, 2, 3]


def test_who_follows_reads_on_until_the_batch_has_ended(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", RESULTS, Told([b"\n", line(1), b"\n\n"]), Told([line(2)]), Told([line(3)]))
    api.answers("GET", "/v1/batches/b-1", batch(), FINISHED)
    assert [result.position for result in client.batches.results("b-1", follow=True)] == [1, 2, 3]
    assert positions_asked(api) == [
        "after=0&follow=true",
        "after=1&follow=true",
        # What ended between the last line and the batch.
        "after=2&follow=false",
        "after=3&follow=false",
    ]
    assert pauses == [0.1], "the service ended the line early: it is not asked again at once"


def test_a_service_that_restarts_is_waited_for_by_who_is_in_the_middle(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    """Longer than by who only begins: those hear soon that nobody answers."""
    away = [Answer(0)] * 15
    api.answers("GET", RESULTS, Told([line(1)], "break"), *away, Told([line(2)]))
    assert [result.position for result in client.batches.results("b-1")] == [1, 2]
    assert len(pauses) == 16
    assert pauses[-1] == 5
    api.answers("GET", RESULTS, Answer(0))
    with pytest.raises(ServiceUnreachable):
        next(client.batches.results("b-1"))
    assert len(pauses) == 16 + 2


def test_tries_are_counted_from_the_last_word_of_the_service(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    attempts = load_runbook().client.follow_attempts
    broken = [Told([line(position)], "break") for position in range(1, attempts + 10)]
    api.answers("GET", RESULTS, *broken, Told())
    assert len(list(client.batches.results("b-1"))) == attempts + 9
    assert set(pauses) == {0.1}


def test_a_service_that_stays_away_is_given_up(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", RESULTS, Told([line(1)], "break"), Answer(0))
    results = client.batches.results("b-1")
    assert next(results).position == 1
    with pytest.raises(ServiceUnreachable):
        next(results)
    assert len(pauses) == load_runbook().client.follow_attempts - 1


def test_a_batch_that_is_gone_meanwhile_is_not_waited_for(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    gone = problem(404, "batch-not-found")
    api.answers("GET", RESULTS, Told([line(1)], "break"), gone)
    results = client.batches.results("b-1", follow=True)
    next(results)
    with pytest.raises(ResourceMissing):
        next(results)
    assert len(pauses) == 1


@pytest.mark.parametrize("said", [b"<html>\n", b"{}\n", b"[1]\n", b"\xff\n"])
def test_a_line_that_is_no_result_is_an_answer_of_another_program(
    api: FaceApi, client: FaceClient, said: bytes
) -> None:
    api.answers("GET", RESULTS, Told([said]))
    with pytest.raises(ServiceFailed) as raised:
        list(client.batches.results("b-1"))
    assert raised.value.code == "answer-not-understood"


def test_who_leaves_early_closes_the_line(api: FaceApi, client: FaceClient) -> None:
    api.answers("GET", RESULTS, Told([line(1)], then="hold"))
    results = client.batches.results("b-1", follow=True)
    next(results)
    assert not api.left.is_set()
    results.close()
    assert api.left.wait(5)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15
)
@given(data=st.data(), count=st.integers(0, 8))
def test_wherever_the_line_breaks_every_result_comes_once(
    api: FaceApi, client: FaceClient, data: st.DataObject, count: int
) -> None:
    whole = [line(position) for position in range(1, count + 1)]
    told = []
    after = 0
    for _ in range(data.draw(st.integers(0, 4), "breaks")):
        rest = b"".join(whole[after:])
        heard = rest[: data.draw(st.integers(0, len(rest)), "break at byte")]
        # An answer that tells nothing says that there is nothing more.
        ends: list[Literal["break", "end"]] = ["break", "end"] if heard else ["break"]
        told.append(Told(list(pieces_of(heard, data)), data.draw(st.sampled_from(ends), "how")))
        after += heard.count(b"\n")
    told.append(Told(list(pieces_of(b"".join(whole[after:]), data))))
    api.answers("GET", RESULTS, *told)
    assert [result.position for result in client.batches.results("b-1")] == list(
        range(1, count + 1)
    )


def pieces_of(text: bytes, data: st.DataObject) -> Iterator[bytes]:
    while text:
        length = data.draw(st.integers(1, len(text)), "piece")
        yield text[:length]
        text = text[length:]
