"""`bigbrother runbook`: the document that the service follows."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    plain,
    print_json,
    shown_path,
)
from bigbrother.entrypoints.cli.untune import untune
from bigbrother.kernel.errors import InvalidInput, NotFound
from bigbrother.runbook.load import InvalidRunbook, read_document
from bigbrother.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bigbrother.runbook.leaves import Difference
    from bigbrother.runbook.model import Runbook

app = typer.Typer(help="Show, check and render the document in force.", no_args_is_help=True)

FileArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help="An overlay; etc/runbook.yaml of the home without it.",
        show_default=False,
    ),
]


class Shown(StrEnum):
    """How the document is shown."""

    YAML = "yaml"
    JSON = "json"


class Layout(StrEnum):
    """What the human runbook is written as."""

    MD = "md"
    HTML = "html"


class Lang(StrEnum):
    """Languages of the human runbook."""

    EN = "en"
    PT_BR = "pt_BR"


class NoSuchOverlay(NotFound):
    """The file that should be read is not there."""

    code = "no-such-overlay"
    title = "No such overlay"


class OutFileRefused(InvalidInput):
    """What was rendered cannot be written there."""

    code = "out-file-refused"
    title = "The file cannot be written"


@app.command(
    "show",
    epilog=examples(
        "bigbrother runbook show",
        "bigbrother runbook show daily_checks",
        "bigbrother runbook show alert_config.channels -o json",
    ),
)
@explains_errors
def show(
    section: Annotated[
        str,
        typer.Argument(
            metavar="[SECTION]", help="A part, such as limits or alert_config.channels."
        ),
    ] = "",
    *,
    output: Annotated[
        Shown, typer.Option("--output", "-o", help="YAML with notes, or JSON.")
    ] = Shown.YAML,
) -> None:
    """Shows the values in force, and which of them come from etc/runbook.yaml or were tuned."""
    from bigbrother.runbook.showing import annotated_yaml, part  # noqa: PLC0415

    settings = load_settings()
    document = read_document(settings.runbook_overlay, settings.tuned_runbook)
    shown = part(document, section)
    if output is Shown.JSON:
        tuned = {".".join(each.path): each.as_json() for each in document.tuned}
        print_json({"values": shown.values, "from_overlay": shown.from_overlay, "tuned": tuned})
        return
    for line in annotated_yaml(shown).splitlines():
        typer.echo(plain(line))
    for each in document.left_out:
        path = plain(".".join(each.figure.path))
        typer.echo(f"# {path}, tuned to {each.figure.value}, does not count: {each.reason}.")


@app.command(
    "validate",
    epilog=examples("bigbrother runbook validate", "bigbrother runbook validate runbook.yaml"),
)
@explains_errors
def validate(file: FileArgument = None, output: OutputOption = Format.TABLE) -> None:
    """Proves a document; exit code 4 with each mistake's file and line where it does not hold."""
    # Imported here: other commands need not wait for what they do not use.
    from bigbrother.operations.escalation.reachability import holes  # noqa: PLC0415
    from bigbrother.wiring import system_clock  # noqa: PLC0415

    overlay = _overlay(file)
    runbook = read_document(overlay).runbook
    found = holes(runbook, system_clock().now())
    if found:
        raise InvalidRunbook(
            "\n".join(f"{shown_path(overlay)}: {hole}" for hole in found),
            remedy="Give each level somebody who can be reached.",
        )
    changed = _changed_by(runbook)
    if output is Format.JSON:
        print_json(
            {
                "valid": True,
                "file": shown_path(overlay),
                "exists": overlay.exists(),
                "waits_for_a_start": _waiting(changed),
            }
        )
        return
    if overlay.exists():
        typer.echo(f"{plain(shown_path(overlay))} holds.")
    else:
        typer.echo("The shipped document holds; there is no overlay.")
    _print_what_waits(changed)


@app.command("diff", epilog=examples("bigbrother runbook diff runbook.yaml"))
@explains_errors
def diff(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The overlay to compare.")],
    output: OutputOption = Format.TABLE,
) -> None:
    """Shows what would change if FILE were the overlay: leaf by leaf, old and new."""
    from bigbrother.runbook.leaves import differences  # noqa: PLC0415

    settings = load_settings()
    in_force, tuned = settings.runbook_overlay, settings.tuned_runbook
    old, new = read_document(in_force, tuned), read_document(_overlay(file), tuned)
    found = differences(old.runbook, new.runbook)
    if output is Format.JSON:
        waiting = _waiting(found)
        items = [
            {
                "path": ".".join(item.path),
                "before": item.before,
                "after": item.after,
                "waits_for_a_start": waiting.get(".".join(item.path)),
            }
            for item in found
        ]
        tuned_values = {".".join(each.path): each.as_json() for each in new.tuned}
        print_json({"items": items, "tuned": tuned_values})
        return
    if not found:
        typer.echo("Nothing would change.")
        return
    typer.echo(f"--- {plain(shown_path(in_force))}")
    typer.echo(f"+++ {plain(shown_path(file))}")
    for item in found:
        _print_difference(item)
    _print_what_waits(found)
    for each in new.tuned:
        typer.echo(f"{plain('.'.join(each.path))} stays tuned to {each.value}.")
    for left in new.left_out:
        path = plain(".".join(left.figure.path))
        typer.echo(f"{path} would not be tuned any more: {left.reason}.")


@app.command("schema", epilog=examples("bigbrother runbook schema"))
@explains_errors
def schema() -> None:
    """Prints the JSON Schema of an overlay, for editors."""
    from bigbrother.runbook.schema import json_schema  # noqa: PLC0415

    print_json(json_schema())


@app.command(
    "render",
    epilog=examples(
        "bigbrother runbook render",
        "bigbrother runbook render --format html --lang pt_BR --out runbook.html",
    ),
)
@explains_errors
def render(
    *,
    layout: Annotated[
        Layout, typer.Option("--format", help="Markdown, or one HTML file without outside parts.")
    ] = Layout.MD,
    lang: Annotated[Lang, typer.Option("--lang", help="The language.")] = Lang.EN,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write there instead of printing."),
    ] = None,
) -> None:
    """Writes the human runbook from the document in force."""
    from bigbrother.runbook import rendering  # noqa: PLC0415

    runbook = read_document(load_settings().runbook_overlay).runbook
    text = rendering.render(runbook, layout.value, lang.value)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise OutFileRefused(
            f"{shown_path(out)} cannot be written: {error.strerror}.",
            remedy="Give a file in a folder where you may write.",
        ) from error
    typer.echo(f"Wrote {plain(shown_path(out))}.")


app.command(
    "untune", epilog=examples("bigbrother runbook untune", "bigbrother runbook untune batch.chunk")
)(untune)


def _overlay(file: Path | None) -> Path:
    if file is None:
        return load_settings().runbook_overlay
    if not file.exists():
        raise NoSuchOverlay(
            f"There is no file {shown_path(file)}.", remedy="Give the path of an overlay."
        )
    return file


def _changed_by(runbook: "Runbook") -> "tuple[Difference, ...]":
    """What differs from the document that the units run by; nothing where it cannot be read."""
    from bigbrother.runbook.leaves import differences  # noqa: PLC0415

    settings = load_settings()
    published = settings.published_runbook
    try:
        in_force = read_document(published if published.exists() else settings.runbook_overlay)
    except InvalidRunbook:
        return ()
    return differences(in_force.runbook, runbook)


def _waiting(found: "Iterable[Difference]") -> dict[str, str]:
    from bigbrother.runbook.at_start import reason_to_wait  # noqa: PLC0415

    reasons = {".".join(item.path): reason_to_wait(item.path) for item in found}
    return {path: reason for path, reason in reasons.items() if reason is not None}


def _print_what_waits(found: "Iterable[Difference]") -> None:
    waiting = _waiting(found)
    if waiting:
        typer.echo("Not before the next start (bigbrother down, then bigbrother up):")
    for path, reason in waiting.items():
        typer.echo(f"  {plain(path)}: {reason}.")


def _print_difference(item: "Difference") -> None:
    name = plain(".".join(item.path))
    for sign, value in (("-", item.before), ("+", item.after)):
        if value is not None:
            typer.echo(f"{sign}{name}: {plain(_text(value))}")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value)
