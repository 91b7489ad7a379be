"""Results as a Nagios plugin prints them. Source: Monitoring Plugins Development Guidelines."""

from collections.abc import Sequence
from enum import IntEnum

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.limits import Limits
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure
from bigbrother.runbook.figures import Threshold


class NagiosCode(IntEnum):
    """The exit codes of a plugin."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_CODES = {
    Status.FAILED: NagiosCode.CRITICAL,
    Status.WARNING: NagiosCode.WARNING,
    Status.UNKNOWN: NagiosCode.UNKNOWN,
}
_SYMBOLS = {"ratio": "%", "seconds": "s", "bytes": "B"}
_BOUNDS = {"ratio": "0;100"}


def nagios_code(results: Sequence[Result]) -> NagiosCode:
    """The gravest: failed, then warning, then unknown; what was skipped does not count."""
    found = {result.status for result in results}
    return next((code for status, code in _CODES.items() if status in found), NagiosCode.OK)


def nagios_lines(results: Sequence[Result]) -> list[str]:
    """First the whole in one line with the performance data, then a line for each result."""
    code = nagios_code(results)
    bad = [result for result in results if result.status in _CODES]
    passed = sum(result.status is Status.PASSED for result in results)
    whole = f"{passed} of {len(results)} passed"
    if bad:
        whole += f"; {', '.join(f'{_title(result)} {result.status}' for result in bad)}"
    performance = " ".join(filter(None, map(_performance, results)))
    first = f"BIGBROTHER {code.name}: {_clean(whole)}"
    lines = [f"{first} | {performance}" if performance else first]
    return lines + [_line(result) for result in results]


def _line(result: Result) -> str:
    name = _CODES.get(result.status, NagiosCode.OK).name
    value = "" if result.value is None else f" {Figure(result.value, result.unit).text()}"
    threshold = f" ({result.threshold})" if result.threshold else ""
    seen = f" - {' '.join(result.evidence)}" if result.evidence else ""
    skipped = " skipped" if result.status is Status.SKIPPED else ""
    return _clean(f"{_title(result)} {name}:{skipped}{value}{threshold}{seen}")


def _title(result: Result) -> str:
    return f"{result.check} {result.target}".strip()


def _performance(result: Result) -> str:
    """'label'=value[UOM];[warn];[crit];[min];[max]; nothing for what is no figure."""
    if result.limits is None or result.status is Status.SKIPPED:
        return ""
    # A quote within a label is doubled; an equals sign has no place in it.
    label = _clean(_title(result)).replace("'", "''").replace("=", "_")
    unit = result.unit
    if result.value is None:
        return f"'{label}'=U"
    warning, critical = _ranges(result.limits)
    value = f"{_figure(result.value, unit)}{_SYMBOLS.get(unit, '')}"
    return f"'{label}'={value};{warning};{critical};{_BOUNDS.get(unit, '0;')}"


def _ranges(limits: Limits) -> tuple[str, str]:
    warning = "" if limits.warning is None else _range(limits.warning)
    return warning, _range(limits.failure)


def _range(threshold: Threshold) -> str:
    """What is good: `80` is 0 to 80, `95:` is 95 and more."""
    bound = threshold.bound
    text = _figure(bound.value, bound.dimension)
    return text if threshold.comparison in ("<", "<=") else f"{text}:"


def _figure(value: float, unit: str) -> str:
    text = f"{100 * value if unit == 'ratio' else value:.6f}"
    return text.rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    """One line, without the sign that begins performance data."""
    return " ".join(text.replace("|", "/").split())
