"""What a run's end means: a sentence, and an exit code."""

from collections.abc import Sequence

import typer

from bigbrother.entrypoints.cli.exits import ExitCode
from bigbrother.entrypoints.cli.output import Format, plain, print_json, say
from bigbrother.operations.procedures import history
from bigbrother.operations.procedures.as_json import whole_json
from bigbrother.operations.procedures.records import DONE, ENDED, Attempt, Run, RunState
from bigbrother.operations.store.store import Store

_VERIFYING = "verify_"


def exit_of(run: Run, attempts: Sequence[Attempt]) -> ExitCode:
    """0 when it succeeded, 9 when what was done proved not to help, 4 when it was refused."""
    if run.state is RunState.SUCCEEDED or run.state not in ENDED:
        return ExitCode.DONE
    if run.state is RunState.REFUSED:
        return ExitCode.REFUSED
    if run.state in (RunState.FAILED, RunState.UNDONE):
        tried = [attempt for attempt in attempts if attempt.phase == "do"]
        if tried and tried[-1].state not in DONE and tried[-1].action.startswith(_VERIFYING):
            return ExitCode.VERIFICATION_FAILED
    return ExitCode.FAILED


def tell_end(store: Store, run: Run, output: Format) -> None:
    """How a run stands after it was followed."""
    if output is Format.JSON:
        attempts = store.read(lambda conn: history.attempts(conn, run.id))
        asked = store.read(lambda conn: history.approvals(conn, run.id))
        print_json(whole_json(run, attempts, asked))
        return
    typer.echo(f"Run {run.id} {plain(_IN_WORDS.get(run.state, run.state))}.")
    if run.error:
        say(f"Error: {run.error} {run.remedy}".rstrip())
    if run.state not in ENDED:
        say(f"Then: bigbrother runs resume {run.id}, or bigbrother runs cancel {run.id}.")


_IN_WORDS = {
    RunState.SUCCEEDED: "succeeded",
    RunState.UNDONE: "failed; what it had done was taken back",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "was cancelled",
    RunState.REJECTED: "was rejected",
    RunState.REFUSED: "was refused; nothing was touched",
    RunState.HELD: "waits for a person",
    RunState.PAUSED: "is paused",
}
