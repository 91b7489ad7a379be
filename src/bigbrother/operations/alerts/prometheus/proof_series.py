"""Made-up series for proofs, in promtool's notation."""

from collections.abc import Mapping

from bigbrother.operations.alerts.prometheus.alerting_rule import INSTANCE
from bigbrother.operations.alerts.prometheus.expressions import FACE_JOB, bound_label

_STEPS = 2000
"""Scrapes that a series goes on for: longer than any window and `for` of a sound document."""


def series(name: str, job: str, labels: str = "") -> str:
    """One series of a unit, by its name and labels."""
    return f'{name}{{job="{job}",instance="{INSTANCE}"{"," if labels else ""}{labels}}}'


def always(value: float) -> str:
    """The same value at every scrape."""
    return f"{value:g}+0x{_STEPS}"


def growing(a_step: float) -> str:
    """A counter that grows by so much between two scrapes."""
    return f"0+{a_step:g}x{_STEPS}"


def times(
    half_a_step: int, histogram: str, wanted: str, within: Mapping[float, float]
) -> dict[str, str]:
    """A histogram that counts twice `half_a_step` a scrape; `within` has a share for each bound."""
    events = 2 * half_a_step
    made = {
        series(
            f"{histogram}_bucket",
            FACE_JOB,
            f'{wanted},le="{bound_label(bound)}"',
        ): growing(events * share)
        for bound, share in within.items()
    }
    return made | {series(f"{histogram}_count", FACE_JOB, wanted): growing(events)}
