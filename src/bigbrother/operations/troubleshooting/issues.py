"""The common problems of section 3.1: which symptoms are there, where to look, what to run."""

from collections.abc import Sequence
from dataclasses import dataclass

from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.symptoms import SymptomSeen, symptoms_seen
from bigbrother.operations.diagnostics.trends import Trends
from bigbrother.operations.troubleshooting.errors import IssueUnknown
from bigbrother.runbook.looks import checks_of
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.solution_names import procedure_of
from bigbrother.runbook.validation.mistake import nearest


@dataclass(frozen=True, slots=True)
class IssueSeen:
    """One issue against what was seen."""

    name: str
    symptoms: tuple[SymptomSeen, ...]
    checks: tuple[str, ...]
    """Checks and probes that look at it, in the document's order, each once."""
    procedures: tuple[str, ...]
    """What helps, as `bigbrother run` takes it; without solutions that are still to come."""

    @property
    def present(self) -> bool:
        """Whether any symptom is there."""
        return any(symptom.present for symptom in self.symptoms)


def issue_seen(name: str, results: Sequence[Result], trends: Trends, runbook: Runbook) -> IssueSeen:
    """One issue now; raises IssueUnknown with the nearest name."""
    issue = runbook.common_issues.get(name)
    if issue is None:
        raise IssueUnknown(
            f"There is no issue '{name}'.", remedy=nearest(name, runbook.common_issues)
        )
    solutions = (procedure_of(solution, runbook) for solution in issue.solutions)
    return IssueSeen(
        name,
        symptoms_seen(issue.symptoms, results, trends, runbook),
        checks_to_make(name, runbook),
        tuple(procedure for procedure in solutions if procedure is not None),
    )


def checks_to_make(name: str, runbook: Runbook) -> tuple[str, ...]:
    """Where to look for an issue: the checks of its symptoms, then those that it names."""
    issue = runbook.common_issues[name]
    looks = [symptom.check for symptom in issue.symptoms]
    looks += [check for phrase in issue.checks for check in checks_of(phrase)]
    return tuple(dict.fromkeys(looks))
