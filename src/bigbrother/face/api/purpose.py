"""The header X-Purpose: what a face is used for, as the caller says it."""

import re
import unicodedata
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Header, Request

from bigbrother.face.api.errors import PurposeMissing, PurposeNotValid
from bigbrother.face.api.services import Services

_HEADER = "X-Purpose"
_LONGEST = 200
_ENCODED = re.compile(r"(?:[\x20-\x24\x26-\x7e]|%[0-9A-Fa-f]{2})*")


def _purpose(
    request: Request,
    services: Services,
    _purpose: Annotated[
        str | None,
        Header(
            alias=_HEADER,
            description=f"What for: up to {_LONGEST} characters, percent-encoded UTF-8. It stands "
            "in the audit. The document's `audit.purpose_required` makes it necessary.",
        ),
    ] = None,
) -> str:
    """The purpose, or an empty text. Raises PurposeNotValid, PurposeMissing."""
    given = request.headers.getlist(_HEADER)
    purpose = _decoded(given[0]) if len(given) == 1 else ""
    if len(given) > 1 or purpose is None:
        raise PurposeNotValid(
            f"{_HEADER} does not hold one text of at most {_LONGEST} characters without control "
            "characters.",
            remedy="Encode it as UTF-8 with percent signs, such as 'porta%20norte'.",
        )
    if not purpose and services.runbook.audit.purpose_required:
        raise PurposeMissing(
            "The request does not say its purpose.",
            remedy=f"Send it in the header {_HEADER}, percent-encoded.",
        )
    return purpose


def _decoded(raw: str) -> str | None:
    if _ENCODED.fullmatch(raw) is None:
        return None
    try:
        text = unquote_to_bytes(raw).decode("utf-8").strip()
    except UnicodeDecodeError:
        return None
    control = any(unicodedata.category(character) == "Cc" for character in text)
    return None if control or len(text) > _LONGEST else text


Purpose = Annotated[str, Depends(_purpose)]
