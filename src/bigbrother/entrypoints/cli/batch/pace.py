"""How fast a batch goes and how long it will still take. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

_WINDOW_SECONDS = 30.0
"""Older counts tell of a pace that may be over."""
_LEAST_SECONDS = 1.0
"""Counts closer together tell more about chance than about the pace."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many images were done at a moment."""

    seconds: float
    """On any clock that never goes backwards."""
    done: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What can be said of a batch; None is not known."""

    images_per_second: float | None
    remaining_seconds: float | None


def telling(counts: Sequence[Count]) -> Sequence[Count]:
    """The counts that still tell the pace, oldest first.

    They begin where the count last fell (failed images are tried again), and reach back over the
    window and to the one count before it.
    """
    first = 0
    for place in range(1, len(counts)):
        if counts[place].done < counts[place - 1].done:
            first = place
    kept = counts[first:]
    began = kept[-1].seconds - _WINDOW_SECONDS if kept else 0.0
    older = sum(count.seconds <= began for count in kept)
    return kept[max(0, older - 1) :]


def pace(counts: Sequence[Count], pending: int) -> Pace:
    """The pace of these counts (oldest first) and the time for so many images.

    The remaining time is None while there is too little to tell it by, or nothing goes on.
    """
    kept = telling(counts)
    remaining = 0.0 if pending == 0 else None
    if not kept or kept[-1].seconds - kept[0].seconds < _LEAST_SECONDS:
        return Pace(None, remaining)
    rate = (kept[-1].done - kept[0].done) / (kept[-1].seconds - kept[0].seconds)
    return Pace(rate, pending / rate if pending and rate else remaining)


def shown_pace(now: Pace) -> str:
    """The pace in words: `31.2 images/s, 2 min 5 s left`."""
    rate = "" if now.images_per_second is None else f"{now.images_per_second:.1f} images/s, "
    if now.remaining_seconds is None:
        return f"{rate}time left unknown"
    return f"{rate}{shown_span(now.remaining_seconds)} left"


def shown_span(seconds: float) -> str:
    """A time span in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
