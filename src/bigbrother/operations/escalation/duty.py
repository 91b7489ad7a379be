"""Who works at a moment, and who of a level can be reached."""

from collections.abc import Iterator
from datetime import datetime

from bigbrother.operations.escalation.reach import addresses
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.escalation import Level


class Duty:
    """The contacts of one document, as escalation sees them."""

    def __init__(self, runbook: Runbook) -> None:
        self._runbook = runbook
        self._has: dict[tuple[str, bool], bool] = {}

    def contact(self, level: Level) -> str:
        """The name of the level's contact."""
        return self._runbook.escalation.matrix[level].contact

    def backup(self, contact: str) -> str | None:
        """The name of the contact's backup, if it has one."""
        person = self._runbook.contacts.get(contact)
        return None if person is None else person.backup

    def chain(self, contact: str) -> Iterator[str]:
        """The contact, its backup, the backup's backup; each once."""
        seen: set[str] = set()
        following: str | None = contact
        while following is not None and following not in seen:
            seen.add(following)
            yield following
            following = self.backup(following)

    def works(self, contact: str, at: datetime) -> bool:
        """Whether the contact's schedule is open."""
        person = self._runbook.contacts.get(contact)
        return person is not None and person.schedule.is_open(at, person.time_zone)

    def until(self, contact: str, at: datetime) -> datetime | None:
        """When the contact begins or stops to work; None if it never does."""
        person = self._runbook.contacts.get(contact)
        return None if person is None else person.schedule.next_change(at, person.time_zone)

    def has_address(self, contact: str, *, quiet: bool) -> bool:
        """Whether an enabled channel reaches the contact at all."""
        key = (contact, quiet)
        if key not in self._has:
            self._has[key] = bool(addresses(contact, self._runbook, quiet))
        return self._has[key]

    def reachable(self, contact: str, at: datetime) -> bool:
        """Whether the contact works, and a channel reaches it."""
        return self.has_address(contact, quiet=False) and self.works(contact, at)

    def on_duty(self, level: Level, at: datetime) -> str | None:
        """Who of the level's contact and its backups is the first that can be reached."""
        return next(
            (each for each in self.chain(self.contact(level)) if self.reachable(each, at)), None
        )

    def opens(self, level: Level, at: datetime) -> datetime | None:
        """When somebody of a level that is off hours can be reached; None for never."""
        moments = [
            self.until(each, at)
            for each in self.chain(self.contact(level))
            if self.has_address(each, quiet=False) and not self.works(each, at)
        ]
        return min((moment for moment in moments if moment is not None), default=None)
