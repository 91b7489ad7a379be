"""A watcher's outbox as a process of its own, to be killed: python -m … FOLDER NUMBER."""

import sys
import threading
from pathlib import Path

from bigbrother.adapters.clock import SystemClock
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from tests.fakes import told


def main(folder: Path, count: int) -> None:
    """Queues the same messages whenever it begins, and sends until it is killed."""
    runbook = load_runbook(folder / "runbook.yaml")
    clock = SystemClock()
    outbox = Outbox(
        Store(folder / "ops.db"),
        lambda: runbook,
        folder / "secrets",
        clock,
        lambda _: None,
        lambda _: None,
    )
    outbox.start()
    for number in range(count):
        message = told.message("sms", "+5511999990000", key=f"page {number}")
        outbox.queue([message], clock.now())
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
