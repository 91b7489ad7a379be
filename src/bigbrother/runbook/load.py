"""Reads the document, lays an operator's overlay over it, and says where a mistake stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.validation import mistakes
from bigbrother.runbook.validation.mistake import nearest

Key = str | int
Lines = dict[tuple[Key, ...], str]
_SHIPPED = "default.yaml"


class InvalidRunbook(BigBrotherError):
    """The document cannot be used; `detail` has one line `file:line: what is wrong` a mistake."""

    code = "invalid-runbook"
    title = "The runbook document is not valid"


def default_text() -> str:
    """The shipped document as YAML text."""
    return resources.files("bigbrother.runbook").joinpath("default.yaml").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Document:
    """A document that holds, with what the operator's overlay says of it."""

    runbook: Runbook
    own: dict[str, Any]
    """What stands in the overlay, as written."""
    lines: Lines


def load_runbook(overlay: Path | None = None) -> Runbook:
    """The default document with the operator's overlay, if there is one, laid over it.

    Raises InvalidRunbook for a document that is not YAML, has an unknown or repeated key, a value
    of the wrong kind, or parts that contradict each other; every mistake is named with its file
    and line.
    """
    return read_document(overlay).runbook


def read_document(overlay: Path | None = None) -> Document:
    """As `load_runbook`, with what the overlay says and where each value stands."""
    shipped, shipped_lines = _shipped()
    merged, lines = shipped, dict(shipped_lines)
    own: dict[str, Any] = {}
    if overlay is not None and overlay.exists():
        try:
            text = overlay.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRunbook(
                f"{overlay}: {error}.", remedy="Make it readable UTF-8."
            ) from error
        own, own_lines = _parse(text, str(overlay))
        merged = _overlay(shipped, own)
        lines |= own_lines
    try:
        runbook = Runbook.model_validate(merged)
    except ValidationError as error:
        told = (_told(item, merged, shipped, lines) for item in error.errors())
        raise _refusal(told, overlay) from error
    found = mistakes(runbook, shipped)
    if found:
        told = (
            f"{_place(lines, item.path)}: {'.'.join(map(str, item.path))}: "
            f"{item.reason} {item.remedy}"
            for item in found
        )
        raise _refusal(told, overlay)
    return Document(runbook, own, lines)


@cache
def _shipped() -> tuple[dict[str, Any], Lines]:
    """The shipped document does not change while a process lives; nobody may change it here."""
    return _parse(default_text(), _SHIPPED)


def _refusal(messages: Iterable[str], overlay: Path | None) -> InvalidRunbook:
    told = list(messages)
    remedy = "Mend these lines; the last good document stays in force."
    if overlay is not None and any(line.startswith(f"{_SHIPPED}:") for line in told):
        remedy += f" What stands in {_SHIPPED} is set otherwise in {overlay}, by the same name."
    return InvalidRunbook("\n".join(told), remedy=remedy)


def _told(item: ErrorDetails, values: dict[str, Any], shipped: dict[str, Any], lines: Lines) -> str:
    location = _as_written(item["loc"], values)
    reason = item["msg"].removeprefix("Value error, ").rstrip(".") + "."
    if item["type"] == "extra_forbidden":
        siblings = _at(shipped, location[:-1])
        if isinstance(siblings, dict):
            reason += f" {nearest(str(location[-1]), [*siblings])}"
    return f"{_place(lines, location)}: {'.'.join(map(str, location)) or 'document'}: {reason}"


def _as_written(location: tuple[Key, ...], values: dict[str, Any]) -> tuple[Key, ...]:
    """Without what the model adds to a location: the chosen type among several shapes."""
    kept: list[Key] = []
    for index, key in enumerate(location):
        here = _at(values, kept)
        known = isinstance(here, dict) and key in here
        if known or isinstance(here, list) or index == len(location) - 1:
            kept.append(key)
    return tuple(kept)


def _at(values: object, location: Sequence[Key]) -> object:
    for key in location:
        if isinstance(values, dict):
            values = values.get(key)
        elif isinstance(values, list) and isinstance(key, int) and key < len(values):
            values = values[key]
        else:
            return None
    return values


def _overlay(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _overlay(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _parse(text: str, name: str) -> tuple[dict[str, Any], Lines]:
    try:
        _refuse_aliases(text, name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return {}, {}
        lines: Lines = {}
        _collect(node, (), name, lines)
        loaded = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidRunbook(
            f"{name}:{line}: {error.problem or 'not YAML'}.", remedy="Mend the YAML there."
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidRunbook(f"{name}:1: not YAML: {error}", remedy="Mend the YAML.") from error
    if not isinstance(loaded, dict):
        raise InvalidRunbook(
            f"{name}:1: a mapping of sections is expected.", remedy="Begin with 'limits:' or so."
        )
    return loaded, lines


def _refuse_aliases(text: str, name: str) -> None:
    """A few lines of nested aliases can unfold into more than any memory holds."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise InvalidRunbook(
                f"{name}:{line}: an alias (*{event.anchor}).",
                remedy="Write the value out; the document knows no aliases.",
            )


def _collect(node: yaml.Node, path: tuple[Key, ...], name: str, lines: Lines) -> None:
    lines[path] = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise InvalidRunbook(
                    f"{name}:{key.start_mark.line + 1}: '{key.value}' stands twice.",
                    remedy="Keep one of the two.",
                )
            seen.add(key.value)
            _collect(value, (*path, key.value), name, lines)
            lines[(*path, key.value)] = f"{name}:{key.start_mark.line + 1}"
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _collect(value, (*path, index), name, lines)


def _place(lines: Lines, location: Sequence[Key]) -> str:
    """The line of the deepest part of the location that stands in a file."""
    for length in range(len(location), -1, -1):
        place = lines.get(tuple(location[:length]))
        if place:
            return place
    return f"{_SHIPPED}:1"
