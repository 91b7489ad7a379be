"""Nothing is thrown away before its successor is there."""

from collections.abc import Iterator
from itertools import pairwise

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rhythm import Kept, Rhythm
from bigbrother.runbook.validation.mistake import Mistake, Path

_ROLLUPS = ("readings", "readings_5m", "readings_1h", "readings_1d")
_DAY_SECONDS = 86_400.0


def too_short(runbook: Runbook) -> Iterator[Mistake]:
    """Retentions that are shorter than the schedule, rotation or rollup that they follow."""
    for what, plans in runbook.backup_procedures:
        for kind, plan in plans:
            path: Path = ("backup_procedures", what, kind, "retention")
            yield from _against(path, plan.retention, plan.schedule, "schedule")
    database = runbook.backup_procedures.database
    yield from _against(
        ("backup_procedures", "database", "full", "retention"),
        database.full.retention,
        database.incremental.schedule,
        "schedule of the incremental copies",
    )
    for name, stream in runbook.logging:
        path = ("logging", name, "retention")
        yield from _against(path, stream.retention, stream.rotation, "rotation")
    yield from _kept(runbook)


def _kept(runbook: Runbook) -> Iterator[Mistake]:
    retention = runbook.retention
    for finer, coarser in pairwise(_ROLLUPS):
        first, second = getattr(retention, finer), getattr(retention, coarser)
        if second.value < first.value:
            yield Mistake(
                ("retention", coarser),
                f"{coarser} ({second}) is shorter than {finer} ({first}), which it stands for.",
                "Let each be at least as long as the finer one.",
            )
    pairs = [
        ("readings", runbook.watching.over, "watching.over"),
        ("alert_history", runbook.escalation.matrix["L4"].time, "escalation.matrix.L4.time"),
    ]
    for name, least, source in pairs:
        kept = getattr(retention, name)
        if kept.value < least.value:
            yield Mistake(
                ("retention", name),
                f"{name} ({kept}) is shorter than {source} ({least}).",
                "Keep it longer.",
            )
    if retention.reports.value < _DAY_SECONDS:
        yield Mistake(
            ("retention", "reports"),
            f"reports ({retention.reports}) are kept for less than the day until the next.",
            "Keep them for a day at least.",
        )
    for name in ("idempotency_keys", "batch_results", "batch_failed_images"):
        kept = getattr(retention, name)
        if kept.value < retention.purge_every.value:
            yield Mistake(
                ("retention", name),
                f"{name} ({kept}) is shorter than purge_every ({retention.purge_every}).",
                "Keep it longer, or purge more often.",
            )


def _against(path: Path, kept: Kept, rhythm: Rhythm, what: str) -> Iterator[Mistake]:
    if kept.seconds is None and rhythm.period_seconds is None:
        return
    if kept.seconds is not None and rhythm.period_seconds is None:
        yield Mistake(
            path,
            f"a copy that is made {rhythm} cannot be kept for a time ({kept}): without an update "
            "there would be none.",
            "Keep a number of versions: '2 versions'.",
        )
    elif kept.seconds is not None and kept.seconds < (rhythm.period_seconds or 0):
        yield Mistake(
            path,
            f"the retention ({kept}) is shorter than the {what} ({rhythm}).",
            "Keep it longer, or make it more often.",
        )
