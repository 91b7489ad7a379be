"""`bigbrother token`: credentials for people and programs that call the service."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bigbrother.client.results import NewToken, Token
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    print_json,
    print_record,
    print_table,
    say,
    shown_path,
)
from bigbrother.kernel.errors import Conflict, InvalidInput
from bigbrother.security.roles import Role

app = typer.Typer(help="Make, list and revoke tokens.", no_args_is_help=True)


class TokenFileExists(Conflict):
    """A file stands where a new token should be saved."""

    code = "token-file-exists"
    title = "The token's file exists"


class TokenFileRefused(InvalidInput):
    """A new token cannot be saved there."""

    code = "token-file-refused"
    title = "The token's file cannot be written"


@app.command(
    "create",
    epilog=examples(
        "bigbrother token create till --role reader --expires-in '30 days'",
        "bigbrother token create till --role writer --save till.token",
    ),
)
@explains_errors
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is.")],
    *,
    role: Annotated[Role, typer.Option("--role", help="What the token may do.")],
    expires_in: Annotated[
        str | None,
        typer.Option(
            "--expires-in",
            metavar="SPAN",
            help="How long it holds, such as '30 days'; for ever without it.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write the token to a new file that only you may read, and do not print it.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Makes a token. Its secret is shown this once: the service keeps only a hash."""
    handle = None if save is None else _private_file(save)
    try:
        with connected(url, token_file) as client:
            made = client.tokens.create(name, role, expires_in=expires_in)
    except BaseException:
        if handle is not None and save is not None:
            os.close(handle)
            save.unlink()
        raise
    if handle is not None and save is not None:
        with os.fdopen(handle, "w") as file:
            file.write(made.token + "\n")
        say(f"The token lies in {shown_path(save)}.")
    _print(made, output, secret=save is None)


@app.command("list", epilog=examples("bigbrother token list"))
@explains_errors
def list_tokens(
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Lists the tokens, without their secrets."""
    with connected(url, token_file) as client:
        found: list[Token] = list(client.tokens.list())
    if output is Format.JSON:
        print_json({"items": found})
        return
    print_table(
        ("ID", "NAME", "ROLE", "CREATED", "LAST USED", "EXPIRES"),
        [
            (
                item.id,
                item.name,
                item.role,
                f"{item.created_at:%F}",
                None if item.last_used_at is None else f"{item.last_used_at:%F %H:%M %Z}",
                _expiry(item),
            )
            for item in found
        ],
    )


@app.command(
    "revoke", epilog=examples("bigbrother token revoke 0198c3a2-6b1e-7c55-9d0e-3f2a8b7c6d5e")
)
@explains_errors
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As 'token list' shows it.")],
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Makes a token worthless at once."""
    with connected(url, token_file) as client:
        client.tokens.revoke(token_id)
    if output is Format.JSON:
        print_json({"revoked": token_id})
    else:
        typer.echo(f"Revoked {token_id}.")


def _private_file(path: Path) -> int:
    """Opened before the token is made: a secret that can be saved nowhere would be lost."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise TokenFileExists(
            f"{shown_path(path)} exists already.", remedy="Give the name of a new file."
        ) from error
    except OSError as error:
        raise TokenFileRefused(
            f"{shown_path(path)} cannot be written: {error.strerror}.",
            remedy="Give a file in a folder where you may write.",
        ) from error


def _print(made: NewToken, output: Format, *, secret: bool) -> None:
    if output is Format.JSON:
        print_json(made.model_dump(mode="json", exclude=set() if secret else {"token"}))
        return
    fields: list[tuple[str, object]] = [
        ("id", made.id),
        ("name", made.name),
        ("role", made.role),
        ("expires", _expiry(made)),
    ]
    if secret:
        fields.append(("token", made.token))
    print_record(fields)
    if secret:
        say("The token is shown this once; keep it in a file that only its user may read.")


def _expiry(token: Token) -> str:
    if token.revoked_at is not None:
        return f"revoked {token.revoked_at:%F %H:%M %Z}"
    return "never" if token.expires_at is None else f"{token.expires_at:%F %H:%M %Z}"
