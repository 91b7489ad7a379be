"""The memory set aside for images: nothing is read or decoded without a share of it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from prometheus_client import Counter, Gauge

from bigbrother.face.api.errors import TooBusy
from bigbrother.runbook.model import Limits


class Share:
    """One request's encoded bytes; grows while the body arrives."""

    def __init__(self, memory: "ImageMemory") -> None:
        self._memory = memory
        self.bytes = 0

    def resize(self, wanted_bytes: int) -> None:
        """Takes or gives back until the share is this large. Raises TooBusy, changing nothing."""
        self._memory.resize(self, wanted_bytes)


class ImageMemory:
    """A budget in bytes over all encoded and decoded images; used on the event loop only.

    Encoded bytes are refused at once when they do not fit; decoded ones wait their turn. Room
    for the largest decoded image is kept free of encoded ones: so whoever holds encoded bytes and
    waits to decode them gets there.
    """

    def __init__(self, limits: Limits, taken: Gauge, refused: Counter) -> None:
        self.follow(limits)
        self._encoded_bytes = 0
        self._decoded_bytes = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._taken = taken
        self._refused = refused

    def follow(self, limits: Limits) -> None:
        """Counts from now on; what was given out stays given."""
        self._total_bytes = int(limits.bytes_in_flight.value)
        self._encoded_limit_bytes = self._total_bytes - limits.decoding_bytes

    @property
    def taken_bytes(self) -> int:
        """Encoded and decoded bytes together."""
        return self._encoded_bytes + self._decoded_bytes

    @contextmanager
    def share(self) -> Iterator[Share]:
        """A share for one request's encoded images, given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            self.resize(share, 0)

    def resize(self, share: Share, wanted_bytes: int) -> None:
        """See Share.resize."""
        difference = wanted_bytes - share.bytes
        free = min(
            self._encoded_limit_bytes - self._encoded_bytes,
            self._total_bytes - self._encoded_bytes - self._decoded_bytes,
        )
        if difference > max(free, 0):
            self._refused.inc()
            raise TooBusy(
                "The images in flight fill the memory set aside for them.",
                remedy="Try again after the time that Retry-After names.",
            )
        share.bytes = wanted_bytes
        self._encoded_bytes += difference
        self._changed()

    @asynccontextmanager
    async def decoded(self, wanted_bytes: int) -> AsyncIterator[None]:
        """Room for one decoded image; waits in order of arrival until there is some."""
        if self._waiting or not self._fits(wanted_bytes):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry = (wanted_bytes, turn)
            self._waiting.append(entry)
            try:
                await turn
            except asyncio.CancelledError:
                if not turn.cancelled():
                    self._decoded_bytes -= wanted_bytes
                elif entry in self._waiting:
                    self._waiting.remove(entry)
                self._changed()
                raise
        else:
            self._decoded_bytes += wanted_bytes
            self._changed()
        try:
            yield
        finally:
            self._decoded_bytes -= wanted_bytes
            self._changed()

    def _fits(self, wanted_bytes: int) -> bool:
        # One image is decoded always: a budget that shrank must not stop those who hold a part.
        return not self._decoded_bytes or self.taken_bytes + wanted_bytes <= self._total_bytes

    def _changed(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            wanted_bytes, turn = self._waiting.popleft()
            if not turn.done():
                self._decoded_bytes += wanted_bytes
                turn.set_result(None)
        self._taken.set(self.taken_bytes)
