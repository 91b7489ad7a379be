"""What a person or an alert asks a diagnosis about: an issue of section 3.1, or an alert."""

from collections.abc import Mapping

from bigbrother.kernel.errors import NotFound
from bigbrother.operations.diagnostics.causes.catalogue import SUSPECTS
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.validation.mistake import nearest

# The others' alerts have the name of the check that sees it.
_CHECKS: Mapping[str, frozenset[str]] = {
    "unit_down": frozenset({"services_status", "hung_units", "unit_restarts"}),
    "unit_silent": frozenset({"services_status", "hung_units"}),
    "unit_restarts": frozenset({"unit_restarts"}),
    "database_unreachable": frozenset({"database_answers"}),
    "endpoint_slow": frozenset({"response_time"}),
    "endpoint_failing": frozenset({"services_status", "golden_inference"}),
}


class SymptomUnknown(NotFound):
    """Neither an issue of the document nor an alert has this name."""

    code = "symptom-unknown"
    title = "Unknown symptom"


def symptom_names(runbook: Runbook) -> tuple[str, ...]:
    """Everything that a diagnosis can be asked about: issues, then alerts."""
    return (*runbook.common_issues, *runbook.alerts.rules)


def known_symptom(name: str, runbook: Runbook) -> str:
    """The symptom's right name; raises SymptomUnknown with the nearest one."""
    wanted = name.strip().replace(" ", "_")
    names = symptom_names(runbook)
    if wanted not in names:
        raise SymptomUnknown(f"There is no symptom '{name}'.", remedy=nearest(wanted, names))
    return wanted


def checks_about(symptom: str, runbook: Runbook) -> frozenset[str]:
    """The checks and probes that see this issue or alert."""
    issue = runbook.common_issues.get(symptom)
    if issue is not None:
        return frozenset(each.check for each in issue.symptoms)
    return _CHECKS.get(symptom, frozenset({symptom}))


def concerns(cause: str, symptom: str, runbook: Runbook) -> bool:
    """Whether a cause can make this issue or alert: it shows in its checks, or explains them."""
    if cause == symptom:
        return True
    asked = checks_about(symptom, runbook)
    issue = runbook.common_issues.get(cause)
    shown = {each.check for each in (() if issue is None else issue.symptoms)}
    suspect = next((each for each in SUSPECTS if each.name == cause), None)
    if suspect is not None:
        shown |= {sign.check for sign in suspect.signs}
        shown |= {explained.partition("/")[0] for explained in suspect.explains}
    return not asked.isdisjoint(shown)
