"""What callers give, checked before it reaches SQL, so that bad input never becomes a fault."""

import json
import math
import re
from datetime import datetime, timedelta
from typing import Any

from bigbrother.face.gallery.errors import (
    InvalidCollectionName,
    InvalidConsent,
    InvalidExternalId,
    InvalidImageDigest,
    InvalidMetadata,
    InvalidRetention,
    InvalidText,
)
from bigbrother.face.gallery.records import Consent

LEGAL_BASES = (
    "consent",
    "contract",
    "legal-obligation",
    "vital-interests",
    "public-task",
    "legitimate-interests",
)
_COLLECTION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_LONGEST_EXTERNAL_ID = 200
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def collection_name(name: str) -> str:
    """The name if a new collection may have it; raises InvalidCollectionName."""
    if _COLLECTION_NAME.fullmatch(name) is None:
        raise InvalidCollectionName(
            f"{name!r} cannot name a collection.",
            remedy="Use 1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or figure.",
        )
    return name


def external_id(value: str) -> str:
    """The id if a new subject may have it; raises InvalidExternalId."""
    if (
        not 1 <= len(value) <= _LONGEST_EXTERNAL_ID
        or "/" in value
        or _CONTROL_CHARACTER.search(value)
        or _UNSTORABLE.search(value)
    ):
        raise InvalidExternalId(
            f"{value[:_LONGEST_EXTERNAL_ID]!r} cannot be an external id.",
            remedy="Use 1 to 200 characters without slashes and control characters.",
        )
    return value


def can_be_stored(value: str) -> bool:
    """Whether PostgreSQL can hold the text; what it cannot hold, it cannot find either."""
    return _UNSTORABLE.search(value) is None


def text(value: str, field: str) -> str:
    """The text if it can be stored; raises InvalidText naming the field."""
    if not can_be_stored(value):
        raise InvalidText(
            f"The {field} holds a NUL character or half of a surrogate pair.",
            remedy="Send well-formed Unicode without U+0000.",
        )
    return value


def retention(value: timedelta | None, now: datetime) -> timedelta | None:
    """The retention if it is a positive span that reaches no further back than the calendar."""
    if value is None:
        return None
    try:
        valid = value > timedelta(0) and bool(now - value)
    except OverflowError:
        valid = False
    if not valid:
        raise InvalidRetention(
            f"{value} cannot be a retention.", remedy="Give a span such as '30 days', or none."
        )
    return value


def metadata(value: dict[str, Any]) -> str:
    """The metadata as JSON text; raises InvalidMetadata, naming the path of what is wrong."""
    try:
        _check_json(value, "metadata")
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    except RecursionError as error:
        raise InvalidMetadata(
            "The metadata is nested too deeply.", remedy="Send a flatter object."
        ) from error
    except (TypeError, ValueError) as error:
        raise InvalidMetadata(
            f"The metadata is not JSON: {error}.",
            remedy="Send an object of texts, figures, booleans, null, lists and objects.",
        ) from error


def _check_json(value: object, path: str) -> None:
    if isinstance(value, str) and not can_be_stored(value):
        raise InvalidMetadata(
            f"{path} holds a NUL character or half of a surrogate pair.",
            remedy="Send well-formed Unicode without U+0000.",
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidMetadata(
            f"{path} is {value}, which JSON does not know.", remedy="Send a finite figure or null."
        )
    if isinstance(value, dict):
        for key, item in value.items():
            _check_json(key, f"a key of {path}")
            _check_json(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_json(item, f"{path}[{index}]")


def consent(value: Consent) -> Consent:
    """The consent if it is complete; raises InvalidConsent."""
    if value.legal_basis not in LEGAL_BASES:
        raise InvalidConsent(
            f"{value.legal_basis!r} is no legal basis.",
            remedy=f"Give one of {', '.join(LEGAL_BASES)}.",
        )
    text(value.reference, "consent's reference")
    if not text(value.purpose, "consent's purpose").strip():
        raise InvalidConsent("The consent names no purpose.", remedy="Say what faces are used for.")
    for name, time in (("expires_at", value.expires_at), ("withdrawn_at", value.withdrawn_at)):
        if time is not None and time.tzinfo is None:
            raise InvalidConsent(
                f"The consent's {name} has no time zone.", remedy="Send it as 2030-01-31T00:00:00Z."
            )
    return value


def image_digest(value: str) -> bytes:
    """The 32 bytes of a SHA-256 given as 64 hexadecimal digits."""
    if _SHA256.fullmatch(value) is None:
        raise InvalidImageDigest(
            f"{value[:80]!r} is not a SHA-256.", remedy="Give its 64 digits in lower case."
        )
    return bytes.fromhex(value)
