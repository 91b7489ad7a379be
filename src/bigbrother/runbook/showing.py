"""The values in force as text, with a note at each one that the operator set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bigbrother.kernel.errors import NotFound
from bigbrother.runbook.leaves import plain
from bigbrother.runbook.load import Document
from bigbrother.runbook.validation.mistake import nearest

Path = tuple[str, ...]


class NoSuchSection(NotFound):
    """The document has no part of that name."""

    code = "no-such-section"
    title = "No such section"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the document in force."""

    values: dict[str, Any]
    """From the document's root down; only the part that was asked for."""
    from_overlay: dict[str, str]
    """Dotted path of each value that the overlay sets, with its `file:line`."""


def part(document: Document, section: str = "") -> Part:
    """The section of that dotted path, or all; raises NoSuchSection with the nearest name."""
    asked = tuple(key for key in section.split(".") if key)
    whole: Any = plain(document.runbook)
    found = whole
    for index, key in enumerate(asked):
        if not isinstance(found, Mapping) or key not in found:
            known = list(found) if isinstance(found, Mapping) else []
            above = ".".join(asked[:index]) or "the document"
            raise NoSuchSection(f"There is no '{key}' in {above}.", remedy=nearest(key, known))
        found = found[key]
    for key in reversed(asked):
        found = {key: found}
    marks = {
        ".".join(path): document.lines[path]
        for path in _set_by(document.own)
        if path[: len(asked)] == asked
    }
    return Part(found, marks)


def annotated_yaml(shown: Part) -> str:
    """YAML; a line that the overlay sets ends with where it stands."""
    text: str = yaml.dump(
        shown.values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096
    )
    lines = text.splitlines()
    for path, number in _lines_of(yaml.compose(text, Loader=yaml.SafeLoader)):
        place = shown.from_overlay.get(".".join(path))
        if place is not None:
            lines[number] += f"  # {place}"
    return "\n".join(lines) + "\n"


class _Dumper(yaml.SafeDumper):
    """Lists of plain values on one line, everything else a line each."""


def _list(dumper: yaml.SafeDumper, values: list[Any]) -> yaml.Node:
    short = not any(isinstance(value, dict | list) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=short)


_Dumper.add_representer(list, _list)


def _set_by(own: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    for key, value in own.items():
        if isinstance(value, Mapping) and value:
            yield from _set_by(value, (*path, key))
        else:
            yield (*path, key)


def _lines_of(node: yaml.Node | None, path: Path = ()) -> Iterator[tuple[Path, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line
            yield from _lines_of(value, (*path, key.value))
