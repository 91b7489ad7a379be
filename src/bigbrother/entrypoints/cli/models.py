"""`bigbrother models`: the model packs on this machine. Needs no running service."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.completion import pack_names
from bigbrother.entrypoints.cli.exits import ExitCode, explain, explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    print_json,
    print_record,
    print_table,
)
from bigbrother.entrypoints.cli.suggestions import did_you_mean
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.errors import PackNotFound
from bigbrother.models.manifest import Manifest
from bigbrother.models.store import PackStore
from bigbrother.settings import load_settings

app = typer.Typer(help="Look at and check the model packs.", no_args_is_help=True)

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The pack's name.", autocompletion=pack_names)
]


@app.command("list", epilog=examples("bigbrother models list", "bigbrother models list -o json"))
@explains_errors
def list_packs(output: OutputOption = Format.TABLE) -> None:
    """Lists the packs that came with the product and those put into the home."""
    settings = load_settings()
    store = PackStore(settings.models)
    found: list[dict[str, object]] = []
    broken: list[BigBrotherError] = []
    for name in store.names():
        try:
            found.append(_summary(store.manifest(name), in_use=name == settings.pack))
        except BigBrotherError as error:
            explain(error)
            broken.append(error)
    if output is Format.JSON:
        print_json({"items": found})
    else:
        columns = ("name", "version", "task", "dimension", "licence", "in_use")
        headings = [column.upper().replace("_", " ") for column in columns]
        print_table(headings, [[item[column] for column in columns] for item in found])
    if broken:
        raise typer.Exit(ExitCode.VERIFICATION_FAILED)


@app.command("show", epilog=examples("bigbrother models show sface"))
@explains_errors
def show(name: NameArgument, output: OutputOption = Format.TABLE) -> None:
    """Shows what a pack says about itself."""
    settings = load_settings()
    store = PackStore(settings.models)
    manifest = _known(store, name)
    if output is Format.JSON:
        print_json(manifest)
        return
    fields: list[tuple[str, object]] = [
        (key.replace("_", " "), value)
        for key, value in _summary(manifest, in_use=name == settings.pack).items()
    ]
    fields += [
        ("description", manifest.description),
        ("threshold", manifest.verification.threshold),
        ("false match rate", f"{manifest.verification.false_match_rate:.4%}"),
    ]
    for role, file in manifest.files.items():
        fields.append((role, f"{file.path}, {file.size_bytes / 1e6:.1f} MB, {file.licence}"))
        fields.append((f"{role} sha256", file.sha256))
    print_record(fields)


@app.command(
    "verify", epilog=examples("bigbrother models verify", "bigbrother models verify sface")
)
@explains_errors
def verify(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="The pack's name; all packs without it.",
            autocompletion=pack_names,
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Checks packs' files against their sha256 and licence; ends with 9 when one fails."""
    store = PackStore(load_settings().models)
    names = store.names() if name is None else (name,)
    verdicts = [_verdict(store, each) for each in names]
    if output is Format.JSON:
        print_json({"items": verdicts})
    else:
        print_table(("NAME", "VERSION", "RESULT"), [list(v.values())[:3] for v in verdicts])
    if any(verdict["result"] != "ok" for verdict in verdicts):
        raise typer.Exit(ExitCode.VERIFICATION_FAILED)


def _verdict(store: PackStore, name: str) -> dict[str, object]:
    try:
        manifest = _loaded(store, name)
    except PackNotFound:
        raise
    except BigBrotherError as error:
        explain(error, about=name)
        return {"name": name, "version": None, "result": error.code, "detail": error.detail}
    return {"name": name, "version": manifest.version, "result": "ok", "detail": ""}


def _loaded(store: PackStore, name: str) -> Manifest:
    _require_known(store, name)
    return store.load(name).manifest


def _known(store: PackStore, name: str) -> Manifest:
    _require_known(store, name)
    return store.manifest(name)


def _require_known(store: PackStore, name: str) -> None:
    if name not in store.names():
        raise PackNotFound(
            f"There is no model pack '{name}'.",
            remedy=did_you_mean(name, store.names()) or "See them all: 'bigbrother models list'.",
        )


def _summary(manifest: Manifest, *, in_use: bool) -> dict[str, object]:
    return {
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "dimension": manifest.dimension,
        "licence": manifest.licence,
        "source": manifest.source,
        "in_use": in_use,
    }
