"""Where the face analyzer is and with which credential a command calls it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.client.errors import AccessDenied
from bigbrother.settings import Settings, load_settings

if TYPE_CHECKING:
    from bigbrother.client.face_client import FaceClient

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="BIGBROTHER_URL",
        help="The service's address; by default the one of this home.",
        show_default=False,
    ),
]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        help="File that holds the token. Otherwise the variable BIGBROTHER_TOKEN, otherwise the "
        "home's own credential.",
        show_default=False,
    ),
]


@contextmanager
def connected(
    url: str | None,
    token_file: Path | None,
    *,
    attempts: int | None = None,
    timeout_seconds: float | None = None,
) -> "Iterator[FaceClient]":
    """A client with the credential that the person gave, or the home's own for the home's service.

    Raises AccessDenied when there is none that may be used.
    """
    # The client's libraries take a third of a second; commands that never call need none of them.
    from bigbrother.client.face_client import FaceClient  # noqa: PLC0415

    settings = load_settings()
    address = url or settings.face_url
    token = _token(settings, address, token_file)
    with FaceClient(address, token, attempts=attempts, timeout_seconds=timeout_seconds) as client:
        yield client


def _token(settings: Settings, address: str, token_file: Path | None) -> str:
    if token_file is not None:
        return _read(token_file)
    given = os.environ.get("BIGBROTHER_TOKEN", "").strip()
    if given:
        return given
    if address.rstrip("/") != settings.face_url:
        # The home's administrator credential is nobody else's to see.
        raise AccessDenied(
            f"No token was given for {address}.",
            remedy="Give --token-file FILE or set BIGBROTHER_TOKEN.",
            code="token-missing",
        )
    return _read(settings.admin_token_file)


def _read(file: Path) -> str:
    try:
        token = file.read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise AccessDenied(
            f"There is no credential in {file}.",
            remedy="Start the service with 'bigbrother up', or give --token-file FILE or "
            "BIGBROTHER_TOKEN.",
            code="token-missing",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise AccessDenied(
            f"{file} cannot be read: {reason}.",
            remedy="Run as its owner, or give --token-file FILE or BIGBROTHER_TOKEN.",
            code="token-unreadable",
        ) from error
    if not token:
        raise AccessDenied(
            f"{file} is empty.", remedy="Give a file that holds a token.", code="token-missing"
        )
    return token
