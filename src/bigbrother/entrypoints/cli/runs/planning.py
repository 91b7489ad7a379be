"""What a procedure is and would do, before it is begun."""

import sys
from typing import TYPE_CHECKING

import typer

from bigbrother.entrypoints.cli.exits import ExitCode
from bigbrother.entrypoints.cli.output import Format, plain, print_json, print_table
from bigbrother.operations.procedures.catalogue import procedures
from bigbrother.operations.procedures.dry_run import StepPlan, dry_run
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.runbook.following import starting_document
from bigbrother.settings import load_settings
from bigbrother.wiring.actions import step_runner

if TYPE_CHECKING:
    from bigbrother.entrypoints.cli.runs.beginning import Installed, Wanted


def list_procedures(output: Format) -> None:
    """Every procedure of the document."""
    settings = load_settings()
    runbook = starting_document(
        settings.runbook_overlay, settings.published_runbook, settings.tuned_runbook
    )
    known = procedures(runbook).values()
    if output is Format.JSON:
        items = [
            {
                "name": each.name,
                "resource": each.resource,
                "steps": [step.as_json() for step in each.steps],
            }
            for each in known
        ]
        print_json({"items": items})
        return
    print_table(
        ("PROCEDURE", "WORKS ON", "STEPS"),
        [
            (each.name, each.resource, " → ".join(step.action for step in each.steps))
            for each in known
        ],
    )


def plans_of(at: "Installed", wanted: "Wanted") -> tuple[StepPlan, ...]:
    """What each step would do now; asks, and changes nothing."""
    runner = step_runner(at.settings)
    at_once = at.runbook.procedures.at_once
    return dry_run(wanted.procedure, wanted.arguments, ACTIONS, runner, at_once)


def tell(wanted: "Wanted", plans: tuple[StepPlan, ...], output: Format) -> ExitCode:
    """Prints the plans; DONE when each step could tell its own."""
    if output is Format.JSON:
        steps = [
            {
                "step": plan.step,
                "arguments": dict(plan.arguments),
                "changes": plan.changes,
                "approval": plan.approval,
                "plan": plan.plan or None,
                "error": plan.error,
            }
            for plan in plans
        ]
        name, resource = wanted.procedure.name, wanted.procedure.resource
        print_json({"procedure": name, "resource": resource, "steps": steps})
    else:
        tell_plans(wanted, plans)
    return ExitCode.FAILED if any(plan.error for plan in plans) else ExitCode.DONE


def tell_plans(wanted: "Wanted", plans: tuple[StepPlan, ...], *, err: bool = False) -> None:
    """For a person, on stdout or stderr."""
    bold = sys.stderr.isatty() if err else sys.stdout.isatty()
    typer.echo(f"{wanted.procedure.name} would, on {wanted.procedure.resource}:", err=err)
    for number, plan in enumerate(plans, 1):
        name = typer.style(plain(plan.step), bold=True) if bold else plain(plan.step)
        kind = "" if plan.changes else " (only looks)"
        kind += " (needs approval)" if plan.approval else ""
        typer.echo(f"{number}. {name}{kind}", err=err)
        for line in (plan.plan or f"It cannot be told: {plan.error}").splitlines():
            typer.echo(f"   {plain(line)}", err=err)
