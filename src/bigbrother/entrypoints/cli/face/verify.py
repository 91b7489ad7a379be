"""`bigbrother face verify`: whether two images show one person."""

from pathlib import Path
from typing import Annotated

import typer

from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.face.images import read_image, require_one_stdin
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_record


@explains_errors
def verify(
    image_a: Annotated[Path, typer.Argument(metavar="A", help="An image file, or - for stdin.")],
    image_b: Annotated[Path, typer.Argument(metavar="B", help="The image to compare it with.")],
    *,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 when it is not the same person.")
    ] = False,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Says whether the most prominent faces of two images are the same person's."""
    require_one_stdin((image_a, image_b))
    with connected(url, token_file) as client:
        answer = client.verify(read_image(image_a), read_image(image_b))
    if output is Format.JSON:
        print_json(answer)
    else:
        print_record(
            (
                ("same person", answer.match),
                ("similarity", answer.similarity),
                ("threshold", answer.threshold),
                ("false match rate", f"{answer.false_match_rate:.4%}"),
                ("model", f"{answer.model.name} {answer.model.version}"),
            )
        )
    if exit_code and not answer.match:
        raise typer.Exit(ExitCode.FAILED)
