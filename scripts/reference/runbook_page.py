"""The reference of the document: every figure with its default and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel
from scripts.reference.markdown import code, page, table

from bigbrother.kernel.quantity import Quantity
from bigbrother.kernel.schedule import Cron, Schedule
from bigbrother.runbook.figures import Threshold
from bigbrother.runbook.load import default_text, load_runbook
from bigbrother.runbook.rhythm import Kept, Rate, Rhythm

Path = tuple[str, ...]

_KINDS: dict[type, str] = {
    bool: "yes or no",
    int: "count",
    float: "number",
    str: "text",
    tuple: "list",
    time: "time of day",
    ZoneInfo: "time zone",
    Schedule: "schedule",
    Cron: "times, as five fields of cron",
    Rhythm: "rhythm",
    Kept: "duration or versions",
    Rate: "requests a time",
}

_INTRODUCTION = (
    "Every figure that the service follows stands in the document, once. The defaults below ship "
    "with the product. To change one, write it into `etc/runbook.yaml` of the home; "
    "[Change the runbook](../how-to/change-the-runbook.md) says how. Name only what differs:"
)
_EXAMPLE = code("matching:\n  identification_false_positive_rate: 0.5%", "yaml")
_FORM = (
    "An unknown key, a repeated key or a value of the wrong kind is refused with its file and "
    "line. Durations take ms, s, min, h, days, weeks or years. Sizes take B, kB, MB, GB, KiB, MiB "
    "or GiB. A rate is a percentage or a share of one."
)


@dataclass(frozen=True)
class Figure:
    """One value of the document, with the comment that stands above it."""

    path: Path
    default: str
    comment: str


def render() -> str:
    """The page."""
    lines = default_text().splitlines()
    document = yaml.compose(default_text(), Loader=yaml.SafeLoader)
    parts = [_INTRODUCTION, _EXAMPLE, _FORM]
    for key, section in _entries(document):
        parts += [f"## {key.value}", _comment_above(lines, key.start_mark.line)]
        parts += [
            table(
                ("figure", "default", "kind", "note"),
                (
                    (
                        f"`{'.'.join(figure.path[1:])}`",
                        f"`{figure.default}`",
                        _kind(figure.path),
                        figure.comment,
                    )
                    for figure in _figures(section, (key.value,), lines)
                ),
            )
        ]
    return page("The document", parts)


def _figures(node: yaml.Node, path: Path, lines: list[str]) -> Iterator[Figure]:
    for key, value in _entries(node):
        here = (*path, key.value)
        if isinstance(value, yaml.ScalarNode):
            yield Figure(here, value.value, _comment_above(lines, key.start_mark.line))
        elif isinstance(value, yaml.SequenceNode):
            yield Figure(here, _flow(value), _comment_above(lines, key.start_mark.line))
        else:
            yield from _figures(value, here, lines)


def _flow(node: yaml.Node) -> str:
    """A value on one line, as YAML would take it."""
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(_flow(item) for item in node.value)}]"
    if isinstance(node, yaml.MappingNode):
        return "{" + ", ".join(f"{key.value}: {_flow(value)}" for key, value in node.value) + "}"
    return str(node.value)


def _entries(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise TypeError("The document is no mapping here: teach this page to show it.")
    return list(node.value)


def _comment_above(lines: list[str], line: int) -> str:
    found: list[str] = []
    while line > 0 and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        found.insert(0, lines[line].lstrip().removeprefix("#").strip())
    return " ".join(found)


def _kind(path: Path) -> str:
    value: object = load_runbook()
    for key in path:
        value = _field(value, key) if isinstance(value, BaseModel) else value[key]  # type: ignore[index]
    if isinstance(value, Threshold):
        return f"threshold, {value.bound.dimension}"
    if isinstance(value, Quantity):
        return "rate" if value.dimension == "ratio" else value.dimension
    return _KINDS[type(value)]


def _field(section: BaseModel, key: str) -> object:
    """By the name that stands in the document, which is an alias for a word of Python's own."""
    aliases = {field.alias or name: name for name, field in type(section).model_fields.items()}
    return getattr(section, aliases[key])
