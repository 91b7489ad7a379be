"""The document's shape as JSON Schema, for editors: every part may be left out of an overlay."""

from typing import Any

import yaml

from bigbrother.runbook.load import default_text
from bigbrother.runbook.model import Runbook

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """What an overlay may hold. Notes of the shipped document describe its sections."""
    schema: dict[str, Any] = _for_overlays(Runbook.model_json_schema(by_alias=True))
    for section, note in _notes().items():
        schema["properties"][section]["description"] = note
    return {"$schema": _DIALECT, **schema, "title": "Big Brother CNN: runbook"}


def _for_overlays(node: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, list):
        return [_for_overlays(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _for_overlays(value) for key, value in node.items() if key != "required"}
    # Without its type a channel of an overlay fits several of the shapes.
    if "discriminator" in kept:
        del kept["discriminator"]
        kept["anyOf"] = kept.pop("oneOf")
    return kept


def _notes() -> dict[str, str]:
    """The comment above each section of the shipped document."""
    text = default_text()
    lines = text.splitlines()
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    notes: dict[str, str] = {}
    for key, _ in [] if document is None else document.value:
        line = key.start_mark.line
        found: list[str] = []
        while line > 0 and lines[line - 1].startswith("#"):
            line -= 1
            found.insert(0, lines[line].removeprefix("#").strip())
        notes[key.value] = " ".join(found)
    return notes
