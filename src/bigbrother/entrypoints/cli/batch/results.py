"""`bigbrother batch results`: how the images of a batch ended."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.batch.arguments import BatchArgument, found
from bigbrother.entrypoints.cli.batch.ending import finish, left_alone
from bigbrother.entrypoints.cli.batch.shown import result_heading, result_line
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, say, shown_path

if TYPE_CHECKING:
    from bigbrother.client.batch_answers import ItemResult, Kind

Write = Callable[[str], None]


@explains_errors
def results(  # noqa: PLR0913 - a command's options are its arguments
    context: typer.Context,
    batch_id: BatchArgument,
    *,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="Go on until the batch is over; exit code 1 if images failed."
        ),
    ] = False,
    after: Annotated[
        int, typer.Option("--after", metavar="N", min=0, help="Only what stands behind position N.")
    ] = 0,
    failed: Annotated[bool, typer.Option("--failed", help="Only the images that failed.")] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write lines of JSON to a file that only you may read, and print nothing.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Prints how the images of a batch ended, in that order; into a pipe as lines of JSON."""
    lines = as_lines(context, output) or save is not None
    with connected(url, token_file) as client:
        batch = found(client, batch_id)
        with (
            left_alone(batch.id) if follow else nullcontext(),
            _written_to(save) if save is not None else nullcontext(typer.echo) as write,
        ):
            told = client.batches.results(batch.id, after=after, follow=follow)
            wanted = (one for one in told if not failed or one.state == "failed")
            print_results(wanted, batch.kind, write, as_json=lines)
        if save is not None:
            say(f"The results lie in {shown_path(save)}.")
        if follow:
            finish(client.batches.get(batch.id))


def as_lines(context: typer.Context, output: Format) -> bool:
    """Whether results are printed as lines of JSON: as asked, otherwise where nobody looks."""
    source = context.get_parameter_source("output")
    if source is not None and source.name == "DEFAULT":
        return not sys.stdout.isatty()
    return output is Format.JSON


def print_results(
    results: "Iterable[ItemResult]", kind: "Kind", write: Write, *, as_json: bool
) -> None:
    """A line a result, as it comes."""
    if not as_json:
        write(result_heading())
    for result in results:
        write(result.model_dump_json() if as_json else result_line(result, kind))


@contextmanager
def _written_to(file: Path) -> Iterator[Write]:
    """Writes lines to a file that takes its place once it is whole."""
    draft = file.with_name(f".{file.name}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:

            def write(line: str) -> None:
                stream.write(line + "\n")

            yield write
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
