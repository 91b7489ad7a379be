"""Plays an alert's way through the levels, moment by moment."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bigbrother.operations.escalation.duty import Duty
from bigbrother.operations.escalation.page import Page, PageReason
from bigbrother.operations.escalation.plan import Turn
from bigbrother.runbook.sections.escalation import LEVELS, Escalation, Level

Moment = tuple[datetime, tuple[Page, ...]]
"""A time at which somebody may have to be paged, and who is."""
_Act = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the pages are about."""

    alert_id: str
    key: str
    """The alert and its firing; every page's key begins so."""
    unreachable: Mapping[str, datetime]
    """Pages, by key, whose every message failed, and when."""


class Climb:
    """One part of the way: from the entry to the breach, or one round of repeated pages.

    Things happen in the order of their time, and what happens at a moment depends on nothing
    later: whoever stops early has seen the beginning of what a patient one sees.
    """

    def __init__(self, subject: Subject, escalation: Escalation, duty: Duty) -> None:
        self._subject = subject
        self._escalation = escalation
        self._duty = duty
        self._queue: list[tuple[datetime, int, _Act]] = []
        self._queued = 0
        self._pages: list[Page] = []
        self._told_at: dict[str, datetime] = {}
        """When each contact was last paged, other than quietly."""
        self._quietly_told_at: dict[str, datetime] = {}

    def turn(self, turn: Turn) -> None:
        """Queues a level's turn, and what holds it until its hours."""
        level = turn.level
        if turn.held_until is None:
            what = "entry" if turn.reason == "entry" else "escalated"
            self._at(turn.due_at, lambda at: self._page_or_pass(level, at, what, turn.reason))
            return
        self._hold_from(turn.due_at, turn.held_until, level, 0)
        self._at(
            turn.held_until, lambda at: self._page_or_pass(level, at, "opened", "not-acknowledged")
        )

    def everybody(self, at: datetime, what: str, reason: PageReason) -> None:
        """Queues a page for the contact of every level."""
        self._at(at, lambda at: self._page_all(at, what, reason))

    def moments(self, before: datetime) -> Iterator[Moment]:
        """Everything that happens before a time, in order."""
        while self._queue and self._queue[0][0] < before:
            at, _, act = heapq.heappop(self._queue)
            self._pages = []
            act(at)
            yield at, tuple(self._pages)

    def _at(self, at: datetime, act: _Act) -> None:
        self._queued += 1
        heapq.heappush(self._queue, (at, self._queued, act))

    def _hold_from(self, at: datetime, until: datetime, level: Level, number: int) -> None:
        def hold(at: datetime) -> None:
            self._hold(level, at, f"held-{number}-for-{level}")
            again_at = at + self._escalation.repeat_every.duration
            if again_at < until:
                self._hold_from(again_at, until, level, number + 1)

        self._at(at, hold)

    def _page_or_pass(self, level: Level, at: datetime, what: str, reason: PageReason) -> None:
        """Pages the level; one that nobody can be reached of is passed, up and then down."""
        if self._page_level(level, at, what, reason):
            return
        contact, number = self._duty.contact(level), LEVELS.index(level)
        self._page_quietly(level, contact, at, what)
        why: PageReason = "unreachable" if self._duty.works(contact, at) else "off-hours"
        for other in (*LEVELS[number + 1 :], *reversed(LEVELS[:number])):
            if self._page_level(other, at, f"{what}-for-{level}", why):
                return
            self._page_quietly(other, self._duty.contact(other), at, f"{what}-for-{level}")

    def _hold(self, level: Level, at: datetime, what: str) -> None:
        """Keeps the last level below that can be reached awake."""
        for below in reversed(LEVELS[: LEVELS.index(level)]):
            if self._page_level(below, at, what, "off-hours"):
                return
        self._page_quietly(level, self._duty.contact(level), at, what)

    def _page_all(self, at: datetime, what: str, reason: PageReason) -> None:
        for level in LEVELS:
            if not self._page_level(level, at, what, reason):
                self._page_quietly(level, self._duty.contact(level), at, what)

    def _page_level(self, level: Level, at: datetime, what: str, reason: PageReason) -> bool:
        contact = self._duty.contact(level)
        on_duty = self._duty.on_duty(level, at)
        if on_duty is None:
            return False
        if on_duty == contact:
            self._page(level, contact, at, what, reason)
            return True
        if self._duty.works(contact, at):
            reason = "unreachable"
        else:
            self._page_quietly(level, contact, at, what)
            reason = "off-hours"
        self._page(level, on_duty, at, what, reason)
        return True

    def _page_quietly(self, level: Level, contact: str, at: datetime, what: str) -> None:
        if self._duty.has_address(contact, quiet=True):
            self._page(level, contact, at, f"{what}-quietly", "off-hours", quiet=True)

    def _page(
        self,
        level: Level,
        contact: str,
        at: datetime,
        what: str,
        reason: PageReason,
        *,
        quiet: bool = False,
    ) -> None:
        """Pages a contact, once a moment: who stands in for others is not paged for each."""
        if self._told_at.get(contact) == at or (quiet and self._quietly_told_at.get(contact) == at):
            return
        key = f"{self._subject.key}:{level}:{contact}:{what}"
        page = Page(key, self._subject.alert_id, level, contact, at, reason, quiet)
        self._pages.append(page)
        (self._quietly_told_at if quiet else self._told_at)[contact] = at
        self._expect_answer(page, what)

    def _expect_answer(self, page: Page, what: str) -> None:
        """Queues the backup of a contact that does not answer, or who follows an unreached one."""
        failed_at = self._subject.unreachable.get(page.key)
        if failed_at is not None:
            failed_at = max(failed_at, page.due_at)
        backup = self._duty.backup(page.contact)
        backup_at = page.due_at + self._escalation.backup_after.duration
        if failed_at is not None and (backup is None or page.quiet or failed_at < backup_at):
            self._at(failed_at, lambda at: self._follow(page, backup, at, what))
        elif backup is not None and not page.quiet:
            self._at(backup_at, lambda at: self._page_backup(page, backup, at, what, "backup"))

    def _follow(self, page: Page, backup: str | None, at: datetime, what: str) -> None:
        """Pages the next contact after one that was not reached: the backup, or a level above."""
        if backup is not None and self._page_backup(page, backup, at, what, "unreachable"):
            return
        for level in LEVELS[LEVELS.index(page.level) + 1 :]:
            contact = self._duty.on_duty(level, at)
            if contact is None or contact == page.contact:
                continue
            if not self._told_since(contact, page.due_at):
                self._page(level, contact, at, f"{what}-after-{page.contact}", "unreachable")
            return

    def _page_backup(
        self, page: Page, backup: str, at: datetime, what: str, reason: PageReason
    ) -> bool:
        """Pages the backup, unless it was told meanwhile; False when it cannot be reached now."""
        if self._told_since(backup, page.due_at):
            return True
        # The same key whatever the reason: a failure that is learned of late pages nobody twice.
        following = f"{what}-after-{page.contact}"
        if self._duty.reachable(backup, at):
            self._page(page.level, backup, at, following, reason)
            return True
        self._page_quietly(page.level, backup, at, following)
        return False

    def _told_since(self, contact: str, at: datetime) -> bool:
        told_at = self._told_at.get(contact)
        return told_at is not None and told_at >= at
