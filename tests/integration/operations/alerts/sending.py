"""An outbox over a real ops.db, and what it told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bigbrother.adapters.clock import SystemClock
from bigbrother.kernel.clock import Clock
from bigbrother.operations.alerts.outbox import queue
from bigbrother.operations.alerts.outbox.messages import Delivered, Message
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from tests.fakes import told
from tests.waiting import until

QUICK = {"first_pause": "20ms", "longest_pause": "2s", "within": "500ms"}


@dataclass
class Sending:
    """An outbox that runs."""

    store: Store
    outbox: Outbox
    ended: list[Delivered] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)

    def wait_for(self, ends: int) -> None:
        """Until so many messages ended."""
        until(lambda: len(self.ended) >= ends)

    def message(self) -> Message:
        """The one message there is."""
        (only,) = self.store.read(lambda conn: queue.of_alert(conn, told.DOWN.id))
        return only


@contextmanager
def sending(
    folder: Path, runbook: Runbook, secrets: Path | None = None, clock: Clock | None = None
) -> Iterator[Sending]:
    """Begins to send, and stops at the end."""
    store = Store(folder / "ops.db")
    ended: list[Delivered] = []
    found: list[Finding] = []

    def report(findings: Sequence[Finding]) -> None:
        found.extend(findings)

    outbox = Outbox(
        store, lambda: runbook, secrets or folder, clock or SystemClock(), ended.append, report
    )
    outbox.start()
    try:
        yield Sending(store, outbox, ended, found)
    finally:
        outbox.stop(1)
        store.close()
