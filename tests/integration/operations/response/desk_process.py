"""A watcher's desk in a process that can be killed: reads who is down, a JSON list a line.

Arguments: the folder with ops.db and overlay.yaml.
"""

import json
import select
import sys
from pathlib import Path

from bigbrother.adapters.clock import SystemClock
from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.book import AlertBook
from bigbrother.operations.alerts.outbox.outbox import Outbox
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.response.pager import Pager
from bigbrother.operations.response.telling import Explanation
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook

NOTHING = Explanation("", whole=False)
UNITS = 6
_ROUND_SECONDS = 0.02


def main(folder: Path) -> None:
    """Rounds until it is killed."""
    clock, runbook = SystemClock(), load_runbook(folder / "overlay.yaml")
    store = Store(folder / "ops.db")
    book = AlertBook(store, lambda: runbook)
    outbox = Outbox(
        store, lambda: runbook, folder, clock, told=lambda _: None, report=lambda _: None
    )
    pager = Pager(store, book, outbox, lambda: runbook, lambda *_: "", lambda *_: NOTHING)
    pager.begin(clock.now())
    outbox.start()
    print("ready", flush=True)
    down: set[str] | None = None
    while True:
        if select.select([sys.stdin], [], [], _ROUND_SECONDS)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            down = set(json.loads(line))
        now = clock.now()
        findings = [
            Finding(
                "unit_down",
                Status.FAILED if unit in down else Status.PASSED,
                now,
                labels={"unit": unit},
                summary=f"{unit} is down.",
            )
            for unit in (f"unit-{number}" for number in range(UNITS))
            if down is not None
        ]
        changes = [*book.take(findings, now), *book.tick(now)]
        pager.follow(changes, now)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
