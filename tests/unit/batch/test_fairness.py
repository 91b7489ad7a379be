"""The fair order: nobody waits behind another's long queue, and nobody waits for ever."""

import heapq
import itertools
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.face.batch.fairness import RESCUE_PRIORITY, queue_priority, virtual_starts
from bigbrother.face.batch.records import Priority

CHUNK = 16
LEAST, MOST = -(2**31), 2**31 - 1
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high")


@dataclass
class Queue:
    """The queue as the database keeps it: by priority, then by age."""

    waiting: list[tuple[int, int, str, int]] = field(default_factory=list)
    shares: dict[str, int] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def submit(self, client: str, chunks: int, priority: Priority = "normal") -> None:
        if not self.waiting:
            self.shares.clear()
        virtual_time = min((start for *_, start in self.waiting), default=0)
        end = self.shares.get(client, 0)
        *starts, end = virtual_starts([CHUNK] * chunks, virtual_time=virtual_time, virtual_end=end)
        self.shares[client] = end
        for start in starts:
            place = -queue_priority(priority, start)
            heapq.heappush(self.waiting, (place, next(self.numbers), client, start))

    def serve(self) -> str:
        return heapq.heappop(self.waiting)[2]


@given(st.integers(0, 2000), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_a_client_with_one_chunk_waits_for_one_chunk_of_each_other(
    already_served: int, others: int
) -> None:
    queue = Queue()
    for number in range(others):
        queue.submit(f"big {number}", 12_500 // others)
    for _ in range(already_served):
        queue.serve()
    queue.submit("small", 1)
    served = [queue.serve() for _ in range(others + 1)]
    assert "small" in served


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 40), st.integers(0, 30)),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=100, deadline=None)
def test_clients_that_wait_together_are_served_alike(asked: list[tuple[str, int, int]]) -> None:
    queue = Queue()
    for client, chunks, served in asked:
        queue.submit(client, chunks)
        for _ in range(min(served, len(queue.waiting) - 1)):
            queue.serve()
    waiting = {client for *_, client, _ in queue.waiting}
    for client in waiting:
        queue.submit(client, 200)
    # Whoever was served more before waits until the others have caught up; then they alternate.
    for _ in range(150 * len(waiting)):
        queue.serve()
    turns = [queue.serve() for _ in range(20 * len(waiting))]
    left = {client for *_, client, _ in queue.waiting}
    if left == waiting:
        shares = [turns.count(client) for client in waiting]
        assert max(shares) - min(shares) <= 1 + len(waiting)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 5)), max_size=60))
def test_what_waits_is_served_however_much_comes_after_it(asked: list[tuple[str, int]]) -> None:
    queue = Queue()
    queue.submit("patient", 3)
    served = 0
    for client, chunks in asked:
        queue.submit(client, chunks)
        served += queue.serve() == "patient"
    # Four others at most stand before each of its chunks with the same start.
    for _ in range(4 * 5 * 3 + 3):
        if queue.waiting:
            served += queue.serve() == "patient"
    assert served == 3


@given(st.sampled_from(PRIORITIES), st.integers(0, 2**62))
def test_every_priority_fits_the_queue_and_stays_below_rescued_work(
    priority: Priority, start: int
) -> None:
    found = queue_priority(priority, start)
    assert LEAST <= found < RESCUE_PRIORITY <= MOST


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_higher_class_goes_first_whatever_its_clients_had(first: int, second: int) -> None:
    low, normal, high = (queue_priority(name, first) for name in PRIORITIES)
    assert low < queue_priority("normal", second)
    assert normal < queue_priority("high", second)
    assert low < normal < high


@given(st.integers(0, 2**30 - 2))
def test_within_a_class_the_earlier_start_goes_first(start: int) -> None:
    assert queue_priority("normal", start) > queue_priority("normal", start + 1)
