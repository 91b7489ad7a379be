"""Proves that nobody is left alone: every severity and level reaches somebody at every minute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bigbrother.operations.escalation.duty import Duty
from bigbrother.operations.escalation.escalate import EscalationFacts, pages
from bigbrother.operations.escalation.page import Page
from bigbrother.operations.escalation.reach import addresses
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import SEVERITIES, Severity
from bigbrother.runbook.sections.escalation import LEVELS, Entry, Level


@dataclass(frozen=True, slots=True)
class Hole:
    """An alert of a severity that reaches nobody; `str` of it is a sentence with the remedy."""

    severity: Severity
    level: Level | None
    """None: the severity's broadcast."""
    at: datetime
    """The first time at which it is so."""
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.reason} {self.remedy}"


def holes(runbook: Runbook, first: datetime, days: int = 400) -> tuple[Hole, ...]:
    """What the document leaves open in the days from `first` on; the first of a kind each.

    For each severity that pages people, and each level, an alert is played through `pages` that
    makes this level's turn come. Its turn must reach somebody who works, over an enabled channel;
    with a severity that waits for office hours a quiet message is enough.

    Not every minute is played. What a turn does at a moment depends on the moment only through
    who works then (`Duty.works`): so it is the same from one beginning or end of anybody's hours
    to the next, and the same whenever the same people work. It is enough to go through `first`
    and all these moments, and to play each set of people who work once. Contacts' zones and the
    moving of their clocks are in the moments at which their hours begin and end.

    Each severity must also have an enabled channel for its broadcast.
    """
    found = [*_silent_broadcasts(runbook, first)]
    probes = [
        (severity, level, _only(runbook, severity, level))
        for severity in SEVERITIES
        if runbook.escalation.entry.get(severity)
        for level in LEVELS
    ]
    duty, played = Duty(runbook), set()
    for at in _changes(runbook, first, first + timedelta(days=days)):
        at_work = frozenset(name for name in runbook.contacts if duty.works(name, at))
        if at_work in played:
            continue
        played.add(at_work)
        still_whole = []
        for severity, level, alone in probes:
            if _reaches(severity, alone, at):
                still_whole.append((severity, level, alone))
            else:
                found.append(_hole(severity, level, at, runbook))
        probes = still_whole
    return tuple(found)


def _silent_broadcasts(runbook: Runbook, first: datetime) -> Iterator[Hole]:
    channels = runbook.alert_config.channels.values()
    for severity in SEVERITIES:
        if not any(channel.enabled and severity in channel.severity for channel in channels):
            yield Hole(
                severity,
                None,
                first,
                f"Alerts of severity {severity} go to no channel.",
                f"Enable a channel, and name {severity} under its severity.",
            )


def _only(runbook: Runbook, severity: Severity, level: Level) -> Runbook:
    """The document with this level as the only one that the severity enters at."""
    entry = {**runbook.escalation.entry, severity: (Entry(level=level),)}
    escalation = runbook.escalation.model_copy(update={"entry": entry})
    return runbook.model_copy(update={"escalation": escalation})


def _changes(runbook: Runbook, first: datetime, end: datetime) -> list[datetime]:
    """`first`, and every moment before `end` at which somebody begins or stops to work."""
    duty, moments = Duty(runbook), {first}
    for contact in runbook.contacts:
        change = duty.until(contact, first)
        while change is not None and change < end:
            moments.add(change)
            change = duty.until(contact, change)
    return sorted(moments)


def _reaches(severity: Severity, alone: Runbook, at: datetime) -> bool:
    alert = EscalationFacts("probe", severity, fired_at=at, page_after=at)
    must_wake = severity in alone.escalation.falls_through
    return any(
        addresses(page.contact, alone, page.quiet)
        for page in pages(alert, alone, at)
        if _is_enough(page, must_wake=must_wake)
    )


def _is_enough(page: Page, *, must_wake: bool) -> bool:
    return not page.quiet or not must_wake


def _hole(severity: Severity, level: Level, at: datetime, runbook: Runbook) -> Hole:
    contact = runbook.escalation.matrix[level].contact
    person = runbook.contacts.get(contact)
    about = f"An alert of severity {severity} reaches nobody at {level} from {at:%F %H:%M} UTC:"
    if person is None:
        reason = f"{about} there is no contact '{contact}'."
        remedy = f"Add {contact} to contacts, or name another in escalation.matrix.{level}."
    elif not addresses(contact, runbook):
        reason = f"{about} no enabled channel reaches {contact}."
        remedy = "Enable a channel of alert_config for which the contact has an address."
    else:
        reason = (
            f"{about} {contact} works {person.schedule} ({person.time_zone}), and nobody at "
            "another level works then."
        )
        remedy = f"Give {contact} a backup that works then, or a level a contact with 24/7."
    return Hole(severity, level, at, reason, remedy)
