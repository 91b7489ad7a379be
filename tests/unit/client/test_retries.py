"""When the client tries again, and when it must not."""

import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.client.errors import (
    RequestRefused,
    ResourceConflict,
    ServiceFailed,
    ServiceUnavailable,
    ServiceUnreachable,
)
from bigbrother.client.face_client import FaceClient
from bigbrother.client.retries import RetryPolicy
from tests.fakes.face_api import Answer, FaceApi, problem

EMPTY = Answer(200, {"items": [], "next_cursor": None})
COLLECTION = {"name": "staff", "created_at": "2027-01-01T00:00:00Z"}
BUSY = problem(503, "too-busy", headers={"Retry-After": "2"})
BROKEN = Answer(0)


def test_an_overloaded_service_is_asked_again_after_the_time_it_named(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", "/v1/collections", BUSY, EMPTY)
    assert list(client.collections.list()) == []
    assert pauses == [2.0]


def test_a_service_that_asks_for_too_much_patience_is_reported_at_once(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", "/v1/collections", problem(503, "x", headers={"Retry-After": "600"}))
    with pytest.raises(ServiceUnavailable) as raised:
        list(client.collections.list())
    assert raised.value.retry_after_seconds == 600
    assert pauses == []


@pytest.mark.parametrize("retry_after", ["Fri, 01 Jan 2027 00:00:00 GMT", "", "-3", "nan", "soon"])
def test_an_unreadable_retry_after_leaves_the_clients_own_pause(
    api: FaceApi, client: FaceClient, pauses: list[float], retry_after: str
) -> None:
    busy = problem(503, "too-busy", headers={"Retry-After": retry_after})
    api.answers("GET", "/v1/collections", busy, EMPTY)
    assert list(client.collections.list()) == []
    assert pauses == [0.1]


def test_pauses_double_and_the_tries_are_bounded(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", "/v1/collections", problem(503, "too-busy"))
    with pytest.raises(ServiceUnavailable, match="It is so") as raised:
        list(client.collections.list())
    assert pauses == [0.1, 0.2]
    assert len(api.asked) == 3
    assert raised.value.code == "too-busy"


def test_a_creation_that_lost_its_answer_is_repeated_under_the_same_key(
    api: FaceApi, client: FaceClient
) -> None:
    api.answers("POST", "/v1/collections", BROKEN, Answer(201, COLLECTION))
    assert client.collections.create("staff").name == "staff"
    keys = [asked.headers["Idempotency-Key"] for asked in api.asked]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert keys[0]


def test_a_repeated_creation_waits_for_the_first_try_that_is_still_at_work(
    api: FaceApi, client: FaceClient
) -> None:
    still = problem(409, "idempotency-key-in-use")
    api.answers("POST", "/v1/collections", BROKEN, still, Answer(201, COLLECTION))
    assert client.collections.create("staff").name == "staff"


def test_two_creations_have_two_keys(api: FaceApi, client: FaceClient) -> None:
    api.answers("POST", "/v1/collections", Answer(201, COLLECTION))
    client.collections.create("staff")
    client.collections.create("staff")
    client.collections.create("staff", idempotency_key="mine")
    keys = [asked.headers["Idempotency-Key"] for asked in api.asked]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


def test_an_image_is_sent_again_whole(api: FaceApi, client: FaceClient) -> None:
    answer = Answer(200, {"model": {"name": "sface", "version": "1"}, "images": [{"id": "1"}]})
    api.answers("POST", "/v1/analyze", BROKEN, answer)
    client.analyze(b"\xff\xd8picture\r\n--")
    assert [asked.form()["image"] for asked in api.asked] == [b"\xff\xd8picture\r\n--"] * 2


def test_an_erasure_that_lost_its_answer_is_not_repeated(api: FaceApi, client: FaceClient) -> None:
    api.answers("DELETE", "/v1/collections/staff", BROKEN)
    with pytest.raises(ServiceUnreachable):
        client.collections.delete("staff")
    assert len(api.asked) == 1


def test_a_token_that_lost_its_answer_is_not_made_twice(api: FaceApi, client: FaceClient) -> None:
    api.answers("POST", "/v1/tokens", BROKEN)
    with pytest.raises(ServiceUnreachable):
        client.tokens.create("till", "reader")
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(422, "no-face"), RequestRefused),
        (problem(409, "collection-exists"), ResourceConflict),
        (problem(500, "internal"), ServiceFailed),
    ],
)
def test_an_answer_that_would_not_change_is_not_asked_for_twice(
    api: FaceApi, client: FaceClient, answer: Answer, kind: type[Exception]
) -> None:
    api.answers("POST", "/v1/collections", answer)
    with pytest.raises(kind):
        client.collections.create("staff")
    assert len(api.asked) == 1


def test_a_service_that_is_not_running_is_named_with_the_way_to_start_it(
    pauses: list[float],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    client = FaceClient(url, "t", attempts=3, first_pause_seconds=0.1, pause=pauses.append)
    with client, pytest.raises(ServiceUnreachable) as raised:
        client.collections.delete("staff")
    assert "bigbrother up" in raised.value.remedy
    assert url in raised.value.detail
    assert pauses == [0.1, 0.2], "nothing arrived, so even an erasure may be tried again"


def test_a_service_that_never_answers_is_given_up_after_one_wait(pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = FaceClient(url, "t", timeout_seconds=0.2, attempts=3, pause=pauses.append)
        with client, pytest.raises(ServiceUnreachable) as raised:
            list(client.collections.list())
    assert raised.value.code == "timeout"
    assert pauses == [], "it may still be at work; asking again would only add to its load"


def test_one_client_serves_many_threads(api: FaceApi, client: FaceClient) -> None:
    api.answers("POST", "/v1/collections", Answer(201, COLLECTION))
    threads = [
        threading.Thread(target=client.collections.create, args=("staff",)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 8


@given(
    attempts=st.integers(1, 20),
    first=st.floats(0.001, 10),
    longest=st.floats(0.001, 100),
    asked=st.none() | st.floats(0, 1e9),
)
def test_every_request_ends_and_no_pause_is_longer_than_the_longest(
    attempts: int, first: float, longest: float, asked: float | None
) -> None:
    policy = RetryPolicy(attempts, first, longest)
    tries, pause = 1, policy.pause_seconds(1, asked)
    while pause is not None:
        assert 0 <= pause <= longest
        assert asked is None or pause >= asked
        tries += 1
        pause = policy.pause_seconds(tries, asked)
    assert tries <= attempts
