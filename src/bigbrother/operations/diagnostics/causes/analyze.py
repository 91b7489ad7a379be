"""Ranks causes by what was seen. Pure: the same results give the same causes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics.causes.catalogue import SUSPECTS
from bigbrother.operations.diagnostics.causes.evidence import (
    Evidence,
    speaking_against,
    speaking_for,
)
from bigbrother.operations.diagnostics.causes.narrowing import concerns
from bigbrother.operations.diagnostics.causes.suspect import Suspect
from bigbrother.operations.diagnostics.records import Cause
from bigbrother.operations.diagnostics.trends import Trends
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.solution_names import procedure_of
from bigbrother.runbook.validation.names import UNIT_ALIASES

_EXPLAINED = 0.6
"""What is left of a sign that a cause before this one accounts for: both may be true at once."""
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Ranked:
    suspect: Suspect
    likelihood: float
    evidence: tuple[Evidence, ...]


def analyze_results(
    results: Sequence[Result],
    runbook: Runbook,
    *,
    trends: Trends | None = None,
    symptom: str | None = None,
) -> tuple[Cause, ...]:
    """The causes that explain what was seen, the likeliest first; what is unknown says nothing.

    `symptom` is an issue or an alert: what it has to do with stays, if anything has. One below the
    document's least likelihood is not named.
    """
    least = runbook.diagnostics.causes.least_likelihood.value
    ranked = _ranked(results, runbook, {} if trends is None else trends)
    named = [each for each in ranked if each.likelihood >= least]
    order = {suspect.name: place for place, suspect in enumerate(SUSPECTS)}
    named.sort(key=lambda each: (-each.likelihood, order[each.suspect.name]))
    if symptom is not None:
        named = _about(symptom, named, runbook)
    return tuple(_cause(each, runbook) for each in named)


def likelihoods(
    results: Sequence[Result], runbook: Runbook, trends: Trends | None = None
) -> Mapping[str, float]:
    """Of every cause, also of those that are too unlikely to be named."""
    ranked = _ranked(results, runbook, {} if trends is None else trends)
    return {each.suspect.name: each.likelihood for each in ranked}


def _ranked(results: Sequence[Result], runbook: Runbook, trends: Trends) -> tuple[_Ranked, ...]:
    """In the catalogue's order: each sees what those before it already account for."""
    least = runbook.diagnostics.causes.least_likelihood.value
    ranked: list[_Ranked] = []
    established: list[Suspect] = []
    for suspect in SUSPECTS:
        if suspect.name not in runbook.common_issues:
            continue
        evidence = tuple(
            _less_if_explained(each, established)
            for each in speaking_for(suspect, results, trends, runbook)
        )
        doubts = speaking_against(suspect, results)
        likelihood = _together(suspect, evidence) * prod(1 - each.weight for each in doubts)
        likelihood = round(likelihood, _DIGITS)
        ranked.append(_Ranked(suspect, likelihood, evidence))
        if likelihood >= least:
            established.append(suspect)
    return tuple(ranked)


def _together(suspect: Suspect, evidence: Iterable[Evidence]) -> float:
    """How likely it is that not all of it deceives."""
    weights: list[float] = []
    same = [0.0]
    for each in evidence:
        (same if each.check in suspect.one_thing else weights).append(each.weight)
    return 1 - prod(1 - weight for weight in (*weights, max(same)))


def _less_if_explained(evidence: Evidence, established: Iterable[Suspect]) -> Evidence:
    for suspect in established:
        if suspect.accounts_for(evidence.check, evidence.target):
            reason = sentence(
                "{reason} (It may come of {cause}.)", reason=evidence.reason, cause=suspect.name
            )
            weight = evidence.weight * _EXPLAINED
            return Evidence(evidence.check, evidence.target, weight, reason)
    return evidence


def _about(symptom: str, ranked: Sequence[_Ranked], runbook: Runbook) -> list[_Ranked]:
    about = [each for each in ranked if concerns(each.suspect.name, symptom, runbook)]
    return about or [*ranked]


def _cause(ranked: _Ranked, runbook: Runbook) -> Cause:
    issue = runbook.common_issues[ranked.suspect.name]
    strongest = sorted(ranked.evidence, key=lambda each: -each.weight)
    reasons = dict.fromkeys(each.reason for each in strongest)
    target = next((each.target for each in strongest if each.target), "")
    found = (procedure_of(solution, runbook) for solution in issue.solutions)
    procedures = [procedure for procedure in found if procedure is not None]
    # Of several services the one that is ill is recovered first.
    procedures.sort(key=lambda name: not _recovers(name, target))
    return Cause(ranked.suspect.name, ranked.likelihood, tuple(reasons), tuple(procedures), target)


def _recovers(procedure: str, unit: str) -> bool:
    service = procedure.partition(".")[2]
    return UNIT_ALIASES.get(service, service) == unit
