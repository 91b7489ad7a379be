"""Step purge_reports: daily reports, and what is kept of their runs, past `retention.reports`."""

from bigbrother.operations.checks.report.daily import expired_reports, purge_reports
from bigbrother.operations.housekeeping.files import FoundFile, look_at, told
from bigbrother.operations.housekeeping.moment import deleting_as_of, watchers_file
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome


def _do(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    with watchers_file(services) as store:
        if store is None:
            return Outcome("There is no watcher's file yet.", {"count": 0}, skipped=True)
        until = deleting_as_of(services, store)
        going = _files(services)
        removed = purge_reports(services.settings, store, services.runbook, until)
    summary = f"Removed reports: {told(going)}." if removed else "No report has outlived its time."
    occupied_bytes = sum(found.occupied_bytes for found in going)
    return Outcome(summary, {"count": removed, "bytes": occupied_bytes}, skipped=removed == 0)


def _plan(context: StepContext, _: Arguments) -> str:
    going = _files(context.services)
    return f"Would remove reports: {told(going)}." if going else "Nothing: no report is too old."


def _verify(context: StepContext, _: Arguments) -> Happened:
    return Happened.NO if _files(context.services) else Happened.YES


def _files(services: ActionServices) -> tuple[FoundFile, ...]:
    with watchers_file(services) as store:
        until = deleting_as_of(services, store)
    paths = expired_reports(services.settings, services.runbook, until)
    return tuple(found for path in paths if (found := look_at(path)) is not None)


PURGE_REPORTS = Action("purge_reports", Arguments, _do, _plan, idempotent=True, verify=_verify)
