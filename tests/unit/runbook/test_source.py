"""Every value of the runbook in Portuguese stands in the document, or in the list of exceptions."""

import re
from functools import cache
from typing import Any

import pytest

from bigbrother.runbook.leaves import plain
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.rendering import render
from bigbrother.runbook.rendering.phrases import phrase
from bigbrother.runbook.translation import translator
from tests.unit.runbook.source import (
    COPY,
    ORIGINAL,
    ROOT,
    Place,
    Value,
    document_of_the_source,
    leaves,
    parts,
)

EXCEPTIONS = ROOT / "docs" / "decisions" / "0018-what-differs-from-the-source.md"
_ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \| (.+) \|$", re.MULTILINE)
# The comments above the commands of 10.1, which have names here.
_COMMENTS = {
    "Verificar status dos serviços": "service_status",
    "Verificar logs": "logs",
    "Verificar recursos": "resources",
    "Backup rápido": "quick_backup",
    "Restart serviço": "restart_service",
}


def exceptions() -> dict[str, tuple[str, str]]:
    rows = _ROW.findall(EXCEPTIONS.read_text("utf-8"))
    return {place: (source, document) for place, source, document, _ in rows}


@cache
def document() -> dict[str, Any]:
    return plain(load_runbook())


def in_document(place: Place) -> tuple[str, Any]:
    """The document's own place and value for a place of the source; None where it has none."""
    found: Any = document()
    path = list(place)
    # A channel is a mapping under its type here.
    walked: list[str] = []
    for key in ["alert_config", *path[1:]] if path[0] == "alert_config" else path:
        if isinstance(found, list):
            found = found[int(key)] if int(key) < len(found) else None
            continue
        if not isinstance(found, dict):
            return ".".join(walked), None
        own = key if key in found else translated(key, found)
        walked.append(own)
        found = found.get(own)
    return ".".join(walked), found


def translated(word: str, among: dict[str, Any]) -> str:
    """The document's name for a word of the source, over the words that a reader is shown."""
    if word in _COMMENTS:
        return _COMMENTS[word]
    portuguese = translator("pt_BR").gettext
    return next((name for name in among if phrase(name, portuguese) == word), word)


def same(source: Value, own: object) -> bool:
    """Whether a value is the source's, as written or in the reader's words."""
    if isinstance(source, str) and isinstance(own, str):
        words = {own, phrase(own, str), phrase(own, translator("pt_BR").gettext)}
        return source in words
    return type(source) is type(own) and source == own


# The step, check or type of an item is its name here, not a value.
LEAVES = [
    (place, value)
    for place, value in leaves(document_of_the_source())
    if place[-1] not in ("check", "step") and (place[-1] != "type" or place[0] == "alert_config")
]


def test_every_value_of_the_source_stands_in_the_document_or_is_listed_with_its_reason() -> None:
    different = {
        path: (value, own)
        for place, value in LEAVES
        for path, own in [in_document(place)]
        if not same(value, own)
    }
    assert different == exceptions()


def test_every_item_of_a_list_is_there_and_no_other() -> None:
    """Reading values alone would not see a step that the document has beside the source's."""
    counted: dict[str, int] = {}
    for place, _ in LEAVES:
        if place[-1].isdigit():
            path, _ = in_document(place)
            counted[path] = counted.get(path, 0) + 1
    assert len(counted) > 30
    for path, count in counted.items():
        values: Any = document()
        for key in path.split("."):
            values = values[key]
        assert len(values) == count, path


def test_all_parts_of_the_source_are_read() -> None:
    """Against a block that the reading of the source passes by."""
    sections = {place[0] for place, _ in LEAVES}
    assert len(LEAVES) > 200
    assert len(sections) == 19
    assert list(parts()) == [
        *("1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2", "5.1", "5.2"),
        *("6.1", "6.2", "7.1", "7.2", "8.1", "8.2", "9.1", "9.2", "10.1", "10.2"),
    ]


def test_the_rendered_runbook_has_the_parts_of_the_source_and_its_purpose() -> None:
    rendered = render(load_runbook(), "md", "pt_BR")
    for number, part in parts().items():
        assert f"### {number} {part.title.capitalize()}\n" in rendered
    purpose = parts()["1.1"].text.strip().splitlines()[0]
    assert purpose in rendered


def test_the_copy_of_the_source_is_the_source() -> None:
    if not ORIGINAL.exists():
        pytest.skip("the original lies beside the project only where it was built")
    assert COPY.read_bytes() == ORIGINAL.read_bytes()
