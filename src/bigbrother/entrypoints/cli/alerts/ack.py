"""`bigbrother alerts ack` and `unack`: somebody takes alerts on, or gives them back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import Opened, WhoOption, opened, person
from bigbrother.entrypoints.cli.exits import exit_code, explain, explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, plain, print_json
from bigbrother.kernel.errors import BigBrotherError

if TYPE_CHECKING:
    from bigbrother.operations.alerts.records import Alert

References = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="Ids, how they begin, or names of open alerts."),
]


@explains_errors
def ack(references: References, who: WhoOption = None, output: OutputOption = Format.TABLE) -> None:
    """Takes alerts on: nobody else is paged for them. The first who does so stays.

    An alert that gets worse afterwards pages again.
    """
    name = person(who)
    _each(
        references,
        output,
        lambda at, reference: at.book.acknowledge(reference, name, at.now),
        lambda alert: f"{alert.name} is acknowledged by {alert.acknowledged_by}.",
    )


@explains_errors
def unack(
    references: References, who: WhoOption = None, output: OutputOption = Format.TABLE
) -> None:
    """Gives alerts back: whoever is due by now is paged."""
    name = person(who)
    _each(
        references,
        output,
        lambda at, reference: at.book.unacknowledge(reference, name, at.now),
        lambda alert: f"{alert.name} is not acknowledged.",
    )


def _each(
    references: list[str],
    output: Format,
    act: "Callable[[Opened, str], Alert]",
    sentence: "Callable[[Alert], str]",
) -> None:
    """Each by itself: one that is over is no reason to leave the others."""
    from bigbrother.entrypoints.cli.alerts.naming import suggesting  # noqa: PLC0415
    from bigbrother.entrypoints.cli.alerts.shown import alert_json, short  # noqa: PLC0415

    done: list[Alert] = []
    failures: list[BigBrotherError] = []
    with opened() as at:
        for reference in references:
            try:
                with suggesting(at, reference):
                    done.append(act(at, reference))
            except BigBrotherError as error:
                failures.append(error)
    if output is Format.JSON:
        print_json({"items": [alert_json(alert) for alert in done]})
    else:
        for alert in done:
            typer.echo(plain(f"{short(alert.id)}  {sentence(alert)}"))
    for failure in failures:
        explain(failure)
    if failures:
        raise typer.Exit(exit_code(failures[0]))
