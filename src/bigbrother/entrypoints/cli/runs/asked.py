"""`bigbrother runs approve`, `reject`, `cancel`, `pause` and `resume`: what people say to runs."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import Opened, WhoOption, opened, person
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, plain, print_json
from bigbrother.entrypoints.cli.runs.reference import RunReference

if TYPE_CHECKING:
    from bigbrother.operations.procedures.records import Run

WhyOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the run.")]


class Settle(StrEnum):
    """What a person found out about a step of which nobody knew whether it happened."""

    DONE = "done"
    AGAIN = "again"


@explains_errors
def approve(
    reference: RunReference,
    *,
    why: WhyOption = "",
    who: WhoOption = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Lets the step that waits for approval go."""
    from bigbrother.operations.procedures import requests  # noqa: PLC0415

    name = person(who)
    _ask(
        lambda at: requests.approve(at.store, reference, name, at.now, why),
        "Approved: {procedure} goes on.",
        output,
    )


@explains_errors
def reject(
    reference: RunReference,
    *,
    why: WhyOption = "",
    who: WhoOption = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Says no to the step that waits; what was done before is taken back."""
    from bigbrother.operations.procedures import requests  # noqa: PLC0415

    name = person(who)
    _ask(
        lambda at: requests.reject(at.store, reference, name, at.now, why),
        "Rejected: {procedure} ends.",
        output,
    )


@explains_errors
def cancel(
    reference: RunReference,
    *,
    why: WhyOption = "",
    who: WhoOption = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Ends a run: the step that goes on is cut off, and what was done is taken back."""
    from bigbrother.operations.procedures import requests  # noqa: PLC0415

    name = person(who)
    _ask(
        lambda at: requests.cancel(at.store, reference, name, at.now, why),
        "{procedure} is being cancelled. Follow it: bigbrother runs watch {run}",
        output,
    )


@explains_errors
def pause(
    reference: RunReference, *, who: WhoOption = None, output: OutputOption = Format.TABLE
) -> None:
    """Stops a run after the step that goes on now."""
    from bigbrother.operations.procedures import requests  # noqa: PLC0415

    name = person(who)
    _ask(
        lambda at: requests.pause(at.store, reference, name, at.now),
        "{procedure} pauses after this step. Go on: bigbrother runs resume {run}",
        output,
    )


@explains_errors
def resume(
    reference: RunReference,
    *,
    settle: Annotated[
        Settle | None,
        typer.Option(
            "--settle",
            help="Of a step of which nobody knows whether it happened: it is done, or do it again.",
            show_default=False,
        ),
    ] = None,
    who: WhoOption = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Lets a run go on that is paused or waits for a person."""
    from bigbrother.operations.procedures import requests  # noqa: PLC0415

    name = person(who)
    _ask(
        lambda at: requests.resume(
            at.store, reference, name, at.now, "" if settle is None else settle.value
        ),
        "{procedure} goes on. Follow it: bigbrother runs watch {run}",
        output,
    )


def _ask(request: "Callable[[Opened], Run]", sentence: str, output: Format) -> None:
    from bigbrother.operations.procedures.as_json import run_json  # noqa: PLC0415

    with opened() as at:
        run = request(at)
    if output is Format.JSON:
        print_json(run_json(run))
        return
    typer.echo(plain(sentence.format(procedure=run.procedure, run=run.id)))
