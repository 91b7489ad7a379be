"""What went wrong lately by the units' own words, summed up by cause."""

from bigbrother.operations.checks.log_summary.records import ErrorGroup, Weight
from bigbrother.operations.checks.log_summary.summary import of_unit
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.scene import Scene

NAME = "log_errors"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each unit that its manager knows, over `looks.lately`."""
    since = scene.clock.now() - scene.runbook.diagnostics.looks.lately.duration
    results = []
    for unit in [status.name for status in scene.manager.status()]:
        groups = of_unit(scene.manager, unit, scene.runbook, scene.clock.now())
        recent = [
            each
            for each in groups
            if each.weight >= Weight.ERROR and (each.newest_at is None or each.newest_at >= since)
        ]
        results.append(_judged(scene, unit, recent))
    return tuple(results)


def _judged(scene: Scene, unit: str, groups: list[ErrorGroup]) -> Result:
    count = sum(group.count for group in groups)
    remedies = [group.remedy for group in groups if group.remedy]
    return measured(
        NAME,
        float(count),
        "count",
        limits_of(scene.runbook.diagnostics.limits.log_errors),
        target=unit,
        evidence=tuple(
            sentence(
                "{count} times: {title}",
                count=Figure(group.count, "count"),
                title=group.title,
            )
            for group in groups
        )
        or (sentence("It wrote of no error lately."),),
        remedy=remedies[0] if remedies else sentence("See `bigbrother logs {unit}`.", unit=unit),
    )
