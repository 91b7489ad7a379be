"""The figures that shape a process while it is started: a running one cannot take them up."""

from collections.abc import Mapping
from typing import TypeVar, cast

from bigbrother.runbook.leaves import Path
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.section import Section

T = TypeVar("T")
_BOUND = "a bound of the face unit's histograms; the watcher follows at once"
_SERVER = "the HTTP server is built with it"
_POOL = "the connections to the database are opened with it"
_MANAGER = "the units' manager is told it when it starts"
_EVERY = "*"

AT_START: Mapping[str, str] = {
    "daily_checks.application.response_time": _BOUND,
    "daily_checks.ml.inference_time": _BOUND,
    "monitoring_tasks.application.endpoints.alert_threshold": _BOUND,
    "batch.niceness": "threads take it from the process that begins them",
    "webhook.at_once": "a worker begins so many threads",
    "retention.unit_logs": _MANAGER,
    "retention.unit_log_files": _MANAGER,
    "serving.header_size": _SERVER,
    "serving.keep_alive": _SERVER,
    "serving.drain": "the server's time to leave is divided by it",
    "serving.database_connections": _POOL,
    "serving.database_within": _POOL,
    "serving.statement_within": _POOL,
    "units.*.start_within": _MANAGER,
    "units.*.stop_within": _MANAGER,
}
"""Leaves by their path, `*` for every name, with the reason."""


def reason_to_wait(path: Path) -> str | None:
    """Why this leaf takes effect at the next start only; None where a running process follows."""
    for pattern, reason in AT_START.items():
        parts = pattern.split(".")
        if len(parts) == len(path) and all(
            part in (_EVERY, key) for part, key in zip(parts, path, strict=True)
        ):
            return reason
    return None


def as_started(started: Runbook, changed: Runbook) -> Runbook:
    """The changed document, with what takes effect at a start as it was at the start."""
    followed = changed
    for pattern in AT_START:
        followed = _kept(started, followed, pattern.split("."))
    return followed


def _kept(old: T, new: T, path: list[str]) -> T:
    if not path:
        return old
    key, rest = path[0], path[1:]
    if isinstance(new, Section):
        value = _kept(getattr(old, key), getattr(new, key), rest)
        return new.model_copy(update={key: value})
    was = cast("dict[str, object]", old)
    values = {
        name: _kept(was[name], value, rest) if key in (_EVERY, name) and name in was else value
        for name, value in cast("dict[str, object]", new).items()
    }
    return cast("T", values)
