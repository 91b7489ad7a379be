"""So many at once, also while the number changes."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.face.api.slots import Slots

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.just(0)),
        st.tuples(st.just("leave"), st.integers(0, 20)),
        st.tuples(st.just("give up"), st.integers(0, 20)),
        st.tuples(st.just("resize"), st.integers(1, 5)),
    ),
    max_size=40,
)


class Guest:
    """Somebody who comes, stays until told to leave, and may give up before."""

    def __init__(self, slots: Slots, inside: list["Guest"]) -> None:
        self._leave = asyncio.Event()
        self._slots = slots
        self._inside = inside
        self.task = asyncio.create_task(self._visit())

    async def _visit(self) -> None:
        async with self._slots:
            self._inside.append(self)
            try:
                await self._leave.wait()
            finally:
                self._inside.remove(self)

    def leave(self) -> None:
        self._leave.set()


@given(most=st.integers(1, 4), steps=STEPS)
@settings(max_examples=150, deadline=None)
def test_no_more_are_inside_than_may_be_and_nobody_waits_in_vain(
    most: int, steps: list[tuple[str, int]]
) -> None:
    async def play() -> None:
        slots, inside, guests, allowed = Slots(most), list[Guest](), list[Guest](), most
        for what, which in steps:
            there = len(inside)
            if what == "come":
                guests.append(Guest(slots, inside))
            elif what == "resize":
                allowed = which
                slots.resize(which)
            elif what == "leave" and inside:
                inside[which % len(inside)].leave()
            elif what == "give up" and guests:
                guests[which % len(guests)].task.cancel()
            for _ in range(6):
                await asyncio.sleep(0)
            guests = [guest for guest in guests if not guest.task.done()]
            # Who is inside stays when the number shrinks.
            assert len(inside) <= max(allowed, there)
            assert len(inside) == len(guests) or len(inside) >= allowed
        for guest in guests:
            guest.leave()
        await asyncio.wait_for(asyncio.gather(*(guest.task for guest in guests)), 5)
        assert inside == []

    asyncio.run(play())


def test_first_come_first_served() -> None:
    async def play() -> list[int]:
        slots, order = Slots(1), list[int]()

        async def visit(number: int) -> None:
            async with slots:
                order.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(visit(number) for number in range(5)))
        return order

    assert asyncio.run(play()) == [0, 1, 2, 3, 4]
