"""Chapters 1 and 2: overview and routine."""

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import Cell, Chapter, Paragraph, Part, Say, Table, Tree
from bigbrother.runbook.rendering.phrases import figure, phrase


def overview(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 1."""
    tree = Tree(
        _("Operations"),
        tuple(
            (phrase(kind, _), tuple(phrase(part, _) for part in parts))
            for kind, parts in runbook.scope
        ),
    )
    purpose = _(
        "This runbook holds the detailed operating procedures of the system Big Brother CNN. The "
        "service follows the same document from which this page is written: change a figure "
        "there, and both change."
    )
    return Chapter(
        1,
        _("Overview"),
        (Part("1.1", _("Purpose"), (Paragraph(purpose),)), Part("1.2", _("Scope"), (tree,))),
    )


def routine(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 2."""
    return Chapter(
        2,
        _("Routine procedures"),
        (
            Part("2.1", _("Daily checks"), _daily_checks(runbook, _)),
            Part("2.2", _("Monitoring"), _monitoring(runbook, _)),
        ),
    )


def _daily_checks(runbook: Runbook, _: Say) -> tuple[Paragraph | Table, ...]:
    checks = runbook.daily_checks
    rows: list[tuple[Cell, ...]] = []
    for area in ("system", "application", "ml"):
        for name, healthy in getattr(checks, area):
            good = _(str(healthy)) if healthy == "all green" else figure(healthy, _)
            rows.append((phrase(area, _), phrase(name, _), good))
    when = _(
        "All checks run every day at {at} ({zone}) and leave a dated report, kept for {kept}. "
        "Accuracy is known from {genuine} genuine and {impostor} impostor pairs on."
    ).format(
        at=f"{checks.at:%H:%M}",
        zone=checks.time_zone,
        kept=figure(runbook.retention.reports, _),
        genuine=checks.least_genuine_pairs,
        impostor=checks.least_impostor_pairs,
    )
    return Paragraph(when), Table((_("Area"), _("Check"), _("Healthy")), tuple(rows))


def _monitoring(runbook: Runbook, _: Say) -> tuple[Paragraph | Table, ...]:
    rows: list[tuple[Cell, ...]] = []
    for area, tasks in runbook.monitoring_tasks:
        for name, task in tasks:
            threshold = str(task.alert_threshold)
            above = _("any down") if threshold == "any_down" else f"> {figure(threshold, _)}"
            rows.append((phrase(area, _), phrase(name, _), figure(task.interval, _), above))
    alive = runbook.watching.alive
    text = _(
        "The death of a unit is noticed at once; a unit that does not answer within {within}, "
        "asked every {every}, {misses} times in a row, counts as silent. The intervals below are "
        "the net beneath that."
    ).format(within=figure(alive.within, _), every=figure(alive.every, _), misses=alive.misses)
    units = Table(
        (_("Unit"), _("Heals by itself within")),
        tuple((name, figure(unit.grace, _)) for name, unit in runbook.units.items()),
    )
    return (
        Paragraph(text),
        Table((_("Area"), _("Check"), _("Interval"), _("Alerts at")), tuple(rows)),
        units,
    )
