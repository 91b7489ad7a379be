"""Arguments that several face commands share."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.completion import collection_names

CollectionArgument = Annotated[
    str,
    typer.Argument(
        metavar="COLLECTION", help="The collection's name.", autocompletion=collection_names
    ),
]
ExternalIdArgument = Annotated[
    str,
    typer.Argument(
        metavar="EXTERNAL_ID", help="The subject's id: the name by which your own systems know it."
    ),
]

PurposeOption = Annotated[
    str,
    typer.Option("--purpose", help="What for; it stands in the audit.", show_default=False),
]
