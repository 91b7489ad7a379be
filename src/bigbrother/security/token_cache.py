"""Remembers verified tokens for a moment, so that not every request asks the database."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta

from bigbrother.kernel.clock import Clock
from bigbrother.security.tokens import Token, refused, well_formed


class TokenCache:
    """Verified tokens by the hash of their text; refusals are never remembered.

    Safe for use from several threads. A token's revocation reaches every process within
    `cached_for`, its expiry at once.
    """

    def __init__(self, clock: Clock, cached_for: timedelta) -> None:
        self._clock = clock
        self._cached_for_seconds = cached_for.total_seconds()
        self._lock = threading.Lock()
        # With the time of the question.
        self._tokens: dict[bytes, tuple[Token, float]] = {}

    def follow(self, cached_for: timedelta) -> None:
        """Counts for what is remembered already, too."""
        self._cached_for_seconds = cached_for.total_seconds()

    def find(self, text: str) -> Token | None:
        """The remembered token, or None when the database must be asked.

        Raises Unauthenticated for a text that no token can be, and for one that has expired.
        """
        if not well_formed(text):
            raise refused()
        with self._lock:
            found = self._tokens.get(_key(text))
        if found is None or self._old(found, self._clock.monotonic_seconds()):
            return None
        if not found[0].valid(self._clock.now()):
            raise refused()
        return found[0]

    def verify(self, text: str, ask: Callable[[str], Token]) -> Token:
        """Asks for the token and remembers it; raises whatever `ask` raises."""
        # The time is taken before the question: an answer is as old as its question.
        asked = self._clock.monotonic_seconds()
        token = ask(text)
        with self._lock:
            self._tokens = {
                key: kept for key, kept in self._tokens.items() if not self._old(kept, asked)
            }
            self._tokens[_key(text)] = (token, asked)
        return token

    def forget(self) -> None:
        """Forgets all, so that a revocation through this process counts at once."""
        with self._lock:
            self._tokens = {}

    def _old(self, kept: tuple[Token, float], now_seconds: float) -> bool:
        return now_seconds >= kept[1] + self._cached_for_seconds


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()
