"""`bigbrother runbook untune`: takes back figures that solutions tuned."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, plain, print_json
from bigbrother.runbook.tuned import FIGURES
from bigbrother.settings import load_settings


def figure_names(incomplete: str) -> list[str]:
    """Figures that may be tuned."""
    return [name for name in FIGURES if name.startswith(incomplete)]


@explains_errors
def untune(
    figures: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIGURE]...",
            help="Such as chunk or batch.chunk; all that were tuned without it.",
            autocompletion=figure_names,
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Takes tuned figures back: what the overlay or the shipped document says counts again."""
    from bigbrother.runbook.publishing import publish_in_force  # noqa: PLC0415
    from bigbrother.runbook.tuning_file import TunedFile  # noqa: PLC0415

    settings = load_settings()
    file = TunedFile(settings.tuned_runbook, settings.runbook_overlay)
    taken = file.take_back(figures or ())
    publish_in_force(settings)
    if output is Format.JSON:
        print_json({"taken_back": [".".join(FIGURES[name]) for name in taken]})
    elif taken:
        for name in taken:
            typer.echo(f"Took back {plain('.'.join(FIGURES[name]))}.")
    else:
        typer.echo("Nothing was tuned.")
