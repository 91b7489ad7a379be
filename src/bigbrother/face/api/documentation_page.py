"""The page /api/docs: the OpenAPI document for people, without a script or another host."""

import json
from html import escape
from importlib import resources
from string import Template
from typing import Any

from bigbrother.face.api.documentation_fields import fields_table, link, text

# Read now: when the unit serves it may no longer be allowed to read its own files.
_TEMPLATE = Template(
    resources.files("bigbrother.face.api").joinpath("documentation_page.html").read_text("utf-8")
)
_FORM_EXAMPLES = {
    "/v1/analyze": "-F image=@photo.jpg -F embeddings=true",
    "/v1/verify": "-F image_a=@one.jpg -F image_b=@other.jpg",
    "/v1/collections/{collection}/identify": "-F image=@photo.jpg -F limit=3",
    "/v1/collections/{collection}/subjects/{external_id}/faces": "-F image=@photo.jpg",
}
_PATH_EXAMPLES = {"collection": "staff", "external_id": "ana", "face_id": "ID", "token_id": "ID"}


def documentation_page(document: dict[str, Any], base_url: str) -> str:
    """The page as HTML."""
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return _TEMPLATE.substitute(
        title=escape(document["info"]["title"]),
        version=escape(document["info"]["version"]),
        description=_paragraphs(document["info"]["description"]),
        index="\n".join(_index(*operation) for operation in operations),
        operations="\n".join(_operation(*operation, base_url) for operation in operations),
        schemas="\n".join(
            _schema(name, schema) for name, schema in document["components"]["schemas"].items()
        ),
    )


def _index(path: str, method: str, operation: dict[str, Any]) -> str:
    return (
        f'<li><a href="#{_anchor(path, method)}"><b class="{method}">{method.upper()}</b> '
        f"<code>{escape(path)}</code> {escape(operation['summary'])}</a></li>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], base_url: str) -> str:
    parameters = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{escape(p['in'])}</td>"
        f"<td>{text(p.get('description', ''))}</td></tr>"
        for p in operation.get("parameters", [])
    )
    answers = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{text(answer['description'])}"
        f"{_answer_schema(answer)}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    return f"""<section id="{_anchor(path, method)}">
<h3><b class="{method}">{method.upper()}</b> <code>{escape(path)}</code></h3>
<p><strong>{escape(operation["summary"])}.</strong> {_paragraphs(operation["description"])}</p>
<pre>{escape(_curl(path, method, operation, base_url))}</pre>
{f"<h4>Parameters</h4><table>{parameters}</table>" if parameters else ""}
{_bodies(operation)}
<h4>Answers</h4><table>{answers}</table>
</section>"""


def _bodies(operation: dict[str, Any]) -> str:
    parts = []
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        parts.append(f"<h4>Body: {escape(media_type)}</h4>")
        parts.append(f"<p>{link(schema)}</p>" if "$ref" in schema else fields_table(schema))
        if "example" in content:
            parts.append(f"<p>For example:</p>{_json(content['example'])}")
    return "\n".join(parts)


def _curl(path: str, method: str, operation: dict[str, Any], base_url: str) -> str:
    filled = path
    for name, value in _PATH_EXAMPLES.items():
        filled = filled.replace(f"{{{name}}}", value)
    lines = ["curl" if method == "get" else f"curl -X {method.upper()}"]
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    content = operation.get("requestBody", {}).get("content", {})
    if method == "post" and path in _FORM_EXAMPLES:
        lines[0] = "curl"
        lines.append(_FORM_EXAMPLES[path])
    elif "application/json" in content:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(content['application/json'].get('example', {}))}'")
    return " \\\n  ".join([*lines, base_url + filled])


def _answer_schema(answer: dict[str, Any]) -> str:
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    return "".join(f": {link(schema)}" for schema in schemas if "$ref" in schema)


def _schema(name: str, schema: dict[str, Any]) -> str:
    return (
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code> '
        f"{text(schema.get('description', ''))}</summary>{fields_table(schema) or _json(schema)}"
        "</details>"
    )


def _json(value: Any) -> str:  # noqa: ANN401 - JSON is any of its types
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"


def _paragraphs(words: str) -> str:
    return "<br><br>".join(text(part) for part in words.strip().split("\n\n"))


def _anchor(path: str, method: str) -> str:
    return f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}"
