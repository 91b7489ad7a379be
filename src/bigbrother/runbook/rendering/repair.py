"""Chapters 3, 4 and 5: troubleshooting, recovery, maintenance."""

from collections.abc import Sequence

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import (
    Block,
    Cell,
    Chapter,
    Code,
    Heading,
    Listing,
    Listings,
    Paragraph,
    Part,
    Say,
    Table,
)
from bigbrother.runbook.rendering.diagnosis import diagnosis
from bigbrother.runbook.rendering.phrases import figure, phrase
from bigbrother.runbook.rendering.upkeep import housekeeping


def troubleshooting(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 3."""
    problems: list[Block] = []
    for name, issue in runbook.common_issues.items():
        problems += [
            Heading(phrase(name, _)),
            Listings(
                (
                    _words(_("Symptoms"), tuple(map(str, issue.symptoms)), _),
                    _words(_("Checks"), issue.checks, _),
                    _words(_("Solutions"), issue.solutions, _),
                )
            ),
        ]
    return Chapter(
        3,
        _("Troubleshooting"),
        (
            Part("3.1", _("Common problems"), tuple(problems)),
            Part("3.2", _("Diagnosis"), diagnosis(runbook, _)),
        ),
    )


def recovery(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 4."""
    services = tuple(
        Listing(
            service,
            tuple((phrase(step, _), Code(recovery.command)) for step, recovery in steps.items()),
            "numbered",
        )
        for service, steps in runbook.service_recovery.items()
    )
    database, models = runbook.data_recovery.database, runbook.data_recovery.models
    data = Listings(
        (
            steps_listing(_("Database"), database.steps, _),
            steps_listing(_("Models"), models.steps, _),
        )
    )
    tools = Table(
        (_("Action"), _("Command")),
        tuple((phrase(what, _), Code(command)) for what, command in database.commands),
    )
    return Chapter(
        4,
        _("Recovery"),
        (Part("4.1", _("Services"), services), Part("4.2", _("Data"), (data, tools))),
    )


def maintenance(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 5."""
    updates: list[Block] = []
    for name, procedure in runbook.update_procedures:
        updates += [
            Heading(phrase(name, _)),
            Listings(
                tuple(steps_listing(phrase(phase, _), steps, _) for phase, steps in procedure)
            ),
        ]
    return Chapter(
        5,
        _("Maintenance"),
        (
            Part("5.1", _("Updates"), tuple(updates)),
            Part("5.2", _("Backup"), _backups(runbook, _)),
            Part("5.3", _("Housekeeping"), housekeeping(runbook, _)),
        ),
    )


def steps_listing(title: str, steps: Sequence[str], _: Say) -> Listing:
    """Steps by number, each in words and by its name."""
    return Listing(title, tuple((phrase(step, _), Code(step)) for step in steps), "numbered")


def _words(title: str, names: Sequence[str], _: Say) -> Listing:
    return Listing(title, tuple((phrase(name, _),) for name in names), "plain")


def _backups(runbook: Runbook, _: Say) -> tuple[Block, ...]:
    rows: list[tuple[Cell, ...]] = []
    for what, plans in runbook.backup_procedures:
        for kind, plan in plans:
            means = plan.command if hasattr(plan, "command") else plan.location
            rows.append(
                (
                    phrase(what, _),
                    phrase(kind, _),
                    _(str(plan.schedule)),
                    figure(plan.retention, _),
                    Code(means),
                )
            )
    head = (_("What"), _("Kind"), _("Schedule"), _("Kept for"), _("Command or place"))
    retention = runbook.retention
    logs = f"{retention.unit_log_files} × {retention.unit_logs}"
    kept = Table(
        (_("Data"), _("Kept for")),
        (
            *(
                (phrase(name, _), figure(span, _))
                for name, span in retention
                if name not in ("purge_every", "unit_logs", "unit_log_files")
            ),
            (_("Unit logs"), logs),
        ),
    )
    note = _(
        "What the service keeps by itself, and for how long or how much of it. What has outlived "
        "its time is destroyed every {purge}."
    ).format(purge=figure(retention.purge_every, _))
    return Table(head, tuple(rows)), Paragraph(note), kept
