"""Bodies of the OpenAPI document as tables of their fields, for the page /api/docs."""

import json
import re
from html import escape
from typing import Any

Schema = dict[str, Any]

_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


def fields_table(schema: Schema) -> str:
    """A row a field: its name, its type, and what it means."""
    required = schema.get("required", [])
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if name in required else ''}</td>"
        f"<td>{_type(field)}</td><td>{_meaning(field)}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    )
    note = "<p><small>* must be there</small></p>" if required else ""
    return f'<table class="fields">{rows}</table>{note}' if rows else ""


def text(words: str) -> str:
    """Text for HTML; what stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def link(schema: Schema) -> str:
    """A link to a named body."""
    name = escape(schema["$ref"].rpartition("/")[2])
    return f'<a href="#schema-{name}"><code>{name}</code></a>'


def _type(field: Schema) -> str:
    if "$ref" in field:
        return link(field)
    for choice in ("anyOf", "oneOf"):
        if choice in field:
            return " or ".join(_type(each) for each in field[choice])
    if "enum" in field:
        return " or ".join(f"<code>{escape(json.dumps(value))}</code>" for value in field["enum"])
    if "const" in field:
        return f"<code>{escape(json.dumps(field['const']))}</code>"
    kind = escape(str(field.get("type", "any")))
    if kind == "array":
        kind = f"list of {_type(field['items'])}" if "items" in field else "list"
    if field.get("format"):
        kind += f" ({escape(field['format'])})"
    bounds = ", ".join(
        wording.format(_number(field[key])) for key, wording in _BOUNDS.items() if key in field
    )
    return f"{kind}, {bounds}" if bounds else kind


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _meaning(field: Schema) -> str:
    words = text(field.get("description", ""))
    if "default" in field and field["default"] is not None:
        words += f" Default <code>{escape(json.dumps(field['default']))}</code>."
    return words
