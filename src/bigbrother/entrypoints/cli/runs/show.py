"""`bigbrother runs show`: everything about one run, with every command and what it printed."""

from typing import TYPE_CHECKING

import typer

from bigbrother.entrypoints.cli.alerts.opened import opened
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    plain,
    print_json,
    print_record,
)
from bigbrother.entrypoints.cli.runs.reference import RunReference

if TYPE_CHECKING:
    from bigbrother.operations.procedures.records import Approval, Attempt, Run, RunEvent

_ALL = 2**31


@explains_errors
def show(reference: RunReference, output: OutputOption = Format.TABLE) -> None:
    """Shows one run: its steps with their commands, output, exit codes and durations."""
    from bigbrother.operations.procedures import history  # noqa: PLC0415
    from bigbrother.operations.procedures.as_json import event_json, whole_json  # noqa: PLC0415

    with opened() as at:
        run = at.store.read(lambda conn: history.find_run(conn, reference))
        attempts = at.store.read(lambda conn: history.attempts(conn, run.id))
        asked = at.store.read(lambda conn: history.approvals(conn, run.id))
        events = at.store.read(lambda conn: history.events(conn, run.id, limit=_ALL))
    if output is Format.JSON:
        found = whole_json(run, attempts, asked)
        print_json(found | {"events": [event_json(event) for event in events]})
        return
    _print_run(run)
    for approval in asked:
        typer.echo(plain(_approval(run, approval)))
    for attempt in attempts:
        _print_attempt(attempt, [event for event in events if _is_of(event, attempt)])
    for number in range(_done_steps(attempts), len(run.steps)):
        typer.echo(f"· {plain(run.steps[number].action)}")


def _print_run(run: "Run") -> None:
    from bigbrother.entrypoints.cli.alerts.shown import moment  # noqa: PLC0415
    from bigbrother.entrypoints.cli.runs import shown  # noqa: PLC0415

    given = " ".join(f"{name}={value}" for name, value in run.arguments.items())
    print_record(
        [
            ("id", run.id),
            ("procedure", run.procedure),
            ("works on", run.resource),
            ("arguments", given or None),
            ("state", shown.state(run).plain),
            ("reason", run.reason or None),
            ("asked by", run.asked_by),
            ("alert", run.alert_id),
            ("began", moment(run.created_at)),
            ("ended", moment(run.ended_at)),
            ("error", run.error or None),
            ("remedy", run.remedy or None),
        ]
    )
    typer.echo("")


def _print_attempt(attempt: "Attempt", events: "list[RunEvent]") -> None:
    from bigbrother.entrypoints.cli.runs.shown import echo, said_line, step_line  # noqa: PLC0415

    echo(step_line(attempt))
    for event in events:
        line = said_line(event)
        if line is not None:
            echo(line)


def _approval(run: "Run", approval: "Approval") -> str:
    step = run.steps[approval.number].action
    if approval.decided_at is None:
        return f"? {step} waits for approval until {approval.until.astimezone():%F %H:%M:%S}"
    who = approval.who or "nobody in time"
    why = f": {approval.why}" if approval.why else ""
    return f"{'approved' if approval.approved else 'rejected'}: {step} by {who}{why}"


def _is_of(event: "RunEvent", attempt: "Attempt") -> bool:
    place = (attempt.number, attempt.phase, attempt.attempt)
    return tuple(event.data.get(name) for name in ("number", "phase", "attempt")) == place


def _done_steps(attempts: "tuple[Attempt, ...]") -> int:
    return max((attempt.number + 1 for attempt in attempts if attempt.phase == "do"), default=0)
