"""Pauses grow to a bound, and nobody waits who is to leave."""

import threading

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.face.batch.patience import Patience

SECONDS = st.floats(min_value=0.001, max_value=3600)


@given(SECONDS, SECONDS, st.integers(min_value=0, max_value=10_000))
def test_pauses_never_shrink_and_never_exceed_the_longest(
    first: float, longest: float, attempt: int
) -> None:
    patience = Patience(first, longest, threading.Event())
    pauses = [patience.pause_seconds(attempt), patience.pause_seconds(attempt + 1)]
    assert pauses == sorted(pauses)
    assert 0 < pauses[0] <= pauses[1] <= longest


def test_it_tries_again_while_the_database_is_away() -> None:
    answers = iter([psycopg.OperationalError("away"), psycopg.InterfaceError("cut"), None])

    def work() -> str:
        answer = next(answers)
        if answer is not None:
            raise answer
        return "done"

    assert Patience(0.001, 1.0, threading.Event()).steadily(work) == "done"


def test_it_gives_up_in_the_end_and_at_once_when_it_is_time_to_go() -> None:
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        raise psycopg.OperationalError("away")

    leaving = threading.Event()
    with pytest.raises(psycopg.OperationalError):
        Patience(0.001, 0.004, leaving).steadily(work)
    assert len(calls) == 4
    leaving.set()
    with pytest.raises(psycopg.OperationalError):
        Patience(3600.0, 3600.0, leaving).steadily(work)
    assert len(calls) == 5


def test_another_error_is_not_the_databases() -> None:
    def work() -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        Patience(1.0, 1.0, threading.Event()).steadily(work)
