"""Whether a solution helped: its issue's symptoms before it ran, and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from bigbrother.operations.checks.sentences import Figure, Sentence, sentence
from bigbrother.operations.diagnostics.symptoms import SymptomSeen
from bigbrother.runbook.symptoms import Symptom


class Verdict(StrEnum):
    """What became of one symptom."""

    CURED = "cured"
    """It was there, and is gone."""
    BETTER = "better"
    """It is still there, and its figure is nearer to what passes."""
    UNCHANGED = "unchanged"
    WORSE = "worse"
    """It came, or its figure went further away."""
    ABSENT = "absent"
    """It was not there, and is not."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Effect:
    """One symptom before and after."""

    symptom: Symptom
    verdict: Verdict
    before: float | None
    after: float | None
    unit: str

    def said(self) -> Sentence:
        """For a person."""
        if self.before is None or self.after is None:
            return sentence(
                "{symptom}: {verdict}.",
                symptom=self.symptom.text,
                verdict=sentence(str(self.verdict)),
            )
        return sentence(
            "{symptom}: {verdict}, {before} before and {after} after.",
            symptom=self.symptom.text,
            verdict=sentence(str(self.verdict)),
            before=Figure(self.before, self.unit),
            after=Figure(self.after, self.unit),
        )

    def as_json(self) -> dict[str, JsonValue]:
        """For the journal of a run."""
        return {
            "symptom": self.symptom.text,
            "verdict": str(self.verdict),
            "before": self.before,
            "after": self.after,
            "unit": self.unit,
        }


def effects(before: Sequence[SymptomSeen], after: Sequence[SymptomSeen]) -> tuple[Effect, ...]:
    """Of every symptom that was looked at both times, in the order of `before`."""
    later = {seen.symptom: seen for seen in after}
    return tuple(
        Effect(
            seen.symptom,
            _verdict(seen, later[seen.symptom]),
            seen.value,
            later[seen.symptom].value,
            seen.unit or later[seen.symptom].unit,
        )
        for seen in before
        if seen.symptom in later
    )


def helped(found: Sequence[Effect]) -> bool | None:
    """Whether what was there is gone and nothing got worse; None when nobody can tell."""
    if any(effect.verdict is Verdict.WORSE for effect in found):
        return False
    known = [effect for effect in found if effect.verdict is not Verdict.UNKNOWN]
    there = [effect for effect in known if effect.verdict is not Verdict.ABSENT]
    if not there:
        return None
    return all(effect.verdict is Verdict.CURED for effect in there)


def _verdict(before: SymptomSeen, after: SymptomSeen) -> Verdict:
    if before.present is None or after.present is None:
        return Verdict.UNKNOWN
    if before.present and not after.present:
        return Verdict.CURED
    if after.present and not before.present:
        return Verdict.WORSE
    if not after.present:
        return Verdict.ABSENT
    return _moved(before, after)


def _moved(before: SymptomSeen, after: SymptomSeen) -> Verdict:
    """Of a symptom that is there both times: a bound says which way is better."""
    bound = before.symptom.bound
    if bound is None or before.value is None or after.value is None or before.value == after.value:
        return Verdict.UNCHANGED
    large_is_bad = bound.comparison in (">", ">=")
    return Verdict.BETTER if (after.value < before.value) is large_is_bad else Verdict.WORSE
