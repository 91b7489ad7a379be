"""Whether a diagnosis finds the right cause: of one fault, of two at once, and of none.

One installation is kept between faults; each is real, seeded, and taken out again. BENCH_SHORT=1
takes a sample; BENCH_SEED=N takes other faults than those that somebody tuned the weights by. What
was missed is told with its evidence on standard error.
"""

import os
from collections.abc import Iterator
from random import Random

from tests.faults.catalogue import FAULTS
from tests.faults.place import fault_place

from bench.faults.rounds import Round, compound, single, without
from bench.report import LeftOut, Result, Row

_SEED = int(os.environ.get("BENCH_SEED", "20261122"))
_SHORT = bool(os.environ.get("BENCH_SHORT"))
_SINGLE, _COMPOUND, _WITHOUT = (11, 3, 5) if _SHORT else (100, 30, 50)
_WITHIN_SECONDS = 10.0


def measure() -> Iterator[Result]:
    """The shares of right and of false causes, and the slowest diagnosis."""
    chance = Random(_SEED)  # noqa: S311 - a seed, not a secret
    names = [*FAULTS]
    with fault_place() as place:
        singles = [
            single(place, name, chance.randrange(10**6))
            for name in _shuffled(names * -(-_SINGLE // len(names)), _SINGLE, chance)
        ]
        pairs = [
            compound(place, chance.sample(names, 2), chance.randrange(10**6))
            for _ in range(_COMPOUND)
        ]
        calm = [without(place, chance.randrange(10**6)) for _ in range(_WITHOUT)]
    yield _share("single faults, the right cause first", singles, 0.95)
    yield _share("two faults at once, both causes in the first three", pairs, 0.90)
    yield _false(calm)
    for each in (singles, pairs):
        yield from _left_out(each)
    slowest = max(each.seconds for each in (*singles, *pairs, *calm))
    target = f"<= {_WITHIN_SECONDS:g} s"
    # What is cut at the budget's end is told a moment later.
    met = slowest <= _WITHIN_SECONDS + 0.5
    yield Row("slowest diagnosis", f"{slowest:.1f} s", "", "", target, met)


def _shuffled(names: list[str], most: int, chance: Random) -> list[str]:
    """Each about as often as the others, in an order of chance."""
    taken = names[:most]
    chance.shuffle(taken)
    return taken


def _share(what: str, rounds: list[Round], target: float) -> Row:
    made = [each for each in rounds if not each.left_out]
    right = sum(each.right for each in made)
    share = right / len(made) if made else 0.0
    return Row(
        what,
        f"{right} of {len(made)} ({100 * share:.0f} %)",
        "",
        "",
        f">= {100 * target:.0f} %",
        share >= target,
    )


def _false(rounds: list[Round]) -> Row:
    wrong = sum(not each.right for each in rounds)
    share = wrong / len(rounds)
    return Row(
        "without a fault, a cause named",
        f"{wrong} of {len(rounds)} ({100 * share:.0f} %)",
        "",
        "",
        "<= 2 %",
        share <= 0.02,
    )


def _left_out(rounds: list[Round]) -> Iterator[LeftOut]:
    for reason in dict.fromkeys(each.left_out for each in rounds if each.left_out):
        yield LeftOut("a fault", reason)
