"""Tokens are remembered for a moment, and no longer than they are valid."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.security.roles import PERMISSIONS, may
from bigbrother.security.token_cache import TokenCache
from bigbrother.security.token_errors import Unauthenticated
from bigbrother.security.tokens import Token, well_formed

START = datetime(2030, 1, 1, tzinfo=UTC)
TEXT = f"bb_{'a' * 32}_{'b' * 64}"


class Hand:
    """A clock that a test moves."""

    seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic_seconds(self) -> float:
        return self.seconds


def token(expires_at: datetime | None = None) -> Token:
    return Token(UUID(int=1), "t", "reader", START, expires_at, None, None)


def test_a_token_is_asked_for_again_when_its_time_is_over() -> None:
    clock = Hand()
    cache = TokenCache(clock, timedelta(seconds=2))
    assert cache.find(TEXT) is None
    cache.verify(TEXT, lambda _text: token())
    clock.seconds = 1.9
    assert cache.find(TEXT) == token()
    clock.seconds = 2.0
    assert cache.find(TEXT) is None


def test_the_time_counts_from_the_question_not_from_the_answer() -> None:
    clock = Hand()
    cache = TokenCache(clock, timedelta(seconds=2))

    def slow(_text: str) -> Token:
        clock.seconds = 1.5
        return token()

    cache.verify(TEXT, slow)
    clock.seconds = 2.0
    assert cache.find(TEXT) is None


def test_a_time_made_shorter_counts_for_what_is_remembered_already() -> None:
    clock = Hand()
    cache = TokenCache(clock, timedelta(seconds=60))
    cache.verify(TEXT, lambda _text: token())
    clock.seconds = 2.0
    assert cache.find(TEXT) == token()
    cache.follow(timedelta(seconds=2))
    assert cache.find(TEXT) is None


def test_an_expired_token_is_refused_while_it_is_remembered() -> None:
    clock = Hand()
    cache = TokenCache(clock, timedelta(seconds=2))
    cache.verify(TEXT, lambda _text: token(START + timedelta(seconds=1)))
    clock.seconds = 1.0
    with pytest.raises(Unauthenticated):
        cache.find(TEXT)


def test_a_refusal_is_not_remembered_and_forgetting_forgets() -> None:
    cache = TokenCache(Hand(), timedelta(seconds=2))

    def refuse(_text: str) -> Token:
        raise Unauthenticated("no")

    with pytest.raises(Unauthenticated):
        cache.verify(TEXT, refuse)
    assert cache.find(TEXT) is None
    cache.verify(TEXT, lambda _text: token())
    cache.forget()
    assert cache.find(TEXT) is None


@given(st.text() | st.from_regex(r"bb_[0-9a-f]{30,34}_[0-9a-f]{62,66}\s?"))
def test_only_the_exact_shape_is_a_token(text: str) -> None:
    parts = text.split("_")
    digits = set("0123456789abcdef")
    shape = (
        len(parts) == 3
        and parts[0] == "bb"
        and (len(parts[1]), len(parts[2])) == (32, 64)
        and set(parts[1] + parts[2]) <= digits
    )
    assert well_formed(text) == shape


def test_only_admins_manage_tokens_and_each_role_holds_less_than_the_one_above() -> None:
    assert [role for role in PERMISSIONS if may(role, "tokens:manage")] == ["admin"]
    assert PERMISSIONS["writer"] < PERMISSIONS["admin"]
    assert PERMISSIONS["reader"] < PERMISSIONS["admin"]
    assert not may("reader", "gallery:write")
