"""What in the results speaks for a suspect, and what against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Sentence, sentence
from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect
from bigbrother.operations.diagnostics.symptoms import symptom_seen
from bigbrother.operations.diagnostics.trends import Trends
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.symptoms import SymptomKind

_STRANGE_SYMPTOM = 0.3
"""What a symptom says that an operator has added: something, but not enough by itself."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen and speaks."""

    check: str
    target: str
    weight: float
    """Between 0 and 1."""
    reason: Sentence


def speaking_for(
    suspect: Suspect, results: Sequence[Result], trends: Trends, runbook: Runbook
) -> tuple[Evidence, ...]:
    """The issue's symptoms that are present, and the suspect's own signs; the strongest first.

    What one check shows is one piece of evidence, however many sentences of the document it fits.
    """
    found = [
        *_symptoms(suspect, results, trends, runbook),
        *_signs(suspect.signs, results),
    ]
    found.sort(key=lambda each: (-each.weight, each.check, each.target))
    strongest: dict[str, Evidence] = {}
    for each in found:
        strongest.setdefault(each.check, each)
    return tuple(strongest.values())


def speaking_against(suspect: Suspect, results: Sequence[Result]) -> tuple[Evidence, ...]:
    """What makes it less likely. A check that speaks for it does not speak against it too."""
    return tuple(_signs(suspect.against, results))


def _symptoms(
    suspect: Suspect, results: Sequence[Result], trends: Trends, runbook: Runbook
) -> list[Evidence]:
    issue = runbook.common_issues.get(suspect.name)
    found = []
    for symptom in () if issue is None else issue.symptoms:
        seen = symptom_seen(symptom, results, trends, runbook)
        if seen.present:
            grows = symptom.kind is SymptomKind.INCREASING
            key = f"increasing {symptom.check}" if grows else symptom.check
            weight = suspect.symptoms.get(key, _STRANGE_SYMPTOM)
            reason = _reason(suspect.why, seen.evidence)
            found.append(Evidence(symptom.check, seen.target, weight, reason))
    return found


def _signs(signs: Sequence[Sign], results: Sequence[Result]) -> list[Evidence]:
    found = []
    for sign in signs:
        seen = [result for result in results if _shows(sign, result)]
        # One thing that is well says nothing while another of the same kind is not.
        if not seen or (sign.shows is Shows.PASSED and len(seen) < _looked_at(sign, results)):
            continue
        found.append(
            Evidence(sign.check, seen[0].target, sign.weight, _reason(sign.why, seen[0].evidence))
        )
    return found


def _looked_at(sign: Sign, results: Sequence[Result]) -> int:
    known = (Status.PASSED, Status.WARNING, Status.FAILED)
    return sum(result.check == sign.check and result.status in known for result in results)


def _shows(sign: Sign, result: Result) -> bool:
    if result.check != sign.check or sign.target not in ("", result.target):
        return False
    if sign.shows is Shows.PASSED:
        return result.status is Status.PASSED
    if sign.shows in (Shows.BEYOND, Shows.DEGRADED):
        beyond = result.status in (Status.WARNING, Status.FAILED)
        return beyond and (sign.shows is Shows.BEYOND or result.value is not None)
    broken = result.status is Status.FAILED
    return broken and (sign.shows is Shows.FAILED or result.value is None)


def _reason(why: str, evidence: Sequence[str]) -> Sentence:
    """What was seen, and what it means."""
    meaning = sentence(why)
    if not evidence:
        return meaning
    return sentence("{seen} {meaning}", seen=evidence[0], meaning=meaning)
