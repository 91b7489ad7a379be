"""What holds for every alert, document and time."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.operations.escalation.escalate import EscalationFacts, next_due, pages
from bigbrother.operations.escalation.reach import addresses
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import SEVERITIES
from tests.unit.operations.escalation.documents import MONDAY_10_AM, document, minutes

DOCUMENTS = (
    document(),
    document("escalation: {measured_from: level}"),
    document(
        """
escalation: {repeat_every: 20min, backup_after: 25min}
contacts:
  ops: {schedule: "mon-fri 06:00-22:00", time_zone: America/Sao_Paulo}
  engineering: {time_zone: Australia/Lord_Howe, backup: night}
  night: {name: Night shift, email: night@company.com, schedule: "mon-sun 22:00-06:00"}
"""
    ),
)
WEEK = timedelta(days=7)


@st.composite
def alerts(draw: st.DrawFn) -> EscalationFacts:
    """An alert of any kind; some of its pages reached nothing."""
    fired_at = MONDAY_10_AM + minutes(draw(st.integers(0, 7 * 24 * 60)))
    severity = draw(st.sampled_from(SEVERITIES))
    grace = draw(st.sampled_from([0, 5 / 60, 20, 90]))
    ends = st.none() | st.integers(0, 3000).map(lambda after: fired_at + minutes(after))
    spans = draw(st.lists(st.integers(0, 900), max_size=4, unique=True).map(sorted))
    facts = EscalationFacts(
        "a",
        severity,
        fired_at,
        fired_at + minutes(grace),
        acknowledged_at=draw(st.sampled_from([None, None, draw(ends)])),
        resolved_at=draw(st.sampled_from([None, None, draw(ends)])),
        acknowledged_before=tuple(
            (fired_at + minutes(begin), fired_at + minutes(end))
            for begin, end in zip(spans[::2], spans[1::2], strict=False)
        ),
    )
    unreachable: dict[str, datetime] = {}
    for runbook in DOCUMENTS:
        for page in pages(facts, runbook, fired_at + minutes(300)):
            if draw(st.integers(0, 5)) == 0:
                unreachable[page.key] = page.due_at + minutes(draw(st.integers(0, 40)))
    return EscalationFacts(
        facts.alert_id,
        severity,
        fired_at,
        facts.page_after,
        facts.acknowledged_at,
        facts.resolved_at,
        unreachable,
        facts.acknowledged_before,
    )


@settings(max_examples=60, deadline=None)
@given(alerts(), st.sampled_from(DOCUMENTS), st.data())
def test_what_is_due_by_a_time_is_the_beginning_of_what_is_due_later(
    facts: EscalationFacts, runbook: Runbook, data: st.DataObject
) -> None:
    everything = pages(facts, runbook, facts.fired_at + minutes(2000))
    assert [page.due_at for page in everything] == sorted(page.due_at for page in everything)
    keys = [page.key for page in everything]
    assert len(set(keys)) == len(keys)
    at = facts.fired_at + minutes(data.draw(st.integers(-5, 2000)))
    by_then = pages(facts, runbook, at)
    assert by_then == tuple(page for page in everything if page.due_at <= at)
    later = pages(facts, runbook, facts.fired_at + minutes(2000), since=at)
    assert by_then + later == everything


@settings(max_examples=40, deadline=None)
@given(alerts(), st.sampled_from(DOCUMENTS))
def test_who_asks_when_told_to_misses_no_page(facts: EscalationFacts, runbook: Runbook) -> None:
    at, end, seen = facts.fired_at, facts.fired_at + minutes(1000), []
    while at is not None and at <= end:
        seen += [page for page in pages(facts, runbook, at) if page not in seen]
        assert all(page.due_at == at for page in seen if page.due_at >= at)
        following = next_due(facts, runbook, at)
        if following is None:
            break
        assert following > at
        at = following
    assert tuple(seen) == pages(facts, runbook, end)


@settings(max_examples=40, deadline=None)
@given(alerts(), st.sampled_from(DOCUMENTS))
def test_nobody_is_paged_without_an_address_or_awake_off_hours(
    facts: EscalationFacts, runbook: Runbook
) -> None:
    for page in pages(facts, runbook, facts.fired_at + WEEK):
        contact = runbook.contacts[page.contact]
        assert addresses(page.contact, runbook, page.quiet)
        assert page.quiet is not contact.schedule.is_open(page.due_at, contact.time_zone)


@settings(max_examples=40, deadline=None)
@given(alerts(), st.integers(0, 300))
def test_learning_that_a_page_failed_changes_nothing_before(
    facts: EscalationFacts, after: int
) -> None:
    runbook = DOCUMENTS[0]
    known_at = facts.fired_at + minutes(after)
    earlier = EscalationFacts(
        facts.alert_id,
        facts.severity,
        facts.fired_at,
        facts.page_after,
        facts.acknowledged_at,
        facts.resolved_at,
        {key: at for key, at in facts.unreachable.items() if at < known_at},
        facts.acknowledged_before,
    )
    before = known_at - minutes(1)
    assert pages(earlier, runbook, before) == pages(facts, runbook, before)
