"""Groups the errors of a log by their cause."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bigbrother.operations.checks.log_summary.causes import Known, known
from bigbrother.operations.checks.log_summary.entries import entries
from bigbrother.operations.checks.log_summary.records import Entry, ErrorGroup, Weight
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.redaction import redact_text

_LONGEST_SAMPLE = 300
_LONGEST_SHAPE = 120
# What differs from one message of a kind to the next, most particular first.
_VARIABLE = (
    (re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"), "…"),
    (re.compile(r"(?<![\w/])(?:/[\w.@%+~-]+){2,}/?"), "…"),
    (re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{12,}\b"), "…"),
    (re.compile(r"\d+(?:[.:,]\d+)*"), "…"),
)
# The words of supervisord and of systemd.
_DEATH = re.compile(r"^exited: |\bMain process exited\b")
_OLDEST = datetime.min.replace(tzinfo=UTC)


def of_unit(
    manager: ServiceManager, unit: str, runbook: Runbook, now: datetime
) -> tuple[ErrorGroup, ...]:
    """The last errors of one unit by cause, the most telling first, as many as the document says.

    Reads the unit's own log and what its manager wrote of it; both also when nothing runs.
    Raises UnitUnknown.
    """
    figures = runbook.diagnostics.logs
    lines = int(figures.lines)
    since = now - figures.within.duration
    own = entries(manager.tail_log(unit, lines))
    ends = entries(manager.tail_manager_log(unit, lines))
    groups = group([*own, *ends], since)
    return groups[: int(figures.causes)]


def deaths(manager: ServiceManager, unit: str, runbook: Runbook, since: datetime) -> int:
    """How often the unit's process ended by itself since then, as its manager wrote it down."""
    lines = int(runbook.diagnostics.logs.lines)
    said = (*manager.tail_manager_log(unit, lines), *manager.tail_log(unit, lines))
    ends = [entry for entry in entries(said) if _DEATH.search(entry.text)]
    return sum(1 for entry in ends if entry.at is None or entry.at >= since)


def summarize(lines: Iterable[str], since: datetime | None = None) -> tuple[ErrorGroup, ...]:
    """The errors of these lines by cause, the most telling first.

    What is older than `since` does not count; a line without any time does.
    """
    return group(entries(lines), since)


def group(found: Iterable[Entry], since: datetime | None = None) -> tuple[ErrorGroup, ...]:
    """Entries with one cause, or with messages of one shape, together."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    causes: dict[tuple[str, str], Known | None] = {}
    for entry in found:
        if since is not None and entry.at is not None and entry.at < since:
            continue
        cause = known(entry.text, entry.exception)
        if cause is None and entry.weight < Weight.ERROR:
            continue
        key = (cause.name, "") if cause is not None else ("", shape(entry.text))
        groups.setdefault(key, []).append(entry)
        causes[key] = cause
    made = [_group(key[1], causes[key], members) for key, members in groups.items()]
    return tuple(sorted(made, key=_telling, reverse=True))


def shape(text: str) -> str:
    """A message without what differs from one of its kind to the next."""
    text = redact_text(" ".join(text.split()))
    for pattern, replacement in _VARIABLE:
        text = pattern.sub(replacement, text)
    return _cut(text, _LONGEST_SHAPE)


def _group(like: str, cause: Known | None, members: Sequence[Entry]) -> ErrorGroup:
    newest = max(reversed(members), key=lambda entry: entry.at or _OLDEST)
    weight = max(entry.weight for entry in members)
    if cause is not None and cause.passing:
        weight = Weight.PASSING
    remedy = redact_text(newest.remedy)
    return ErrorGroup(
        cause="" if cause is None else cause.name,
        title=like if cause is None else cause.title,
        count=len(members),
        weight=weight,
        sample=_cut(redact_text(" ".join(newest.text.split())), _LONGEST_SAMPLE),
        # A known cause's way out says more than the line that gave the cause away.
        remedy=remedy if cause is None else cause.remedy or "",
        newest_at=newest.at,
    )


def _telling(one: ErrorGroup) -> tuple[bool, bool, bool, datetime, Weight, int]:
    """What is known, and what was last: an older cause may be over."""
    lasting, known_cause = one.weight is not Weight.PASSING, bool(one.cause)
    ended = not known_cause and one.weight is Weight.ENDED
    return (lasting, known_cause, ended, one.newest_at or _OLDEST, one.weight, one.count)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
