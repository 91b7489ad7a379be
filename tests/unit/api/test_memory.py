"""The image memory never gives out more than there is, and never locks up."""

import asyncio
import random

import pytest
from prometheus_client import Counter, Gauge

from bigbrother.face.api.errors import TooBusy
from bigbrother.face.api.memory import ImageMemory
from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook.load import load_runbook

TOTAL = 1000
LIMITS = load_runbook().limits.model_copy(
    update={"bytes_in_flight": Quantity(TOTAL, "size", "1 kB"), "image_pixels": 20}
)
ENCODED = TOTAL - LIMITS.decoding_bytes


def memory() -> ImageMemory:
    return ImageMemory(
        LIMITS, Gauge("taken", "test", registry=None), Counter("refused", "test", registry=None)
    )


def test_encoded_bytes_leave_room_for_the_largest_image() -> None:
    held = memory()
    with held.share() as share:
        share.resize(ENCODED)
        with held.share() as other, pytest.raises(TooBusy):
            other.resize(1)
        share.resize(ENCODED - 10)
        with held.share() as other:
            other.resize(10)
    assert held.taken_bytes == 0


def test_decoded_images_wait_their_turn_and_the_first_is_first() -> None:
    async def scenario() -> list[str]:
        held = memory()
        order: list[str] = []
        release = asyncio.Event()

        async def decode(name: str, size: int) -> None:
            async with held.decoded(size):
                order.append(name)
                await release.wait()

        tasks = [asyncio.create_task(decode("a", 600))]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(decode("large", 600)))
        tasks.append(asyncio.create_task(decode("small", 10)))
        await asyncio.sleep(0)
        assert order == ["a"]
        release.set()
        await asyncio.gather(*tasks)
        assert held.taken_bytes == 0
        return order

    assert asyncio.run(scenario()) == ["a", "large", "small"]


def test_one_who_stops_waiting_gives_way() -> None:
    async def scenario() -> None:
        held = memory()

        async def decode(size: int) -> None:
            async with held.decoded(size):
                pass

        async with held.decoded(900):
            waiting = asyncio.create_task(decode(900))
            behind = asyncio.create_task(decode(50))
            await asyncio.sleep(0)
            assert not behind.done()
            waiting.cancel()
            await asyncio.wait_for(behind, 1)
            assert held.taken_bytes == 900
        assert held.taken_bytes == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_the_bound_holds_and_all_get_there(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets

    async def scenario() -> None:
        held = memory()
        done = 0

        async def request() -> None:
            nonlocal done
            size = chance.randint(1, 300)
            with held.share() as share:
                try:
                    share.resize(size)
                except TooBusy:
                    return
                for _ in range(chance.randint(1, 3)):
                    async with held.decoded(chance.randint(1, LIMITS.decoding_bytes)):
                        assert held.taken_bytes <= TOTAL
                        for _ in range(chance.randint(0, 3)):
                            await asyncio.sleep(0)
                done += 1

        tasks = [asyncio.create_task(request()) for _ in range(50)]
        for task in chance.sample(tasks, 10):
            await asyncio.sleep(0)
            task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(*tasks, return_exceptions=True)
        assert done > 0
        assert held.taken_bytes == 0

    asyncio.run(scenario())


def test_a_budget_that_shrinks_stops_nobody_who_holds_a_part_of_it() -> None:
    async def decode(held: ImageMemory) -> None:
        async with held.decoded(LIMITS.decoding_bytes):
            assert held.taken_bytes == ENCODED + LIMITS.decoding_bytes
            await asyncio.sleep(0)

    async def scenario() -> None:
        held = memory()
        with held.share() as share:
            share.resize(ENCODED)
            smaller = Quantity(100, "size", "100 B")
            held.follow(LIMITS.model_copy(update={"bytes_in_flight": smaller}))
            with held.share() as late, pytest.raises(TooBusy):
                late.resize(1)
            # One after the other, since together they do not fit.
            async with asyncio.timeout(5):
                await asyncio.gather(*[decode(held) for _ in range(3)])
        assert held.taken_bytes == 0

    asyncio.run(scenario())
