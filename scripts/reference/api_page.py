"""The reference of the HTTP API, from the OpenAPI document that the service itself gives."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool
from scripts.reference.markdown import code, page, sentence, table

from bigbrother import __version__
from bigbrother.adapters.clock import SystemClock
from bigbrother.face.api.app import create_app
from bigbrother.face.api.documentation import openapi_document
from bigbrother.face.api.services import FaceServices
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import EngineLimits
from bigbrother.models.store import PackStore
from bigbrother.runbook.load import load_runbook
from bigbrother.security.keys import MasterKey, new_key
from bigbrother.security.roles import PERMISSIONS, may
from bigbrother.settings import Settings

Schema = dict[str, Any]
_INTRODUCTION = (
    "The service gives this description as OpenAPI at `/api/openapi.json` and as a page at "
    "`/api/docs`."
)
_ROLES = "A token has one role. The role says what its bearer may do."
_REFUSALS = "Each refusal carries a code, see [errors](errors.md)."
_FORMATS = {"binary": "file", "bigbrother-span": "time span", "date-time": "time"}
_SCHEMAS = "#/components/schemas/"


def render() -> str:
    """The page."""
    document = _document()
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    parts = [
        _paragraphs(document["info"]["description"]),
        _INTRODUCTION,
        "## Roles",
        _ROLES,
        _roles(),
        "## Refusals",
        _REFUSALS,
        _refusals(operations),
    ]
    tags: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation["tags"][0], []).extend(_operation(path, method, operation))
    for tag, sections in tags.items():
        parts += [f"## {tag.capitalize()}", *sections]
    parts.append("## Bodies")
    for name, schema in sorted(document["components"]["schemas"].items()):
        parts += _body(name, schema)
    return page("The HTTP API", parts)


def _document() -> dict[str, Any]:
    runbook, packs = load_runbook(), PackStore(Path("/nonexistent"))
    pack = packs.load(Settings.model_fields["pack"].default)
    pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(open=False)
    services = FaceServices(
        runbook=runbook,
        clock=SystemClock(),
        analyzer=Analyzer(pack, EngineLimits.of(runbook.limits)),
        packs=packs,
        manifest=pack.manifest,
        master_key=MasterKey(new_key()),
        pool=pool,
        version=__version__,
        engine_threads=1,
        public=False,
        spool=Path("/nonexistent"),
        ledger_folder=Path("/nonexistent"),
        watcher_sign=Path("/nonexistent"),
    )
    try:
        return openapi_document(create_app(services), runbook)
    finally:
        services.gate.close()


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {method.upper()} {path}"
    yield sentence(operation["summary"])
    yield _paragraphs(operation.get("description", ""))
    parameters = operation.get("parameters", [])
    if parameters:
        yield table(
            ("parameter", "in", "type", "meaning"),
            (
                (
                    f"`{one['name']}`",
                    one["in"],
                    _type(one["schema"]),
                    sentence(one.get("description", "")),
                )
                for one in parameters
            ),
        )
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        if "$ref" in schema:
            yield f"Body `{media_type}`: {_type(schema)}."
        else:
            yield f"Body `{media_type}`:"
            yield _fields(schema)
    answers = operation["responses"].items()
    for status, answer in answers:
        if not _is_refusal(answer):
            # A framework's own words for a status without a description of ours say nothing.
            said = "" if answer["description"] == "Successful Response" else answer["description"]
            body = _answer(answer) or ("" if said else "no body.")
            yield " ".join(part for part in (f"Answer {status}:", body, sentence(said)) if part)
    refused = sorted(status for status, answer in answers if _is_refusal(answer))
    if refused:
        yield f"Refusals: {', '.join(refused)}."


def _is_refusal(answer: dict[str, Any]) -> bool:
    return any("problem" in media_type for media_type in answer.get("content", {}))


def _refusals(operations: list[dict[str, Any]]) -> str:
    found = {
        (status, sentence(answer["description"]))
        for operation in operations
        for status, answer in operation["responses"].items()
        if _is_refusal(answer)
    }
    return table(("status", "meaning"), sorted(found))


def _roles() -> str:
    permissions = sorted(set().union(*PERMISSIONS.values()))
    return table(
        ("permission", *PERMISSIONS),
        (
            (f"`{permission}`", *("yes" if may(role, permission) else "" for role in PERMISSIONS))
            for permission in permissions
        ),
    )


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _answer(answer: dict[str, Any]) -> str:
    kinds = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    return ", ".join(f"{_type(kind)}." for kind in kinds if "$ref" in kind)


def _body(name: str, schema: Schema) -> Iterator[str]:
    yield f"### {name}"
    yield sentence(schema.get("description", "").split("\n\n")[0])
    if "properties" in schema:
        yield _fields(schema)
    for example in schema.get("examples", [])[:1]:
        yield code(_json(example), "json")


def _fields(schema: Schema) -> str:
    required = schema.get("required", [])
    return table(
        ("field", "type", "", "meaning"),
        (
            (
                f"`{name}`",
                _type(field),
                "required" if name in required else _default(field),
                sentence(field.get("description", "")),
            )
            for name, field in schema.get("properties", {}).items()
        ),
    )


def _default(field: Schema) -> str:
    return f"default `{_json(field['default'])}`" if field.get("default") is not None else ""


def _type(schema: Schema) -> str:
    """A type in words, with its bounds and a link to the body that it names."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return f"[{name}](#{name.lower()})"
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(_type(choice) for choice in choices)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if kind == "array":
        items = schema.get("prefixItems")
        inner = ", ".join(map(_type, items)) if items else _type(schema.get("items", {}))
        return f"list of {inner}"
    form = schema.get("format", "text") if kind == "string" else kind
    return f"{_FORMATS.get(form, form)}{_bounds(schema)}"


def _bounds(schema: Schema) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "more than",
        "maximum": "at most",
        "minLength": "shortest",
        "maxLength": "longest",
    }
    found = [f"{word} {_plain(schema[name])}" for name, word in words.items() if name in schema]
    return f" ({', '.join(found)})" if found else ""


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
