"""Any sequence of findings, time, kills and hands leaves the file sound and loses no end."""

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.book import AlertBook, Change
from bigbrother.operations.alerts.errors import AlertPending
from bigbrother.operations.alerts.records import AlertState
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.store.store import Store
from tests.integration.operations.alerts.books import assert_sound, events, opened_book
from tests.unit.operations.alerts.findings import NOON, document

# Short, so that a few steps reach every turn of an alert's life.
QUICK = document(
    flapping_changes=4, flapping_within="60s", flapping_calm="20s", sent_in_lives="30s"
)
NAMES = st.sampled_from(["unit_down", "error_rate", "cpu_usage", "theirs"])
STATUSES = st.sampled_from([Status.FAILED, Status.FAILED, Status.PASSED, Status.PASSED, *Status])


class BookMachine(RuleBasedStateMachine):
    """Drives a book as the watcher does, with kills in between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOON
        self.told: Counter[str] = Counter()
        self.store: Store
        self.book: AlertBook
        self.store, self.book = opened_book(Path(self.folder.name), QUICK)

    @rule(found=st.lists(st.tuples(NAMES, STATUSES, st.integers(0, 1)), min_size=1, max_size=6))
    def take(self, found: list[tuple[str, Status, int]]) -> None:
        findings = [
            Finding(
                name,
                status,
                self.now,
                labels={"n": str(number)},
                severity="high" if name == "theirs" else None,
            )
            for name, status, number in found
        ]
        self._count(self.book.take(findings, self.now))
        last = {(finding.alert, finding.labels["n"]): finding for finding in findings}
        open_ones = {(each.name, each.labels["n"]): each for each in self.book.open_alerts()}
        for key, finding in last.items():
            if finding.status is Status.PASSED:
                assert key not in open_ones or open_ones[key].flapping

    @rule(seconds=st.sampled_from([0.001, 1, 10, 61, 400]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self._count(self.book.tick(self.now))
        due = self.book.next_due(self.now)
        assert due is None or due > self.now

    @rule()
    def clock_is_set_back(self) -> None:
        self.now -= timedelta(seconds=30)

    @rule()
    def killed(self) -> None:
        self.store, self.book = opened_book(Path(self.folder.name), QUICK)

    @precondition(lambda self: self.book.open_alerts())
    @rule(by_another=st.booleans(), back=st.booleans())
    def handed(self, by_another: bool, back: bool) -> None:
        store, book = self.store, self.book
        if by_another:
            store, book = opened_book(Path(self.folder.name), QUICK)
        alert = self.book.open_alerts()[0]
        act = book.unacknowledge if back else book.acknowledge
        try:
            act(alert.id, "ana", self.now)
        except AlertPending:
            assert alert.state is AlertState.PENDING
        if by_another:
            store.close()

    @invariant()
    def the_file_is_sound(self) -> None:
        self.store.read(assert_sound)

    @invariant()
    def a_reader_of_the_file_sees_what_the_book_holds(self) -> None:
        _, other = opened_book(Path(self.folder.name), QUICK)
        self.book.refresh()
        by_id = {alert.id: alert for alert in self.book.open_alerts()}
        assert by_id == {alert.id: alert for alert in other.open_alerts()}

    def teardown(self) -> None:
        self.now += timedelta(hours=1)
        every = [
            Finding(
                name,
                Status.PASSED,
                self.now,
                labels={"n": number},
                severity="high" if name == "theirs" else None,
            )
            for name in ("unit_down", "error_rate", "cpu_usage", "theirs")
            for number in "01"
        ]
        self._count(self.book.take(every, self.now))
        self.now += timedelta(hours=1)
        self._count(self.book.tick(self.now))
        assert self.book.open_alerts() == ()
        self.store.read(assert_sound)
        written = Counter(events(self.store))
        for hand in ("acknowledged", "unacknowledged"):
            del written[hand]
        assert written == self.told
        self.store.close()
        self.folder.cleanup()

    def _count(self, changes: tuple[Change, ...]) -> None:
        self.told.update(change.kind for change in changes)


TestBookMachine = BookMachine.TestCase
TestBookMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
