"""The parts of one look, side by side."""

import threading
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def beside_each_other(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """What `work` makes of each, in their order; raises what the first that failed raised.

    Not with an executor: its threads keep the process from ending while one of them hangs.
    """
    listed = list(items)
    made: dict[int, R] = {}
    failures: dict[int, BaseException] = {}

    def run(place: int, item: T) -> None:
        try:
            made[place] = work(item)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            failures[place] = error

    threads = [
        threading.Thread(target=run, args=each, name=f"part-{each[0]}", daemon=True)
        for each in enumerate(listed)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[min(failures)]
    return [made[place] for place in range(len(listed))]
