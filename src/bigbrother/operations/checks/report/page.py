"""A daily report as Markdown and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.catalogue import CATALOGUE, Group
from bigbrother.operations.checks.report.runs import Run
from bigbrother.operations.checks.report.sparkline import characters, points
from bigbrother.operations.checks.report.words import SYMBOLS, WORDS
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, in_language
from bigbrother.runbook.sections.alerting import Language

if TYPE_CHECKING:
    from jinja2 import Environment

_ORDER = (Status.FAILED, Status.WARNING, Status.UNKNOWN, Status.PASSED, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    status: Status
    word: str
    symbol: str
    value: str
    threshold: str
    evidence: tuple[str, ...]
    remedy: str
    characters: str
    lines: tuple[str, ...]
    """Points of SVG polylines."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The report in both shapes."""

    markdown: str
    html: str


def pages(
    results: Sequence[Result], runs: Sequence[Run], made_at: datetime, language: Language
) -> Pages:
    """`runs`: for the trend, the oldest first, the last the one that is told of; `made_at` in the
    zone in which it is read."""
    words = WORDS[language]
    given = {
        "words": words,
        "language": language.replace("_", "-"),
        "made_at": made_at,
        "groups": [
            (
                words[group],
                [_row(result, runs, language) for result in results if _is_of(result, group)],
            )
            for group in get_args(Group)
        ],
        "counts": [
            (status, SYMBOLS[status], count, words[status])
            for status in _ORDER
            if (count := sum(result.status is status for result in results))
        ],
        "runs": words["runs"].format(runs=len(runs)),
    }
    environment = _environment()
    return Pages(
        environment.get_template("report.md.j2").render(given),
        environment.get_template("report.html.j2").render(given),
    )


def _is_of(result: Result, group: str) -> bool:
    return any(check.name == result.check and check.group == group for check in CATALOGUE)


def _row(result: Result, runs: Sequence[Run], language: Language) -> _Row:
    found = [run.of(result.check, result.target) for run in runs]
    trend = [None if one is None else one.value for one in found]
    value = Figure(result.value, result.unit).text(language) if result.value is not None else "–"
    return _Row(
        f"{result.check} {result.target}".strip(),
        result.status,
        WORDS[language][result.status],
        SYMBOLS[result.status],
        value,
        result.threshold,
        tuple(in_language(text, language) for text in result.evidence),
        in_language(result.remedy, language),
        characters(trend),
        tuple(_polyline(line) for line in points(trend)),
    )


def _polyline(line: Sequence[tuple[float, float]]) -> str:
    """A single point is drawn as a line from it to itself: a dot."""
    drawn = line if len(line) > 1 else [*line, *line]
    return " ".join(f"{x},{y}" for x, y in drawn)


def _environment() -> "Environment":
    # Once a day; the watcher need not hold it.
    from jinja2 import Environment, PackageLoader, select_autoescape  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("bigbrother.operations.checks.report", "templates"),
        autoescape=select_autoescape(("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    return environment


def _cell(text: str) -> str:
    """Text that stays within a cell or a line of Markdown and is no markup."""
    one_line = " ".join(text.split())
    for mark in "\\|*_`<>[]":
        one_line = one_line.replace(mark, f"\\{mark}")
    return one_line
