"""From open alerts to messages: who is told what, and when.

The decisions are others': `Quieter` says who must not page now, `escalate.pages` who is to be
paged. What is decided is queued and remembered in one transaction.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bigbrother.operations.alerts.book import AlertBook, Change
from bigbrother.operations.alerts.errors import AlertNotFound
from bigbrother.operations.alerts.outbox.messages import Content, NewMessage
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.alerts.quiet import Quieter
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.alerts.silences import active
from bigbrother.operations.escalation.escalate import EscalationFacts, next_due, pages
from bigbrother.operations.response import said
from bigbrother.operations.response.gathering import Gathering, Group, Hearers
from bigbrother.operations.response.places import places
from bigbrother.operations.response.said import Said
from bigbrother.operations.response.telling import Explanation
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook

Note = tuple[str, str, str]
"""An alert, what happened to it, and the detail."""
Link = Callable[[str, str, datetime], str]
"""Address of the acknowledgement page: of a message's key, a contact, until when it is good."""
Explain = Callable[[Alert, str, datetime], Explanation]
"""What is known of an alert's cause and cure, for a contact."""
# A failure or an acknowledgement may be learned of after its time.
_LOOKED_BACK = timedelta(hours=1)


class Pager:
    """Follows the open alerts; one thread calls it."""

    def __init__(
        self,
        store: Store,
        book: AlertBook,
        outbox: Outbox,
        runbook: Callable[[], Runbook],
        link: Link,
        explain: Explain,
    ) -> None:
        self._store = store
        self._book = book
        self._outbox = outbox
        self._runbook = runbook
        self._link = link
        self._explain = explain
        self._said: dict[str, Said] = {}
        self._due: dict[str, datetime] = {}
        self._gathering = Gathering()
        self._epoch: object = None
        self._unreachable: Mapping[str, datetime] = {}
        self._began = datetime.min.replace(tzinfo=UTC)

    def begin(self, now: datetime) -> None:
        """Remembers what was said before this watcher began, and says what was left unsaid."""
        self._began = now
        self._unreachable = self._outbox.failed_pages()
        ids = [alert.id for alert in self._book.open_alerts()]
        since = now - self._runbook().retention.alert_history.duration
        # Their ends are told in the first round, as those of alerts that end later.
        ended = self._store.read(lambda conn: said.unfinished(conn, since))
        self._said = self._store.read(lambda conn: said.load(conn, [*ids, *ended]))

    def look_again(self) -> None:
        """A round failed in its midst: what it was about to say is decided anew."""
        self._epoch = None

    def follow(self, changes: Sequence[Change], now: datetime) -> datetime | None:
        """Says what is to be said now; the moment at which to look again."""
        self._due |= {change.alert.id: now for change in changes}
        # Not by the changes alone: those of a round that failed are not told again.
        for alert_id in [key for key in self._said if self._book.find(key) is None]:
            self._over(alert_id, now)
        self._look_at_all_if_others_changed(now)
        self._evaluate([key for key, due in self._due.items() if due <= now], now)
        self._flush(self._gathering.due(now), now)
        moments = [*self._due.values(), self._gathering.next_due()]
        return min((moment for moment in moments if moment is not None), default=None)

    def explained(self, now: datetime) -> None:
        """A diagnosis came, or a run asks for a yes: whoever knows of the alert is told."""
        for alert_id in self._said:
            self._due[alert_id] = now

    def keeps_quiet(self, alert: Alert) -> bool:
        """Whether the alert must not page, as of the last `follow`."""
        return self._quieter.of(alert) is not None

    def delivery_failed(self, now: datetime) -> None:
        """Some message ended: perhaps nobody could be reached, and the next one is due."""
        self._unreachable = self._outbox.failed_pages()
        for alert_id, known in self._said.items():
            if any(key in self._unreachable for key in known.pages.values()):
                self._due[alert_id] = now

    def _look_at_all_if_others_changed(self, now: datetime) -> None:
        """Silences, inhibiting alerts, maintenance and the document decide about all alerts, and
        people acknowledge by way of other processes."""
        runbook = self._runbook()
        silences = self._store.read(lambda conn: active(conn, now))
        alerts = self._book.open_alerts()
        self._quieter = Quieter(alerts, silences, runbook, now)
        taken_on = [
            (alert.id, alert.acknowledged_at)
            for alert in alerts
            if alert.acknowledged_at is not None
        ]
        epoch = (runbook, self._quieter.epoch, taken_on)
        if epoch != self._epoch:
            self._epoch = epoch
            self._due |= {alert.id: now for alert in alerts}

    def _evaluate(self, alert_ids: Sequence[str], now: datetime) -> None:
        notes: list[Note] = []
        for alert_id in alert_ids:
            del self._due[alert_id]
            alert = self._book.find(alert_id)
            if alert is None or alert.state is not AlertState.FIRING:
                self._gathering.drop([alert_id])
                continue
            known = self._said.setdefault(alert_id, Said())
            if self._keeps_quiet(alert, known, now, notes):
                self._gathering.drop([alert_id])
                continue
            due = self._tell(alert, known, now)
            if due is not None:
                self._due[alert_id] = due
        if not notes:
            return

        def write(conn: sqlite3.Connection) -> None:
            for note in notes:
                said.remember(conn, *note, at=now)

        self._store.write(write)

    def _keeps_quiet(self, alert: Alert, known: Said, now: datetime, notes: list[Note]) -> bool:
        """Whether the alert must not page now; a change of that is noted."""
        quiet = self._quieter.of(alert)
        if quiet is not None:
            known.inhibited, known.lingers_until = quiet.reason == "inhibition", None
            if not known.quiet:
                known.quiet = True
                notes.append((alert.id, "quieted", f"{quiet.reason} {quiet.by}"))
            return True
        if not known.quiet:
            return False
        if known.inhibited:
            # An inhibiting alert that flickers must not let the others page each time.
            lingers = self._runbook().alerts.inhibition_lingers.duration
            known.lingers_until = known.lingers_until or now + lingers
            if now < known.lingers_until:
                self._due[alert.id] = known.lingers_until
                return True
        known.quiet, known.heard_at = False, now
        notes.append((alert.id, "heard", ""))
        return False

    def _tell(self, alert: Alert, known: Said, now: datetime) -> datetime | None:
        """Gathers what is to be said of a firing alert; when to look at it again."""
        runbook = self._runbook()
        assert alert.fired_at is not None  # noqa: S101 - it fires
        assert alert.page_after is not None  # noqa: S101 - it fires
        if alert.acknowledged_at is not None:
            self._gathering.drop([alert.id])
            self._follow_up(alert, known, now)
            return None
        if now < alert.page_after:
            return alert.page_after
        self._follow_up(alert, known, now)
        look_until = self._began + runbook.watching.look_within.duration
        if alert.seen_at < self._began <= now < look_until:
            # It may have ended while nobody watched: the first look comes before the next page.
            return look_until
        flush_at = now + runbook.alert_config.gather.duration
        for name, channel in runbook.alert_config.channels.items():
            wanted = channel.enabled and alert.severity in channel.severity
            if wanted and known.channels.get(name) != alert.fired_at:
                hearers = Hearers("broadcast", alert.severity, channel=name)
                self._gathering.add(hearers, alert, flush_at, None)
        facts = self._facts(alert, known)
        since = None if known.looked_at is None else known.looked_at - _LOOKED_BACK
        known.looked_at = now
        for page in pages(facts, runbook, now, since):
            if page.key not in known.pages:
                hearers = Hearers("page", alert.severity, contact=page.contact, quiet=page.quiet)
                self._gathering.add(hearers, alert, flush_at, page)
        return next_due(facts, runbook, now)

    def _follow_up(self, alert: Alert, known: Said, now: datetime) -> None:
        """A page does not wait for its diagnosis, nor for a run to ask for a yes: they follow."""
        explanation = self._explain(alert, "", now)
        if not explanation.whole and not explanation.asks:
            return
        flush_at = now + self._runbook().alert_config.gather.duration
        severity = alert.severity
        told = [Hearers("diagnosis", severity, channel=channel) for channel in known.channels]
        told += [
            Hearers("diagnosis", severity, contact=contact, quiet=quiet)
            for contact, quiet in known.contacts.items()
        ]
        for hearers in told:
            if explanation.asks and (*hearers.known_as, explanation.asks) not in known.asked:
                asked = replace(hearers, asks=explanation.asks)
                self._gathering.add(asked, alert, flush_at, None)
            elif explanation.whole and hearers.known_as not in known.diagnosed:
                self._gathering.add(hearers, alert, flush_at, None)

    def _facts(self, alert: Alert, known: Said) -> EscalationFacts:
        assert alert.fired_at is not None  # noqa: S101 - it fires
        assert alert.page_after is not None  # noqa: S101 - it fires
        fired_at, page_after = alert.fired_at, alert.page_after
        if known.heard_at is not None:
            # Whoever was silent for two hours must not wake everybody at once.
            fired_at = max(fired_at, known.heard_at)
            page_after = max(page_after, known.heard_at)
        return EscalationFacts(
            alert_id=alert.id,
            severity=alert.severity,
            fired_at=fired_at,
            page_after=page_after,
            acknowledged_at=alert.acknowledged_at,
            resolved_at=alert.resolved_at,
            unreachable={
                page_key: self._unreachable[message_key]
                for page_key, message_key in known.pages.items()
                if message_key in self._unreachable
            },
            acknowledged_before=self._store.read(
                lambda conn: said.acknowledged_before(conn, alert.id)
            ),
        )

    def _over(self, alert_id: str, now: datetime) -> None:
        """Tells everybody who was told that it is over."""
        self._gathering.drop([alert_id])
        self._due.pop(alert_id, None)
        known = self._said[alert_id]
        try:
            alert = self._book.get(alert_id)
        except AlertNotFound:
            # Thrown away with the history, which is kept for so long that nobody waits for it.
            del self._said[alert_id]
            return
        if not known.anything:
            del self._said[alert_id]
            return
        flush_at = now + self._runbook().alert_config.gather.duration
        for channel in known.channels:
            if ("told", channel) not in known.ended:
                hearers = Hearers("resolved", alert.severity, channel=channel)
                self._gathering.add(hearers, alert, flush_at, None)
        for contact, quiet in known.contacts.items():
            if ("paged", contact) not in known.ended:
                hearers = Hearers("resolved", alert.severity, contact=contact, quiet=quiet)
                self._gathering.add(hearers, alert, flush_at, None)

    def _flush(self, groups: Iterable[Group], now: datetime) -> None:
        prepared = []
        for group in groups:
            known = self._explanations(group, now)
            texts = {alert_id: each.text for alert_id, each in known.items()}
            prepared.append((group, self._messages(group, texts, now), known))
        if not prepared:
            return
        breached = {
            page.alert_id
            for group, _, _ in prepared
            for page in group.pages.values()
            if page.reason == "breached" and not self._said[page.alert_id].breached
        }

        def queue(conn: sqlite3.Connection) -> None:
            for group, messages, explained in prepared:
                self._outbox.queue_in(conn, messages, now)
                self._remember(conn, group, now)
                for alert_id, each in explained.items():
                    said.remember_explained(
                        conn, alert_id, group.hearers.known_as, each.whole, each.asks, now
                    )
            for alert_id in breached:
                said.remember(conn, alert_id, "breached", "", now)

        self._store.write(queue)
        for group, _, explained in prepared:
            self._keep(group)
            for alert_id, each in explained.items():
                if alert_id in self._said:
                    self._said[alert_id].was_explained(
                        group.hearers.known_as, each.whole, each.asks
                    )
        self._outbox.wake()

    def _explanations(self, group: Group, now: datetime) -> dict[str, Explanation]:
        """By the ids of the group's alerts."""
        if group.hearers.kind == "resolved":
            return {}
        return {
            alert.id: self._explain(alert, group.hearers.contact, now)
            for alert in group.alerts.values()
        }

    def _remember(self, conn: sqlite3.Connection, group: Group, now: datetime) -> None:
        hearers, key = group.hearers, group.key
        for alert in group.alerts.values():
            if hearers.kind == "resolved":
                said.remember_end(conn, alert.id, hearers.known_as, now)
            elif hearers.kind == "broadcast" and alert.fired_at is not None:
                said.remember_broadcast(conn, alert.id, hearers.channel, alert.fired_at, now)
        for page in group.pages.values():
            loudness = "quiet" if page.quiet else "loud"
            detail = (loudness, f"{page.level}:{page.reason}", page.key, key)
            said.remember_page(conn, page.alert_id, page.contact, detail, now)

    def _keep(self, group: Group) -> None:
        """In memory, once it is in the file."""
        hearers, key = group.hearers, group.key
        for alert in group.alerts.values():
            if hearers.kind == "resolved":
                self._told_the_end(alert.id, hearers)
            elif hearers.kind == "broadcast" and alert.fired_at is not None:
                self._said[alert.id].channels[hearers.channel] = alert.fired_at
        for page in group.pages.values():
            known = self._said[page.alert_id]
            known.pages[page.key] = key
            known.contacts[page.contact] = page.quiet and known.contacts.get(page.contact, True)
            known.breached |= page.reason == "breached"

    def _told_the_end(self, alert_id: str, hearers: Hearers) -> None:
        known = self._said[alert_id]
        known.ended.add(hearers.known_as)
        told = {("told", channel) for channel in known.channels}
        told |= {("paged", contact) for contact in known.contacts}
        if told <= known.ended:
            del self._said[alert_id]

    def _messages(self, group: Group, texts: Mapping[str, str], now: datetime) -> list[NewMessage]:
        runbook, hearers = self._runbook(), group.hearers
        lives = runbook.alert_config.acknowledge_link_lives.duration
        alerts = tuple(group.alerts.values())
        url = (
            ""
            if hearers.kind in ("resolved", "diagnosis")
            else self._link(group.key, hearers.contact, now + lives)
        )
        content = Content.of(alerts, acknowledge_url=url, diagnoses=texts)
        levels = sorted({page.level for page in group.pages.values()})
        return [
            NewMessage(
                key=f"{group.key} {channel} {address}",
                kind=hearers.kind,
                channel=channel,
                address=address,
                contact=hearers.contact,
                level=" ".join(levels),
                page_key=group.key if hearers.kind == "page" else "",
                alert_ids=tuple(group.alerts),
                content=content,
                due_at=now,
            )
            for channel, address in places(hearers, runbook)
        ]
