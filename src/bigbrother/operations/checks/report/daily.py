"""The daily run: every check, its record, and the report that people read."""

import contextlib
import logging
import os
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bigbrother.kernel.last_copies import Copy, spare
from bigbrother.operations.checks.catalogue import DAILY
from bigbrother.operations.checks.errors import ReportUnwritable
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.report.page import Pages, pages
from bigbrother.operations.checks.report.runs import drop_runs, keep_run, last_runs
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.runner import CheckRunner
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

_log = logging.getLogger(__name__)
_REPORT = re.compile(r"(\d{4}-\d\d-\d\d)\.(?:md|html)")
_SUFFIXES = ("md", "html")


@dataclass(frozen=True, slots=True)
class Report:
    """A daily run and the files in which it is told."""

    at: datetime
    results: tuple[Result, ...]
    files: tuple[Path, ...]
    """Markdown and HTML; none where they could not be written."""
    trouble: ReportUnwritable | None = None
    """Why there are none. The run itself is kept in any case."""


def daily(
    observed: Observed, store: Store, now: datetime, runner: CheckRunner | None = None
) -> Report:
    """Runs every check, keeps what they found, and writes the report of the day.

    The day is that of `daily_checks.time_zone`; a second run of a day replaces its report.
    """
    results = (runner or CheckRunner()).run([DAILY], observed)
    store.write(lambda conn: keep_run(conn, results, now))
    runbook = observed.runbook
    runs = store.read(lambda conn: last_runs(conn, runbook.daily_checks.trend_runs, now))
    local = now.astimezone(runbook.daily_checks.time_zone)
    made = pages(results, runs, local, runbook.alert_config.language)
    try:
        files = _write(observed.settings.reports, local.date(), made)
    except ReportUnwritable as error:
        return Report(now, results, (), error)
    return Report(now, results, files)


def purge_reports(settings: Settings, store: Store, runbook: Runbook, now: datetime) -> int:
    """Removes reports and runs that have outlived `retention.reports`; how many reports.

    The newest report and the newest run stay, however old they are.
    """
    before = now - runbook.retention.reports.duration
    store.write(lambda conn: drop_runs(conn, before))
    removed = 0
    for file in expired_reports(settings, runbook, now):
        try:
            file.unlink(missing_ok=True)
            removed += 1
        except OSError as error:
            # The next purge tries again; it must not keep others from purging.
            _log.warning("report not removed", extra={"file": str(file), "why": str(error)})
    return removed


def expired_reports(settings: Settings, runbook: Runbook, now: datetime) -> tuple[Path, ...]:
    """The files that `purge_reports` would remove, the oldest first."""
    before = now - runbook.retention.reports.duration
    last_kept = before.astimezone(runbook.daily_checks.time_zone).date()
    copies = []
    with contextlib.suppress(OSError):
        for file in sorted(settings.reports.iterdir()):
            day = _day(file)
            if day is not None:
                at = datetime.combine(day, time(), runbook.daily_checks.time_zone)
                copies.append(Copy(file, file.suffix, at))
    # A day is over before its report is.
    return tuple(
        copy.what for copy in spare(copies) if copy.at.date() + timedelta(days=1) <= last_kept
    )


def _day(file: Path) -> date | None:
    found = _REPORT.fullmatch(file.name)
    try:
        return None if found is None else date.fromisoformat(found[1])
    except ValueError:
        return None


def _write(folder: Path, day: date, made: Pages) -> tuple[Path, ...]:
    files = tuple(folder / f"{day.isoformat()}.{suffix}" for suffix in _SUFFIXES)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, text in zip(files, (made.markdown, made.html), strict=True):
            _replace(file, text)
    except OSError as error:
        raise ReportUnwritable(
            f"The report of {day} cannot be written to {folder}: {error.strerror}.",
            remedy="Make room or grant permission there; then: bigbrother check daily --report.",
        ) from error
    return files


def _replace(file: Path, text: str) -> None:
    """Whoever reads sees the old file or the new one, also after a power cut."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
