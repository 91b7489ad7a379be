"""One answer for all who ask at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bigbrother.face.api.single_flight import SingleFlight


class Hand:
    """A clock that a test moves."""

    seconds = 0.0

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    def monotonic_seconds(self) -> float:
        return self.seconds


def test_askers_share_an_answer_until_it_is_old() -> None:
    async def scenario() -> None:
        clock = Hand()
        calls = 0

        async def work() -> int:
            nonlocal calls
            calls += 1
            await asyncio.sleep(0)
            return calls

        flight = SingleFlight(clock, lambda: timedelta(seconds=1), work)
        assert await asyncio.gather(*[flight.result() for _ in range(5)]) == [1] * 5
        clock.seconds = 0.9
        assert await flight.result() == 1
        clock.seconds = 1.0
        assert await asyncio.gather(*[flight.result() for _ in range(2)]) == [2, 2]

    asyncio.run(scenario())


def test_an_asker_who_leaves_takes_nothing_from_the_others_and_a_fault_is_not_kept() -> None:
    async def scenario() -> None:
        clock = Hand()
        gate = asyncio.Event()
        fails = True

        async def work() -> str:
            await gate.wait()
            if fails:
                raise OSError("no")
            return "good"

        flight = SingleFlight(clock, lambda: timedelta(seconds=1), work)
        leaver, stayer = (asyncio.create_task(flight.result()) for _ in range(2))
        await asyncio.sleep(0)
        leaver.cancel()
        gate.set()
        with pytest.raises(OSError, match="no"):
            await stayer
        fails = False
        clock.seconds = 2
        assert await flight.result() == "good"

    asyncio.run(scenario())
