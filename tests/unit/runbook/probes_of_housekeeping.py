"""What housekeeping makes of a document, in a home with something of every age and size."""

import atexit
import shutil
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path

from bigbrother.operations.housekeeping.bloat import Bloat
from bigbrother.operations.housekeeping.database import session_settings
from bigbrother.operations.housekeeping.files import FoundFile
from bigbrother.operations.housekeeping.indexes import IndexState
from bigbrother.operations.housekeeping.logs import Logs, outlived
from bigbrother.operations.housekeeping.purges import late_before
from bigbrother.operations.housekeeping.schedule import due, schedules
from bigbrother.operations.housekeeping.tables import TableState
from bigbrother.operations.procedures.catalogue import procedures
from bigbrother.runbook.model import Runbook
from tests.integration.operations.housekeeping.place import NOW, HeardJournal, Place
from tests.integration.operations.housekeeping.test_ops_store import add_run
from tests.unit.runbook.probe import Probe

_DAY = timedelta(days=1)
_HOURS = [factor * unit for unit in (1, 24, 24 * 30, 24 * 365) for factor in (0.6, 0.95, 1.05, 1.6)]


@cache
def _home() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bb-probe-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    place = Place(folder)
    for number, hours in enumerate(_HOURS):
        place.file(place.settings.spool / f"tmp{number}", age_hours=hours)
        place.file(place.settings.log / f"bigbrother-face.log.{number + 1}", age_hours=hours)
    store = place.store()
    for number, days in enumerate((200, 364, 366, 600, 3000)):
        add_run(store, f"run-{number}", "a", NOW - days * _DAY)
    store.write(
        lambda conn: conn.executemany(
            "INSERT INTO check_run (at, kind, results) VALUES (?, 'old', ?)",
            [(number, "x" * 4000) for number in range(270)],
        )
    )
    store.write(lambda conn: conn.execute("DELETE FROM check_run"))
    store.close()
    return folder


def plans(runbook: Runbook) -> object:
    """What would go, and what of it would be given back."""
    place = Place(_home(), runbook=runbook)
    steps = ("remove_orphaned_files", "purge_logs", "purge_runs", "compact_ops_store")
    return [place.plan(step) for step in steps]


def batches(runbook: Runbook) -> object:
    """How many go at a time."""
    place, heard = Place(Path(tempfile.mkdtemp(prefix="bb-probe-"))), HeardJournal()
    try:
        for number in range(250):
            place.file(place.settings.spool / f"tmp{number}", age_hours=1000, size_bytes=1)
        place.runbook, place.journal = runbook, heard
        place.do("remove_orphaned_files")
    finally:
        shutil.rmtree(place.home)
    return heard.lines


def large_logs(runbook: Runbook) -> object:
    """Which of many large logs would go."""
    files = [
        FoundFile(Path(f"log.{hours}"), 10**8, NOW - timedelta(hours=hours), (1, hours), 1)
        for hours in range(40, 0, -1)
    ]
    gone = outlived(Logs(tuple(files), 40 * 10**8), runbook.retention, NOW)
    return len(gone), outlived(Logs(tuple(files[:1]), 950_000_000), runbook.retention, NOW)


def schedule(runbook: Runbook) -> object:
    """What is due at each day of a fortnight, with its steps."""
    known = procedures(runbook)
    last = dict.fromkeys(schedules(runbook), NOW)
    seen = [due(runbook, last, NOW + days * _DAY) for days in range(15)]
    return seen, [[step.action for step in known[name].steps] for name in last]


def free_disk(runbook: Runbook) -> object:
    return [step.action for step in procedures(runbook)["solutions.free_disk"].steps]


def lateness(runbook: Runbook) -> object:
    return late_before(runbook, NOW)


def decay(runbook: Runbook) -> object:
    """From which decay on something is mended, and how patiently."""
    figures = runbook.optimization
    shares = [percent / 100 for percent in range(1, 100)]
    tables = [
        TableState("public", "t", live, dead, dead, analysed=True, occupied_bytes=1)
        for rows in (100, 1_000_000)
        for share in shares
        for dead in [round(rows * share)]
        for live in [rows - dead]
    ] + [
        TableState("public", "t", 1, dead, dead, analysed=True, occupied_bytes=1)
        for dead in range(50, 12_000, 50)
    ]
    indexes = [
        IndexState("public", "i", Bloat(size, round(size * (1 - share))))
        for size in (10**6, 10**7, 10**9)
        for share in shares
    ]
    return (
        [(table.wants_vacuum(figures), table.wants_analyze(figures)) for table in tables],
        [index.wants_rebuild(figures) for index in indexes],
        session_settings(figures),
    )


HOUSEKEEPING: tuple[Probe, ...] = (
    Probe(("cleaning.*", "retention.old_logs", "retention.runs"), plans),
    Probe(("retention.all_logs",), large_logs),
    Probe(("cleaning.at_once",), batches),
    Probe(("cleaning.late_purges", "retention.purge_every"), lateness),
    Probe(("optimization.*",), decay),
    Probe(("housekeeping.*",), schedule),
    Probe(("solutions.free disk.*",), free_disk),
)
