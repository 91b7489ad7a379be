"""Step purge_logs, and step free_logs for a disk that is too full: logs that nobody writes to."""

import re
from dataclasses import dataclass
from datetime import datetime

from bigbrother.kernel.last_copies import Copy, spare
from bigbrother.operations.housekeeping.disk import too_full
from bigbrother.operations.housekeeping.files import (
    FoundFile,
    files_of,
    held_open,
    remove,
    told,
)
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.runbook.model import Retention

_LOG = re.compile(r"(?P<of>bigbrother-[a-z]+|supervisord)\.log(?P<rotated>\.\d+)?")
_ERRORS = re.compile(r"(?P<of>cli-error)-[^.]+\.log")


@dataclass(frozen=True, slots=True)
class Logs:
    """What lies in the folder of the logs."""

    spare: tuple[FoundFile, ...]
    """Neither written to nor the newest of their kind; the oldest first."""
    occupied_bytes: int
    """Of all logs together."""


def _logs(services: ActionServices) -> Logs:
    known = [
        (found, match)
        for found in files_of(services.settings.log)
        if (match := _LOG.fullmatch(found.path.name) or _ERRORS.fullmatch(found.path.name))
    ]
    held = held_open()
    free = {
        found
        for found, match in known
        # The one that is written to has no number, also while its unit is down.
        if (match.re is _ERRORS or match["rotated"]) and found.identity not in held
    }
    copies = (Copy(found, match["of"], found.modified_at) for found, match in known)
    return Logs(
        tuple(copy.what for copy in spare(copies) if copy.what in free),
        sum(found.occupied_bytes for found, _ in known),
    )


def outlived(logs: Logs, retention: Retention, now: datetime) -> tuple[FoundFile, ...]:
    """Those that are too old, or too much together; the oldest first."""
    before = now - retention.old_logs.duration
    left_bytes, expired = logs.occupied_bytes, []
    for found in logs.spare:
        if found.modified_at < before or left_bytes > retention.all_logs.value:
            expired.append(found)
            left_bytes -= found.occupied_bytes
    return tuple(expired)


def _expired(services: ActionServices) -> tuple[FoundFile, ...]:
    return outlived(_logs(services), services.runbook.retention, services.clock.now())


def _purge(context: StepContext, _: Arguments) -> Outcome:
    expired = _expired(context.services)
    if not expired:
        return Outcome("No log has outlived its time.", {"count": 0, "bytes": 0}, skipped=True)
    removed = remove(expired, context.journal, context.services.runbook.cleaning.at_once)
    return Outcome(
        f"Removed logs: {told(expired)}.",
        {"count": removed.count, "bytes": removed.occupied_bytes},
    )


def _plan_purge(context: StepContext, _: Arguments) -> str:
    expired = _expired(context.services)
    return f"Would remove logs: {told(expired)}." if expired else "Nothing: no log is too old."


def _verify_purge(context: StepContext, _: Arguments) -> Happened:
    return Happened.NO if _expired(context.services) else Happened.YES


def _free(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    if not _log_disk_is_too_full(services):
        return Outcome("The disk of the logs has room.", {"count": 0, "bytes": 0}, skipped=True)
    # One at a time: no more goes than is needed.
    removed = remove(
        _logs(services).spare,
        context.journal,
        1,
        enough=lambda: not _log_disk_is_too_full(services),
    )
    return Outcome(
        f"Removed {removed.count} logs before their time.",
        {"count": removed.count, "bytes": removed.occupied_bytes},
        skipped=removed.count == 0,
    )


def _plan_free(context: StepContext, _: Arguments) -> str:
    if not _log_disk_is_too_full(context.services):
        return "Nothing: the disk of the logs has room."
    logs = _logs(context.services).spare
    return f"Would remove logs, the oldest first, until there is room; at most {told(logs)}."


def _verify_free(context: StepContext, _: Arguments) -> Happened:
    services = context.services
    done = not _log_disk_is_too_full(services) or not _logs(services).spare
    return Happened.YES if done else Happened.NO


def _log_disk_is_too_full(services: ActionServices) -> bool:
    return bool(too_full(services, (services.settings.log,)))


PURGE_LOGS = Action(
    "purge_logs", Arguments, _purge, _plan_purge, idempotent=True, verify=_verify_purge
)
FREE_LOGS = Action("free_logs", Arguments, _free, _plan_free, idempotent=True, verify=_verify_free)
