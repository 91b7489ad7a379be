"""What becomes of a message after a try: arrived, tried again, or given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bigbrother.runbook.sections.alerting import Delivery


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel took it."""

    answer: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The channel did not take it now; it may later."""

    answer: str
    retry_after_seconds: float | None = None
    """The patience that the channel asked for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The channel will never take it."""

    answer: str
    address: bool = False
    """Only to this address."""


Outcome = Taken | NotTaken | Refused


def again_at(outcome: Outcome, attempts: int, figures: Delivery, now: datetime) -> datetime | None:
    """When to try again after so many tries; None when there is no sense in it.

    Pauses double from the first to the longest. A channel that asks for more patience than the
    longest pause is given up: somebody else has to be paged meanwhile.
    """
    if not isinstance(outcome, NotTaken) or attempts >= figures.attempts:
        return None
    longest = figures.longest_pause.value
    asked = outcome.retry_after_seconds or 0.0
    if asked > longest:
        return None
    # The exponent is bounded: a power of two beyond any pause is no number of seconds.
    own = min(figures.first_pause.value * 2.0 ** min(attempts - 1, 60), longest)
    return now + timedelta(seconds=max(own, asked))
