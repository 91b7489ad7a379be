"""Findings come out in the order in which they were seen, also those that were put back."""

from datetime import UTC, datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.response.inbox import Inbox


def finding(name: str) -> Finding:
    return Finding(name, Status.FAILED, datetime(2026, 11, 23, tzinfo=UTC))


def test_what_is_put_back_comes_before_what_came_since() -> None:
    inbox = Inbox()
    inbox.put([finding("first"), finding("second"), finding("third")])
    taken = inbox.take(2, 0)
    inbox.put([finding("fourth")])
    inbox.put_back(taken)
    assert [each.alert for each in inbox.take(9, 0)] == ["first", "second", "third", "fourth"]


def test_nobody_waits_once_it_was_woken() -> None:
    inbox = Inbox()
    inbox.wake()
    assert inbox.take(9, 60) == []
