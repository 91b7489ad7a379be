"""Other values for a leaf of the document, of which the valid ones are tried."""

import re
from collections.abc import Iterator
from typing import Any

from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.looks import GROUP_LOOKS
from bigbrother.runbook.sections.alerting import SEVERITIES
from bigbrother.runbook.sections.escalation import LEVELS
from bigbrother.runbook.validation.names import procedure_names

_FIGURE = re.compile(r"((?:[A-Za-z ]+ )?[<>=]*\s*)(\d+(?:\.\d+)?)(\s*[A-Za-z%]*)")
_WORDS: tuple[tuple[str, ...], ...] = (
    SEVERITIES,
    LEVELS,
    ("en", "pt_BR"),
    ("starttls", "tls", "none"),
    GROUP_LOOKS,
    ("alert", "level"),
    ("routine", "technical", "critical", "emergency"),
    ("ops", "engineering", "management", "deputy", "director"),
    ("bigbrother-db", "bigbrother-face", "bigbrother-worker", "bigbrother-ops"),
    tuple(load_runbook().alerts.rules),
    procedure_names(load_runbook()),
    ("service_recovery", "service_recovery.bigbrother-worker"),
    ("automatic", "ask", "suggest"),
    ("24/7", "8x5", "mon-sat 08:00-23:00"),
    ("UTC", "Asia/Tokyo"),
    tuple(str(task.cron) for task in load_runbook().housekeeping.values()),
    ("06:00", "07:30"),
)
_MAINTENANCE = {"name": "n", "cron": "0 10 * * *", "lasts": "1h", "time_zone": "UTC", "quiet": []}
_FREEZE = {"name": "n", "cron": "0 0 * * *", "lasts": "12h", "time_zone": "UTC"}
_FOR_EMPTY: dict[str, list[Any]] = {
    "alerts.maintenance": [_MAINTENANCE],
    "procedures.freezes": [_FREEZE],
    "webhook.allowed_networks": ["10.0.0.0/8"],
    "escalation.entry.low": [{"level": "L1"}],
    "common_issues.certificate_expiring.solutions": ["recover face_analyzer"],
    "common_issues.clock_skew.solutions": ["recover bigbrother-db"],
}


def other_values(path: str, value: Any) -> Iterator[Any]:  # noqa: ANN401 - any leaf
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value * 2, value / 2, value + 1, value - 1, value * 10, value // 2)
    elif isinstance(value, list):
        yield from _other_lists(path, value)
    else:
        yield from _other_texts(value)


def _other_lists(path: str, value: list[Any]) -> Iterator[list[Any]]:
    if not value:
        yield _FOR_EMPTY[path]
        return
    for index in range(len(value)):
        yield value[:index] + value[index + 1 :]
    for other in other_values(path, value[0]):
        yield [other, *value[1:]]
    # A list of one name has no shorter one, and there may be no other name.
    yield [*value, value[0]]


def _other_texts(value: str) -> Iterator[str]:
    for words in _WORDS:
        if value in words:
            yield from (word for word in words if word != value)
    figure = _FIGURE.fullmatch(value)
    if figure is not None:
        for factor in (2.0, 0.5, 1.1, 0.9, 1.01, 10.0, 0.1):
            yield f"{figure[1]}{float(figure[2]) * factor:g}{figure[3]}"
        yield f"{figure[1]}7{figure[3]}"
    if value[-1:].isdigit():
        yield f"{value[:-1]}{(int(value[-1]) + 1) % 10}"
    yield from (f"x{value}", f"{value}x", f"{value}/x", "https://other.example.org")
