"""How a run is named on the command line."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.completion import run_ids

RunReference = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="An id, how it begins or ends, or 'last'.",
        autocompletion=run_ids,
    ),
]
