"""Notes how much room the embedded database takes, so that its growth is known."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking

READING = "database_size"


def database_size(looking: Looking) -> Task:
    """The task; it notes nothing where the database is not on this machine."""

    def run(now: datetime) -> list[Finding]:
        folder = looking.services.settings.data / "postgres"
        if folder.is_dir():
            size_bytes = float(sum(_sizes(folder)))
            looking.keep([Reading(READING, now, size_bytes, "bytes")], now)
        return []

    return Task(
        name=READING,
        when=lambda runbook: Every(runbook.monitoring_tasks.system.resources.interval.duration),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes on the disk of every file below; the server makes and drops some meanwhile."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry.path))
            else:
                yield entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
