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
from bigbrother.runbook.mark import mark_of
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.tuned import LeftOut, TunedFigure, as_overlay, figures_of, why_not
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
    """What stands in the overlay, as written, and the tuned figures that count."""
    lines: Lines
    tuned: tuple[TunedFigure, ...] = ()
    """The tuned figures that count."""
    left_out: tuple[LeftOut, ...] = ()
    """Those that do not any more."""


def load_runbook(overlay: Path | None = None, tuned: Path | None = None) -> Runbook:
    """The default document with the operator's overlay, if there is one, laid over it.

    Over both come the tuned figures of a file that solutions write.

    Raises InvalidRunbook for a document that is not YAML, has an unknown or repeated key, a value
    of the wrong kind, or parts that contradict each other; every mistake is named with its file
    and line.
    """
    return read_document(overlay, tuned).runbook


def read_document(overlay: Path | None = None, tuned: Path | None = None) -> Document:
    """As `load_runbook`, with what the overlay says and where each value stands."""
    written = _written(overlay)
    # A unit that may not look at it goes by the published document.
    return written if tuned is None or mark_of(tuned) is None else _tuned(written, tuned)


def read_tuned(file: Path) -> tuple[tuple[TunedFigure, ...], Lines]:
    """What a file of tuned figures says, and where; raises InvalidRunbook as `load_runbook`."""
    if mark_of(file) is None:
        return (), {}
    values, lines = _parse(_text(file), str(file))
    found = list(figures_of(values))
    wrong = [item for item in found if not isinstance(item, TunedFigure)]
    if wrong:
        raise InvalidRunbook(
            "\n".join(
                f"{_place(lines, item.path)}: {'.'.join(map(str, item.path))}: "
                f"{item.reason} {item.remedy}"
                for item in wrong
            ),
            remedy="Take the tuned figures back: bigbrother runbook untune.",
        )
    return tuple(item for item in found if isinstance(item, TunedFigure)), lines


def _tuned(written: Document, file: Path) -> Document:
    """Each figure that still counts and goes together with the rest of the document."""
    found, places = read_tuned(file)
    document, counted, left_out = written, list[TunedFigure](), list[LeftOut]()
    for figure in found:
        reason = why_not(figure, written.runbook)
        if reason is None:
            own = _overlay(document.own, as_overlay({figure.name: figure.value}))
            try:
                runbook = _validated(own)
            except ValidationError as error:
                reason = str(error.errors()[0]["msg"])
            else:
                lines = {**document.lines, figure.path: places[(figure.name, "value")]}
                document = Document(runbook, own, lines)
                counted.append(figure)
        if reason is not None:
            left_out.append(LeftOut(figure, reason))
    return Document(document.runbook, document.own, document.lines, tuple(counted), tuple(left_out))


def _validated(own: dict[str, Any]) -> Runbook:
    return Runbook.model_validate(_overlay(_shipped()[0], own))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRunbook(f"{file}: {error}.", remedy="Make it readable UTF-8.") from error


def _written(overlay: Path | None) -> Document:
    shipped, shipped_lines = _shipped()
    merged, lines = shipped, dict(shipped_lines)
    own: dict[str, Any] = {}
    if overlay is not None and overlay.exists():
        own, own_lines = _parse(_text(overlay), str(overlay))
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
