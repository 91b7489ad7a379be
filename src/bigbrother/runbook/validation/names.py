"""Every step, check, solution, panel, unit and alert that the document names exists."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bigbrother.runbook import looks, planned, step_names
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Matcher
from bigbrother.runbook.solution_names import solution_names
from bigbrother.runbook.validation.mistake import Mistake, Path, nearest

UNIT_ALIASES = {"face_analyzer": "bigbrother-face"}
"""Names of the source that stand for a unit."""
STEPS = planned.STEPS | step_names.STEPS
"""Every step that a procedure may name."""
_ALERT = "alert"
_UNIT = "unit"


def unknown(runbook: Runbook) -> Iterator[Mistake]:
    """Names in procedures, diagnosis and dashboards that nothing stands behind."""
    yield from _steps(runbook)
    diagnostics = runbook.diagnostics.checks
    for what, check in diagnostics:
        yield from _unknown(
            (check,), ("diagnostics", "checks", what), "check", looks.GROUP_LOOKS, numbered=False
        )
    for name, issue in runbook.common_issues.items():
        path: Path = ("common_issues", name)
        yield from _unknown(issue.checks, (*path, "checks"), "check", looks.known_looks())
        yield from _unknown(
            issue.solutions,
            (*path, "solutions"),
            "solution",
            planned.SOLUTIONS.union(solution_names(runbook)),
        )
    for name, dashboard in runbook.dashboards:
        yield from _unknown(
            dashboard.panels, ("dashboards", name, "panels"), "panel", planned.PANELS
        )


def beyond(runbook: Runbook, shipped: Mapping[str, Any]) -> Iterator[Mistake]:
    """Units and alert rules that an overlay invents, and matchers that match nothing."""
    units, rules = shipped["units"], shipped["alerts"]["rules"]
    for unit in runbook.units:
        yield from _unknown((unit,), ("units", unit), "unit", units, numbered=False)
    for service in runbook.service_recovery:
        yield from _unknown(
            (service,),
            ("service_recovery", service),
            "unit",
            {*units, *UNIT_ALIASES},
            numbered=False,
        )
    yield from _cures(runbook, rules)
    for rule in runbook.alerts.rules:
        yield from _unknown((rule,), ("alerts", "rules", rule), "alert", rules, numbered=False)
    alerts = runbook.alerts
    for index, inhibition in enumerate(alerts.inhibitions):
        path: Path = ("alerts", "inhibitions", index)
        yield from _strange_units((inhibition.when,), (*path, "when"), units, numbered=False)
        yield from _strange_units(inhibition.quiet, (*path, "quiet"), units)
    for index, maintenance in enumerate(alerts.maintenance):
        path = ("alerts", "maintenance", index, "quiet")
        yield from _strange_units(maintenance.quiet, path, units)
        yield from _misspelt_alerts(maintenance.quiet, path, rules)


def procedure_names(runbook: Runbook) -> tuple[str, ...]:
    """Every procedure of the document, as `bigbrother run` takes it."""
    return (
        *(f"service_recovery.{service}" for service in runbook.service_recovery),
        *(f"solutions.{name.replace(' ', '_')}" for name in runbook.solutions),
        *(f"housekeeping.{name.replace(' ', '_')}" for name in runbook.housekeeping),
    )


def _cures(runbook: Runbook, rules: Collection[str]) -> Iterator[Mistake]:
    known = {"service_recovery", *procedure_names(runbook)}
    for alert, cure in runbook.response.cures.items():
        path: Path = ("response", "cures", alert)
        yield from _unknown((alert,), path, "alert", rules, numbered=False)
        yield from _unknown(
            (cure.procedure,), (*path, "procedure"), "procedure", known, numbered=False
        )


def _steps(runbook: Runbook) -> Iterator[Mistake]:
    lists: list[tuple[Path, Sequence[str]]] = [
        (("data_recovery", "database", "steps"), runbook.data_recovery.database.steps),
        (("data_recovery", "models", "steps"), runbook.data_recovery.models.steps),
    ]
    for kind, procedure in runbook.update_procedures:
        lists += [(("update_procedures", kind, part), steps) for part, steps in procedure]
    for kind, disaster in runbook.disaster_recovery:
        lists.append((("disaster_recovery", kind, "steps"), disaster.steps))
    lists += [(("dr_checklist", part), steps) for part, steps in runbook.dr_checklist]
    lists += [
        (("solutions", name, "steps"), each.steps) for name, each in runbook.solutions.items()
    ]
    lists += [
        (("housekeeping", name, "steps"), each.steps) for name, each in runbook.housekeeping.items()
    ]
    for path, steps in lists:
        yield from _unknown(steps, path, "step", STEPS)
    for step in runbook.procedures.steps:
        path = ("procedures", "steps", step)
        yield from _unknown((step,), path, "step", STEPS, numbered=False)
    for service, recovery in runbook.service_recovery.items():
        for step in recovery:
            path = ("service_recovery", service, step)
            yield from _unknown((step,), path, "step", STEPS, numbered=False)


def _unknown(
    named: Sequence[str],
    path: Path,
    kind: str,
    known: Collection[str],
    *,
    numbered: bool = True,
) -> Iterator[Mistake]:
    for index, name in enumerate(named):
        if name not in known:
            yield Mistake(
                (*path, index) if numbered else path,
                f"there is no {kind} '{name}'.",
                nearest(name, known),
            )


def _strange_units(
    matchers: Sequence[Matcher], path: Path, units: Collection[str], *, numbered: bool = True
) -> Iterator[Mistake]:
    for index, matcher in enumerate(matchers):
        here = (*path, index) if numbered else path
        if _UNIT in matcher:
            yield from _unknown((matcher[_UNIT],), (*here, _UNIT), "unit", units, numbered=False)


def _misspelt_alerts(
    matchers: Sequence[Matcher], path: Path, rules: Collection[str]
) -> Iterator[Mistake]:
    """Alerts that others send in have names of their own; one that is nearly ours is a slip."""
    for index, matcher in enumerate(matchers):
        name = matcher.get(_ALERT, "")
        if name not in rules and get_close_matches(name, rules, n=1, cutoff=0.8):
            yield from _unknown((name,), (*path, index, _ALERT), "alert", rules, numbered=False)
