"""Whether a symptom of section 3.1 is present in what was seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.trends import Trends
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.symptoms import Symptom, SymptomKind

_BEYOND = (Status.WARNING, Status.FAILED)
_KNOWN = (*_BEYOND, Status.PASSED)


@dataclass(frozen=True, slots=True)
class SymptomSeen:
    """One symptom, as it was at one moment."""

    symptom: Symptom
    present: bool | None
    """None: nobody knows."""
    value: float | None = None
    unit: str = ""
    target: str = ""
    """Of which it was seen: a unit, a mount."""
    evidence: tuple[str, ...] = ()


def symptom_seen(
    symptom: Symptom, results: Sequence[Result], trends: Trends, runbook: Runbook
) -> SymptomSeen:
    """The symptom in these results; of several targets, the worst."""
    if symptom.kind is SymptomKind.INCREASING:
        return _growth(symptom, trends, runbook)
    seen = [
        _in_result(symptom, result, runbook)
        for result in results
        if result.check == symptom.check and symptom.target in ("", result.target)
    ]
    known = [each for each in seen if each.present is not None]
    if not known:
        return SymptomSeen(symptom, None)
    return next((each for each in known if each.present), known[0])


def symptoms_seen(
    symptoms: Iterable[Symptom], results: Sequence[Result], trends: Trends, runbook: Runbook
) -> tuple[SymptomSeen, ...]:
    """Each symptom in turn."""
    return tuple(symptom_seen(symptom, results, trends, runbook) for symptom in symptoms)


def _in_result(symptom: Symptom, result: Result, runbook: Runbook) -> SymptomSeen:
    value = result.figures.get(symptom.figure) if symptom.figure else result.value
    return SymptomSeen(
        symptom,
        _present(symptom, result, value, runbook),
        value,
        "ratio" if symptom.figure else result.unit,
        result.target,
        result.evidence,
    )


def _present(
    symptom: Symptom, result: Result, value: float | None, runbook: Runbook
) -> bool | None:
    if result.status not in _KNOWN:
        return None
    if symptom.bound is not None:
        return None if value is None else symptom.bound.passes(value)
    if symptom.figure:
        most = runbook.diagnostics.causes.false_positives.value
        return None if value is None else value > most
    if symptom.kind is SymptomKind.BEYOND:
        return result.status in _BEYOND
    failed = result.status is Status.FAILED
    return failed and (symptom.kind is SymptomKind.FAILING or value is None)


def _growth(symptom: Symptom, trends: Trends, runbook: Runbook) -> SymptomSeen:
    trend = trends.get(symptom.check)
    if trend is None:
        return SymptomSeen(symptom, None)
    grew = sentence(
        "It grew from {first} to {last}.",
        first=Figure(trend.first, trend.unit),
        last=Figure(trend.last, trend.unit),
    )
    rises = trend.rises(runbook.diagnostics.causes.increase.value)
    return SymptomSeen(symptom, rises, trend.last, trend.unit, "", (grew,))
