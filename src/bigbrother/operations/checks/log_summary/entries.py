"""Reads what stands in a log: our units' JSON lines, PostgreSQL's, supervisord's, tracebacks."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bigbrother.operations.checks.log_summary.records import Entry, Weight

# As `log_line_prefix` of our own server has it; a prefix of another server's may differ after
# the time.
_POSTGRES = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \S+) .*?"
    r"\b(?P<level>LOG|ERROR|FATAL|PANIC|WARNING|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|NOTICE|INFO):"
    r"\s+(?P<text>.*)$"
)
# supervisord writes the time of the machine's own zone.
_SUPERVISOR = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (?P<level>[A-Z]{4}) (?P<text>.*)$"
)
_EXCEPTION = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?::\s*(?P<text>.*))?$")
_TRACEBACK = "Traceback (most recent call last):"
_TROUBLED = re.compile(
    r"\b(error|fatal|panic|failed|failure|killed|segmentation fault|cannot|refused)\b"
    r"|core dumped|code=(killed|dumped|exited)",
    re.IGNORECASE,
)
_POSTGRES_WEIGHTS = {
    "WARNING": Weight.WARNING,
    "ERROR": Weight.ERROR,
    "FATAL": Weight.ERROR,
    "PANIC": Weight.ENDED,
}
_JSON_WEIGHTS = {
    "warning": Weight.WARNING,
    "error": Weight.ERROR,
    "critical": Weight.ENDED,
    "exception": Weight.ERROR,
}


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """What speaks of trouble, in the log's order; what does not is passed over.

    An entry without a time has that of the one before it.
    """
    last: datetime | None = None
    trace: list[str] | None = None
    for line in lines:
        if trace is not None:
            if _goes_on(line):
                trace.append(line)
                continue
            yield _traceback([*trace, line], last)
            trace = None
            if _EXCEPTION.match(line):
                continue
        if line.startswith(_TRACEBACK):
            trace = [line]
            continue
        at, entry = _entry(line, last)
        last = at or last
        if entry is not None:
            yield entry
    if trace is not None:
        yield _traceback(trace, last)


def _goes_on(line: str) -> bool:
    """Whether a traceback has not come to its exception yet."""
    return line.startswith((" ", "\t", _TRACEBACK)) or not line.strip()


def _entry(line: str, last: datetime | None) -> tuple[datetime | None, Entry | None]:
    if line.startswith("{"):
        try:
            event = json.loads(line)
        except ValueError:
            return None, None
        return _of_event(event, last) if isinstance(event, dict) else (None, None)
    if found := _SUPERVISOR.match(line):
        return _of_supervisor(found)
    if found := _POSTGRES.match(line):
        return _of_postgres(found)
    if _TROUBLED.search(line):
        return None, Entry(line.strip(), Weight.ERROR, last)
    return None, None


def _of_event(
    event: dict[str, object], last: datetime | None
) -> tuple[datetime | None, Entry | None]:
    at = _moment(str(event.get("time", "")))
    weight = _JSON_WEIGHTS.get(str(event.get("level", "")))
    if weight is None:
        return at, None
    said = str(event.get("event", ""))
    if said == "cannot start":
        weight = Weight.ENDED
    exception = _last_exception(str(event.get("exception", "")).splitlines())
    code = event.get("code")
    reasons = [
        f'"{code}"' if isinstance(code, str) else "",
        *(str(event[name]) for name in ("detail", "reason", "why") if event.get(name)),
        ": ".join(part for part in exception if part),
    ]
    text = ": ".join([said, *(reason.strip() for reason in reasons if reason)])
    return at, Entry(text, weight, at or last, exception[0], str(event.get("remedy") or ""))


def _of_postgres(found: re.Match[str]) -> tuple[datetime | None, Entry | None]:
    at = _moment(found["at"].replace(" UTC", "+00:00").replace(" GMT", "+00:00"))
    weight = _POSTGRES_WEIGHTS.get(found["level"])
    text = found["text"]
    if weight is None and found["level"] == "LOG" and _TROUBLED.search(text):
        weight = Weight.ERROR
    if weight is None and "was terminated by signal" in text:
        weight = Weight.ERROR
    return at, None if weight is None else Entry(f"{found['level']}: {text}", weight, at)


def _of_supervisor(found: re.Match[str]) -> tuple[datetime | None, Entry | None]:
    # Without a zone it is the machine's own time, which `astimezone` takes it for.
    at = datetime.strptime(found["at"], "%Y-%m-%d %H:%M:%S").astimezone(UTC)
    text = found["text"]
    unexpected = text.startswith("exited:") and "not expected" in text
    if unexpected and "exit status" in text:
        # The process itself has said why.
        return at, Entry(text, Weight.ERROR, at)
    if unexpected or text.startswith(("gave up:", "spawnerr:")) or "can't find command" in text:
        return at, Entry(text, Weight.ENDED, at)
    return at, None


def _traceback(lines: list[str], last: datetime | None) -> Entry:
    name, text = _last_exception(lines)
    said = ": ".join(part for part in (name, text) if part)
    # Our units catch what they survive and log it as JSON: this one ended the process.
    return Entry(said or lines[-1].strip(), Weight.ENDED, last, name)


def _last_exception(lines: list[str]) -> tuple[str, str]:
    """The class and the words of the exception that a traceback ends with."""
    for line in reversed(lines):
        found = None if line.startswith((" ", "\t")) else _EXCEPTION.match(line)
        if found is not None:
            return found["name"].rpartition(".")[2], (found["text"] or "").strip()
    return "", ""


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
