"""Runs as a person reads them."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import typer
from rich.console import Console
from rich.text import Text

from bigbrother.entrypoints.cli.output import plain
from bigbrother.operations.procedures.records import Attempt, Run, RunEvent, RunState, StepState

COLUMNS = ("ID", "STATE", "PROCEDURE", "BEGAN", "TOOK", "ASKED BY", "REASON")
_RUN_STYLES = {
    RunState.QUEUED: "cyan",
    RunState.RUNNING: "cyan",
    RunState.WAITING: "yellow",
    RunState.PAUSED: "yellow",
    RunState.HELD: "bold yellow",
    RunState.UNDOING: "magenta",
    RunState.SUCCEEDED: "green",
    RunState.UNDONE: "red",
    RunState.FAILED: "bold red",
    RunState.CANCELLED: "dim",
    RunState.REJECTED: "dim",
    RunState.REFUSED: "red",
}
_STEP_LOOKS = {
    StepState.RUNNING: ("…", "cyan"),
    StepState.DONE: ("✓", "green"),
    StepState.SKIPPED: ("–", "dim"),
    StepState.VERIFIED: ("✓", "green"),
    StepState.FAILED: ("✗", "bold red"),
    StepState.TIMED_OUT: ("✗", "bold red"),
    StepState.DIED: ("✗", "bold red"),
    StepState.INTERRUPTED: ("!", "yellow"),
}


def row(run: Run, now: datetime) -> Sequence[object]:
    """One line of a table under COLUMNS."""
    return (
        run.id,
        state(run),
        run.procedure,
        f"{run.created_at.astimezone():%F %H:%M:%S}",
        span((run.ended_at or now) - run.created_at),
        run.asked_by,
        run.reason,
    )


def state(run: Run) -> Text:
    """In its colour, where somebody looks, with what is asked of it."""
    asked = ", cancelling" if run.cancel_asked and run.ended_at is None else ""
    asked += ", pausing" if run.pause_asked and run.state is RunState.RUNNING else ""
    return Text(f"{run.state}{asked}", style=_RUN_STYLES[run.state])


def step_line(attempt: Attempt) -> Text:
    """One attempt at a step, with its duration and what came of it."""
    mark, style = _STEP_LOOKS[attempt.state]
    line = Text(f"{mark} ", style=style)
    line.append("undo " if attempt.phase == "undo" else "")
    line.append(plain(attempt.action), style="bold")
    line.append(f" (try {attempt.attempt})" if attempt.attempt > 1 else "")
    if attempt.ended_at is not None:
        line.append(f"  {span(attempt.ended_at - attempt.began_at)}", style="dim")
    told = attempt.error if attempt.outcome is None else attempt.outcome.summary
    line.append(f"  {plain(' '.join(f'{told} {attempt.remedy}'.split()))}")
    return line


def span(lasting: timedelta) -> str:
    """Such as 0.4 s, 12 s, 3 min 5 s, 2 h 4 min."""
    seconds = max(0.0, lasting.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def said_line(event: RunEvent) -> Text | None:
    """A command, a line of output or an exit, indented below its step; None for other events."""
    text = plain(str(event.data.get("text", "")))
    if event.kind == "command":
        return Text(f"    $ {text}", style="bold")
    if event.kind in ("line", "output"):
        return Text(f"    {text}", style="dim")
    if event.kind == "output.cut":
        return Text(f"    [{event.data['bytes']} bytes left out]", style="dim")
    if event.kind == "exit":
        return Text(
            f"    exit {text} after {event.data.get('seconds')} s",
            style="dim" if text == "0" else "red",
        )
    return None


def echo(line: Text) -> None:
    """A line on stdout, in colour where somebody looks."""
    if sys.stdout.isatty():
        Console(highlight=False, soft_wrap=True).print(line)
    else:
        typer.echo(line.plain)
