"""JSON as RFC 8259 has it: no NaN, no repeated names, no bombs."""

import json
import math
from typing import Any, NoReturn

from bigbrother.face.api.errors import MalformedJson
from bigbrother.face.gallery.errors import InvalidText
from bigbrother.runbook.model import Limits

_REMEDY = "Send one JSON object in UTF-8 as described at /api/docs."


def parse_json(body: bytes | bytearray, limits: Limits) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value that the body holds.

    Raises MalformedJson for anything that is not strict JSON, is nested deeper than
    `json_depth` or has more than `json_elements` values; InvalidText for texts with NUL or half
    of a surrogate pair.
    """
    # Counted before parsing, since the parsed values take many times the body's memory. A base64
    # image holds none of these characters.
    if sum(body.count(mark) for mark in b"[{,") > limits.json_elements:
        raise MalformedJson(
            f"The body has more than {limits.json_elements} values.", remedy="Send less at once."
        )
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_without_repeats,
        )
    except UnicodeDecodeError as error:
        raise MalformedJson("The body is not UTF-8.", remedy=_REMEDY) from error
    except RecursionError as error:
        raise _too_deep(limits) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedJson(f"{error.msg} ({place}).", remedy=_REMEDY) from error
    except ValueError as error:
        raise MalformedJson("A number has too many digits.", remedy=_REMEDY) from error
    _check(value, 0, limits)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJson(f"{name} is not JSON.", remedy="Send a finite number or null.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedJson("A number is too large.", remedy="Send a finite number or null.")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedJson("A name stands twice in one object.", remedy="Keep one of the two.")
    return made


def _check(value: object, depth: int, limits: Limits) -> None:
    if depth > limits.json_depth:
        raise _too_deep(limits)
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1, limits)
    elif isinstance(value, dict):
        for name, item in value.items():
            check_text(name)
            _check(item, depth + 1, limits)


def check_text(text: str) -> None:
    """Raises InvalidText for NUL and for half of a surrogate pair."""
    if "\x00" in text:
        raise InvalidText("A text holds the character NUL.", remedy="Leave it out.")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidText(
                "A text holds half of a surrogate pair.", remedy="Send whole characters."
            ) from error


def _too_deep(limits: Limits) -> MalformedJson:
    return MalformedJson(
        f"The body is nested deeper than {limits.json_depth} levels.", remedy="Flatten it."
    )
