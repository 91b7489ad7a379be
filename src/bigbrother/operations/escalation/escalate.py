"""Who is to be paged about an alert, and when: a function of facts, document and time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bigbrother.operations.escalation.climb import Climb, Moment, Subject
from bigbrother.operations.escalation.duty import Duty
from bigbrother.operations.escalation.page import Page
from bigbrother.operations.escalation.plan import plan
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Severity


@dataclass(frozen=True, slots=True)
class EscalationFacts:
    """What escalation must know of an alert. All times are aware, in UTC."""

    alert_id: str
    severity: Severity
    fired_at: datetime
    page_after: datetime
    """Nobody is paged before: the grace."""
    acknowledged_at: datetime | None = None
    """Since when it is acknowledged; None while it is not."""
    resolved_at: datetime | None = None
    unreachable: Mapping[str, datetime] = field(default_factory=dict)
    """Keys of pages whose every message failed, and when."""
    acknowledged_before: tuple[tuple[datetime, datetime], ...] = ()
    """Spans of acknowledgements that were taken back, in order: from, until."""


def pages(
    facts: EscalationFacts, runbook: Runbook, at: datetime, since: datetime | None = None
) -> tuple[Page, ...]:
    """All pages that are due by `at`, in the order of their time; of them those after `since`.

    The same whenever it is asked: what is due by an earlier time is the beginning of what is due
    by a later one, keys and all. Acknowledgement and the end of the alert stop it: what was due
    before them stays. Once an acknowledgement is taken back, everybody whose turn came meanwhile
    is paged once, and it goes on from there.

    Every level's contact is paged in its turn (`plan`). A contact that does not acknowledge
    within `backup_after` is followed by its backup; one that no message reached is followed at
    once by its backup or else by the next level up that works, whatever the severity. Past the
    last level's time all levels are paged, again every `repeat_every`.
    """
    since_or_first = facts.fired_at if since is None else since
    found: list[Page] = []
    for moment, due in _until_it_ends(facts, runbook, since_or_first):
        if moment > at:
            break
        if since is None or moment > since:
            found += due
    return tuple(found)


def next_due(facts: EscalationFacts, runbook: Runbook, at: datetime) -> datetime | None:
    """When `pages` must be asked again: never after the next page, at times before it.

    None when nobody will be paged any more, as things stand.
    """
    return next(
        (moment for moment, _ in _until_it_ends(facts, runbook, at) if moment > at),
        None,
    )


def breached_at(facts: EscalationFacts, runbook: Runbook) -> datetime | None:
    """When the last level's time is over; None for a severity that pages nobody in person."""
    planned = plan(facts.severity, facts.fired_at, facts.page_after, runbook, Duty(runbook))
    return None if planned is None else planned.breached_at


def _until_it_ends(facts: EscalationFacts, runbook: Runbook, since: datetime) -> Iterator[Moment]:
    spans = facts.acknowledged_before
    # What a span kept back is paged at its end, so it is looked at from its beginning.
    first = min([since, *(begin for begin, end in spans if end > since)])
    ends = [end for end in (facts.acknowledged_at, facts.resolved_at) if end is not None]
    for moment, due in _kept_back(_moments(facts, runbook, first), spans, Duty(runbook)):
        if ends and moment >= min(ends):
            return
        yield moment, due


def _moments(facts: EscalationFacts, runbook: Runbook, since: datetime) -> Iterator[Moment]:
    """Every moment of an alert that nobody acknowledges, without end; those before the round in
    which `since` lies may be left out."""
    duty, escalation = Duty(runbook), runbook.escalation
    planned = plan(facts.severity, facts.fired_at, facts.page_after, runbook, duty)
    if planned is None:
        return
    fired_ms = round(facts.fired_at.timestamp() * 1000)
    subject = Subject(facts.alert_id, f"{facts.alert_id}:{fired_ms}", facts.unreachable)
    breached = planned.breached_at
    if since < breached:
        climb = Climb(subject, escalation, duty)
        for turn in planned.turns:
            climb.turn(turn)
        yield from climb.moments(before=breached)
    every = escalation.repeat_every.duration
    number = max(0, (since - breached) // every)
    while True:
        begins_at = breached + number * every
        climb = Climb(subject, escalation, duty)
        if number == 0:
            climb.everybody(begins_at, "breached", "breached")
        else:
            climb.everybody(begins_at, f"repeated-{number}", "repeated")
        yield from climb.moments(before=begins_at + every)
        number += 1


def _kept_back(
    moments: Iterable[Moment], spans: tuple[tuple[datetime, datetime], ...], duty: Duty
) -> Iterator[Moment]:
    """Moves what is due in a span to its end: the last page of each contact."""
    waiting = list(spans)
    kept: dict[str, Page] = {}
    for moment, due in moments:
        while waiting and waiting[0][1] < moment:
            _, end = waiting.pop(0)
            yield end, tuple(_moved(kept.values(), end, duty))
            kept = {}
        if waiting and waiting[0][0] <= moment:
            kept |= {page.contact: page for page in due}
        else:
            yield moment, due


def _moved(kept: Iterable[Page], end: datetime, duty: Duty) -> Iterator[Page]:
    for page in kept:
        quiet = not duty.works(page.contact, end)
        if duty.has_address(page.contact, quiet=quiet):
            yield replace(page, due_at=end, quiet=quiet)
