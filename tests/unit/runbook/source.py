"""Reads the runbook that the document began as: every value of it with its place."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
COPY = ROOT / "docs" / "runbook-source.md"
ORIGINAL = ROOT.parent / "shared" / "runbook.md"
_PART = re.compile(r"^### (\d+\.\d+) (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEYS = ("check", "type", "step")
_NODE = re.compile(r"^\s*(\w+)(?:\[([^\]]+)\])? --> (\w+)\[([^\]]+)\]$", re.MULTILINE)

Value = str | int | bool
Place = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """`2.1 Verificações Diárias` with its text."""

    number: str
    title: str
    text: str

    def block(self, language: str) -> str:
        found: list[str] = [body for name, body in _FENCED.findall(self.text) if name == language]
        return found[0]


def parts() -> dict[str, Part]:
    pieces = _PART.split(COPY.read_text("utf-8"))
    return {
        number: Part(number, title, text)
        for number, title, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
    }


def document_of_the_source() -> dict[str, Any]:
    """The source's blocks and tables as one mapping, under the document's own section names."""
    part = parts()
    values: dict[str, Any] = {
        "scope": _mermaid(part["1.2"].block("mermaid")),
        "daily_checks": _assigned(part["2.1"], "checks"),
        "diagnostics": {
            "checks": _assigned(part["3.2"], "checks"),
            "check_network": _returned(part["3.2"], "check_network"),
        },
        "update_procedures": _assigned(part["5.1"], "procedures"),
        "dashboards": _assigned(part["7.1"], "views"),
        "disaster_recovery": _assigned(part["9.1"], "procedures"),
        "escalation": {"matrix": _table(part["8.1"].text)},
        "commands": _bash(part["10.1"].block("bash")),
        "links": _bullets(part["10.2"].text),
    }
    for number in ("2.2", "4.1", "5.2", "6.2", "7.2", "9.2"):
        values |= yaml.safe_load(part[number].block("yaml"))
    for number in ("3.1", "4.2", "6.1", "8.2"):
        values |= json.loads(part[number].block("json"))
    return values


def leaves(value: object, place: Place = ()) -> Iterator[tuple[Place, Value]]:
    """Every value with its place; items of a list are numbered, or named by check, type, step."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*place, str(key)))
    elif isinstance(value, list) and len(value) == 1 and _name(value[0]) is None:
        inner = value[0]
        yield from leaves(inner, place if isinstance(inner, dict) else (*place, "0"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, _name(item) or str(index)))
    else:
        assert isinstance(value, str | int)
        yield place, value


def _name(item: object) -> str | None:
    if not isinstance(item, dict):
        return None
    return next((str(item[key]) for key in _KEYS if key in item), None)


def _mermaid(text: str) -> dict[str, list[str]]:
    """The kinds of the root, and their parts."""
    edges = [(start, end, label) for start, _, end, label in _NODE.findall(text)]
    labels = {end: label for _, end, label in edges}
    kinds = [end for start, end, _ in edges if start not in labels]
    return {labels[kind]: [label for start, _, label in edges if start == kind] for kind in kinds}


def _assigned(part: Part, name: str) -> object:
    """The mapping that is assigned to `name` or `self.name`."""
    for node in ast.walk(ast.parse(part.block("python"))):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            found = target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)
            if found == name:
                return _literal(node.value)
    raise AssertionError(name)


def _returned(part: Part, function: str) -> object:
    for node in ast.walk(ast.parse(part.block("python"))):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            last = node.body[-1]
            assert isinstance(last, ast.Return)
            return _literal(last.value)
    raise AssertionError(function)


def _literal(node: ast.AST | None) -> object:
    if isinstance(node, ast.Dict):
        return {
            _literal(key): _literal(item) for key, item in zip(node.keys, node.values, strict=True)
        }
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    assert node is not None
    return ast.literal_eval(node)


def _table(text: str) -> dict[str, dict[str, str]]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| L")
    ]
    return {
        level: {"condition": condition, "contact": contact, "time": time}
        for level, condition, contact, time in rows
    }


def _bash(text: str) -> dict[str, list[str]]:
    """The commands under their comments."""
    groups: dict[str, list[str]] = {}
    for line in filter(None, text.splitlines()):
        if line.startswith("# "):
            groups[line.removeprefix("# ")] = []
        else:
            groups[[*groups][-1]].append(line)
    return groups


def _bullets(text: str) -> dict[str, str]:
    found = re.findall(r"^- (.+): (\S+)", text, re.MULTILINE)
    return dict(found)
