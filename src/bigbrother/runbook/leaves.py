"""The document as plain values, leaf by leaf, and what differs between two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from bigbrother.runbook.section import Section

Path = tuple[str, ...]
Scalar = str | int | float | bool | None
Leaf = Scalar | list[Any]
_PLAIN = (str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Difference:
    """One leaf that is not the same in two documents; one that is missing is None."""

    path: Path
    before: Leaf
    after: Leaf

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.before} -> {self.after}"


def plain(section: Section) -> dict[str, Any]:
    """A part of the document as mappings, lists and scalars, with each figure as written.

    What is None is left out.
    """
    return {
        field.alias or name: _plain(value)
        for name, field in type(section).model_fields.items()
        if (value := getattr(section, name)) is not None
    }


def leaves(values: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Leaf]]:
    """Every value with its path, in order; a list of scalars is one leaf, `[]` and `{}` too.

    The items of a list of mappings are numbered from 0.
    """
    for key, value in values.items():
        here = (*path, str(key))
        if isinstance(value, Mapping) and value:
            yield from leaves(value, here)
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            yield from leaves({str(index): item for index, item in enumerate(value)}, here)
        else:
            yield here, value


def differences(before: Section, after: Section) -> tuple[Difference, ...]:
    """The leaves that differ, in the order of the document; new ones last."""
    old, new = dict(leaves(plain(before))), dict(leaves(plain(after)))
    paths = [*old, *(path for path in new if path not in old)]
    return tuple(
        Difference(path, old.get(path), new.get(path))
        for path in paths
        if old.get(path) != new.get(path)
    )


def _plain(value: object) -> object:
    if isinstance(value, Section):
        return plain(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value if isinstance(value, _PLAIN) else str(value)
