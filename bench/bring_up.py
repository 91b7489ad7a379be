"""Seconds from `bigbrother up` to the first analysed face, from nothing and with a home.

`up` itself analyses, enrols and identifies the sample photograph before it returns, so its own
duration ends a little after the first face. The rival of a start with a home is one from nothing.
"""

import time
from collections.abc import Iterator

from bench.installation import bigbrother, environment, private_home
from bench.report import Row

_COLD_TARGET_SECONDS = 20.0
_WARM_TARGET_SECONDS = 6.0
_WARM_STARTS = 3


def measure() -> Iterator[Row]:
    """A first start, then the slowest of some later ones."""
    with private_home() as home:
        settings = environment(home)
        cold = _timed_up(settings)
        bigbrother(settings, "down")
        warm = []
        for _ in range(_WARM_STARTS):
            warm.append(_timed_up(settings))
            bigbrother(settings, "down")
    yield _row("cold `up` to the first face", cold, "", _COLD_TARGET_SECONDS, 1.0)
    slowest = max(warm)
    yield _row(
        f"warm `up` to the first face, slowest of {_WARM_STARTS}",
        slowest,
        f"cold {cold:.1f} s",
        _WARM_TARGET_SECONDS,
        slowest / cold,
    )


def _timed_up(settings: dict[str, str]) -> float:
    began = time.perf_counter()
    bigbrother(settings, "up", "--detach")
    return time.perf_counter() - began


def _row(what: str, seconds: float, against: str, target_seconds: float, ratio: float) -> Row:
    return Row(
        what=what,
        measured=f"{seconds:.1f} s",
        against=against,
        ratio=f"{ratio:.2f}",
        target=f"<= {target_seconds:g} s",
        met=seconds <= target_seconds,
    )


if __name__ == "__main__":
    for row in measure():
        print(row)
