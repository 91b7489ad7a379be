"""Housekeeping comes often enough for what it looks after, and takes nothing that is in use."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.procedures import HousekeepingTask
from bigbrother.runbook.validation.mistake import Mistake

_LOOKED_AT = 12
"""Gaps between due moments: the longest of a week, or of a year of months, is among them."""
_ANY_DAY = datetime(2030, 1, 1, tzinfo=UTC)
_KEPT_BY = {"old_logs": "purge_logs", "reports": "purge_reports", "runs": "purge_runs"}
_BOUNDED = ("vacuum_tables", "rebuild_indexes")


def mistakes(runbook: Runbook) -> Iterator[Mistake]:
    """What contradicts itself between `retention`, `cleaning`, `optimization` and schedules."""
    yield from _too_seldom(runbook)
    cleaning, upload = runbook.cleaning, runbook.batch.upload_within
    if cleaning.orphan_after.value < upload.value:
        yield Mistake(
            ("cleaning", "orphan_after"),
            f"orphan_after ({cleaning.orphan_after}) is shorter than batch.upload_within "
            f"({upload}): an upload under way would be called nobody's.",
            "Make it longer.",
        )
    retention = runbook.retention
    in_use = retention.unit_logs.value * len(runbook.units)
    if retention.all_logs.value < in_use:
        yield Mistake(
            ("retention", "all_logs"),
            f"all_logs ({retention.all_logs}) is less than the units' logs in use may have: "
            f"{len(runbook.units)} × {retention.unit_logs} (unit_logs).",
            "Allow more, or make unit_logs smaller.",
        )
    longest = runbook.optimization.statement_within
    for step in _BOUNDED:
        within = runbook.procedures.steps.get(step, runbook.procedures.default_step).within
        if longest.value > within.value:
            yield Mistake(
                ("optimization", "statement_within"),
                f"statement_within ({longest}) is longer than procedures.steps.{step}.within "
                f"({within}), which would cut it off.",
                "Make it shorter, or give the step more time.",
            )


def _too_seldom(runbook: Runbook) -> Iterator[Mistake]:
    for name, step in _KEPT_BY.items():
        kept = getattr(runbook.retention, name)
        gaps = [_gap(task) for task in runbook.housekeeping.values() if step in task.steps]
        if gaps and kept.duration < min(gaps):
            yield Mistake(
                ("retention", name),
                f"{name} ({kept}) is shorter than the time between two runs of {step} "
                f"({min(gaps)}): it would be kept for longer than it says.",
                "Keep it longer, or let its housekeeping come more often.",
            )


def _gap(task: HousekeepingTask) -> timedelta:
    """The longest time between two runs."""
    moments = [_ANY_DAY]
    for _ in range(_LOOKED_AT):
        moments.append(task.cron.next_after(moments[-1], task.time_zone))
    return max(later - earlier for earlier, later in pairwise(moments[1:]))
