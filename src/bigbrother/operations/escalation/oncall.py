"""Who would be paged about an alert that fires at a given moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bigbrother.operations.escalation.duty import Duty
from bigbrother.operations.escalation.escalate import EscalationFacts, next_due, pages
from bigbrother.operations.escalation.page import Page
from bigbrother.operations.escalation.reach import Address, addresses
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import SEVERITIES, Severity

_LOOK_AHEAD = timedelta(days=8)
"""Everybody's hours have come once by then."""


@dataclass(frozen=True, slots=True)
class Paged:
    """A contact that would be paged, and how."""

    page: Page
    condition: str
    """What the level is for, as in section 8.1."""
    who: str
    """The contact's name or team."""
    works: bool
    until: datetime | None
    """When that changes; None if it never does."""
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class OnCall:
    """What an alert of one severity would set off."""

    severity: Severity
    broadcast: tuple[str, ...]
    """Names of the channels on which everybody is told."""
    at_once: tuple[Paged, ...]
    """Empty for a severity that pages nobody in person."""
    then: tuple[Paged, ...]
    """Who follows next if nobody acknowledges: all pages of that moment."""


def on_call(runbook: Runbook, at: datetime) -> tuple[OnCall, ...]:
    """For each severity, gravest first, who is paged about an alert that fires at `at`."""
    return tuple(_on_call(runbook, severity, at) for severity in reversed(SEVERITIES))


def _on_call(runbook: Runbook, severity: Severity, at: datetime) -> OnCall:
    alert = EscalationFacts("asked", severity, fired_at=at, page_after=at)
    then: tuple[Page, ...] = ()
    moment = next_due(alert, runbook, at)
    while not then and moment is not None and moment < at + _LOOK_AHEAD:
        then = tuple(page for page in pages(alert, runbook, moment, since=at))
        moment = next_due(alert, runbook, moment)
    return OnCall(
        severity,
        tuple(
            name
            for name, channel in runbook.alert_config.channels.items()
            if channel.enabled and severity in channel.severity
        ),
        tuple(_paged(page, runbook, at) for page in pages(alert, runbook, at)),
        tuple(_paged(page, runbook, page.due_at) for page in then),
    )


def _paged(page: Page, runbook: Runbook, at: datetime) -> Paged:
    duty, person = Duty(runbook), runbook.contacts[page.contact]
    return Paged(
        page,
        runbook.escalation.matrix[page.level].condition,
        person.name or person.team,
        duty.works(page.contact, at),
        duty.until(page.contact, at),
        addresses(page.contact, runbook, page.quiet),
    )
