"""What the watcher wrote down, read from its file whether or not it runs; nothing is written."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from bigbrother.operations.diagnostics.errors import HistoryAway
from bigbrother.operations.diagnostics.scene import Scene

T = TypeVar("T")


def read(scene: Scene, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` finds in the watcher's file; raises HistoryAway."""
    within = scene.runbook.diagnostics.looks.try_within
    return read_file(scene.settings.ops_store, within.value, work)


def read_file(path: Path, within_seconds: float, work: Callable[[sqlite3.Connection], T]) -> T:
    """The same of a file; waits so long for whoever keeps it locked."""
    try:
        if not path.exists():
            raise HistoryAway(
                "The watcher has written nothing down yet.",
                remedy="Start everything: bigbrother up --detach.",
            )
        address = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=within_seconds)) as conn:
            conn.row_factory = sqlite3.Row
            return work(conn)
    except (sqlite3.Error, OSError) as error:
        raise HistoryAway(
            f"{path} cannot be read: {error}.",
            remedy="Run as the account of bigbrother-ops.",
        ) from error
