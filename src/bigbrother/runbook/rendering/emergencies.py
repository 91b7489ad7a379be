"""Chapters 8, 9 and 10: escalation, disasters, references."""

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import (
    Block,
    Chapter,
    Code,
    Commands,
    Heading,
    Listing,
    Listings,
    Paragraph,
    Part,
    Say,
    Table,
)
from bigbrother.runbook.rendering.phrases import figure, phrase
from bigbrother.runbook.rendering.repair import steps_listing
from bigbrother.runbook.sections.alerting import SEVERITIES
from bigbrother.runbook.sections.escalation import Contact, Entry


def escalation(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 8."""
    contacts = tuple(
        (
            phrase(name, _),
            contact.team or contact.name,
            contact.email,
            contact.phone,
            f"{contact.schedule} ({contact.time_zone})",
            _backup(runbook.contacts, contact),
        )
        for name, contact in runbook.contacts.items()
    )
    head = (_("Contact"), _("Who"), _("E-mail"), _("Phone"), _("Schedule"), _("Backup contact"))
    return Chapter(
        8,
        _("Escalation"),
        (
            Part("8.1", _("Matrix"), _matrix(runbook, _)),
            Part("8.2", _("Contacts"), (Table(head, contacts),)),
        ),
    )


def disaster_recovery(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 9."""
    procedures: list[Block] = []
    for name, procedure in runbook.disaster_recovery:
        targets = _("Back within {rto} (RTO), with no more than {rpo} of work lost (RPO).")
        procedures += [
            Heading(phrase(name, _)),
            Paragraph(targets.format(rto=figure(procedure.rto, _), rpo=figure(procedure.rpo, _))),
            steps_listing(_("Steps"), procedure.steps, _),
        ]
    checklist = Listings(
        tuple(
            Listing(phrase(when, _), tuple((phrase(item, _),) for item in items), "boxes")
            for when, items in runbook.dr_checklist
        )
    )
    return Chapter(
        9,
        _("Disaster recovery"),
        (
            Part("9.1", _("Procedures"), tuple(procedures)),
            Part("9.2", _("Checklist"), (checklist,)),
        ),
    )


def references(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 10."""
    commands = Commands(tuple((phrase(what, _), lines) for what, lines in runbook.commands))
    links = Table(
        (_("What"), _("Address")),
        tuple((phrase(what, _), Code(place)) for what, place in runbook.links),
    )
    return Chapter(
        10,
        _("References"),
        (Part("10.1", _("Commands"), (commands,)), Part("10.2", _("Links"), (links,))),
    )


def _matrix(runbook: Runbook, _: Say) -> tuple[Block, ...]:
    document = runbook.escalation
    rows = tuple(
        (level, phrase(row.condition, _), phrase(row.contact, _), figure(row.time, _))
        for level, row in document.matrix.items()
    )
    entries = tuple(
        (_(severity), _entry(document.entry.get(severity, ()), _)) for severity in SEVERITIES
    )
    since = (
        _("Each level must have acknowledged within its time, counted from the alert.")
        if document.measured_from == "alert"
        else _("Each level must have acknowledged within its time, counted from its own page.")
    )
    after = _(
        "After the last level's time everybody is paged again every {repeat}. A contact who does "
        "not acknowledge within {backup} is backed up."
    ).format(repeat=figure(document.repeat_every, _), backup=figure(document.backup_after, _))
    return (
        Paragraph(since),
        Table((_("Level"), _("Condition"), _("Contact"), _("Time")), rows),
        Paragraph(after),
        Table((_("Severity"), _("Paged at once")), entries),
    )


def _entry(levels: tuple[Entry, ...], _: Say) -> str:
    if not levels:
        return _("nobody")
    hours = _("in hours")
    return ", ".join(
        f"{entry.level} ({hours})" if entry.in_hours else entry.level for entry in levels
    )


def _backup(contacts: dict[str, Contact], contact: Contact) -> str:
    if contact.backup is None:
        return ""
    backup = contacts[contact.backup]
    return backup.name or backup.team or contact.backup
