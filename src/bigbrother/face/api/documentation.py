"""The OpenAPI document: bodies and refusals of each operation, with the runbook's figures."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bigbrother.face.api.problems import MEDIA_TYPE
from bigbrother.face.api.schemas.batches import BatchRequest, FolderBatchRequest
from bigbrother.face.api.schemas.gallery import (
    CollectionRequest,
    EnrolRequest,
    SubjectChange,
    SubjectRequest,
)
from bigbrother.face.api.schemas.images import AnalyzeRequest, IdentifyRequest, VerifyRequest
from bigbrother.face.api.schemas.parts import Problem, RequestBody
from bigbrother.face.api.schemas.service import TokenRequest
from bigbrother.runbook.model import Runbook

Responses = dict[int | str, dict[str, Any]]

_REQUEST_BODIES: tuple[type[BaseModel], ...] = (
    AnalyzeRequest,
    BatchRequest,
    CollectionRequest,
    EnrolRequest,
    FolderBatchRequest,
    IdentifyRequest,
    SubjectChange,
    SubjectRequest,
    TokenRequest,
    VerifyRequest,
)
_REFERENCE = "#/components/schemas/{model}"
_TITLES = {
    400: "The body is not what its Content-Type says, or a header is malformed.",
    401: "The token is missing or not valid.",
    403: "The token's role does not hold the permission.",
    404: "What the path names does not exist.",
    405: "The method is not allowed here.",
    408: "The body did not arrive in time.",
    409: "What exists already stands against it.",
    413: "The body, an image or a part of it is too large.",
    415: "The Content-Type, Content-Encoding or image format is not supported.",
    422: "The request cannot be carried out as it is.",
    503: "Too busy, or the database does not answer; Retry-After says when to try again.",
    507: "The disk has no room for it; nothing was kept.",
}
_DESCRIPTION = """\
Faces in images: found, described, compared, enrolled, recognised.

Every refusal is a problem (RFC 9457) whose `type` is stable. Everything under `/v1` needs a bearer
token. POSTs that create take an `Idempotency-Key`.
"""


def refusals(*statuses: int) -> Responses:
    """The problems with which an operation may answer; 405 with every one."""
    return {status: _refusal(status) for status in sorted({*statuses, 405})}


def created(responses: Responses) -> Responses:
    """Adds the headers of a creation's answer."""
    return _made(201, "Created, now or by the first request with this key.", responses)


def accepted(responses: Responses) -> Responses:
    """Adds the headers of an answer to what is done later."""
    return _made(202, "Taken in, now or by the first request with this key.", responses)


def _made(status: int, description: str, responses: Responses) -> Responses:
    text = {"schema": {"type": "string"}}
    return {
        status: {
            "description": description,
            "headers": {
                "Location": {"description": "Where it is.", **text},
                "Idempotency-Replayed": {
                    "description": "`true` when this is the first answer again.",
                    **text,
                },
            },
        },
        **responses,
    }


def json_request(model: type[BaseModel]) -> dict[str, Any]:
    """A body in JSON; it is read by `uploads`, so the framework does not know of it."""
    return {"requestBody": {"required": True, "content": {"application/json": _json(model)}}}


def image_request(
    model: type[BaseModel],
    settings: type[RequestBody],
    images: tuple[str, ...],
    *,
    repeated: bool = False,
) -> dict[str, Any]:
    """A body as multipart form, or in JSON with base64."""
    file = {"type": "string", "format": "binary", "contentMediaType": "image/*"}
    part = {"type": "array", "items": file, "minItems": 1} if repeated else file
    fields = settings.model_json_schema(ref_template=_REFERENCE).get("properties", {})
    form = {
        "type": "object",
        "properties": {**dict.fromkeys(images, part), **fields},
        "required": list(images),
        "additionalProperties": False,
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "application/json": _json(model),
            },
        }
    }


def batch_request(form: type[BaseModel], folder: type[BaseModel]) -> dict[str, Any]:
    """A body as multipart form with many files, or in JSON."""
    file = {"type": "string", "format": "binary"}
    parts = {
        "request": {"$ref": _REFERENCE.format(model=form.__name__)},
        "image": {
            "type": "array",
            "items": {**file, "contentMediaType": "image/*"},
            "description": "Image files; the filename is the item's name.",
        },
        "archive": {
            **file,
            "contentMediaType": "application/zip",
            "description": "Instead of images: a zip file with them.",
        },
    }
    schema = {
        "type": "object",
        "properties": parts,
        "required": ["request"],
        "additionalProperties": False,
    }
    form_content = {"schema": schema, "encoding": {"request": {"contentType": "application/json"}}}
    content = {"multipart/form-data": form_content, "application/json": _json(folder)}
    return {"requestBody": {"required": True, "content": content}}


def openapi_document(app: FastAPI, runbook: Runbook) -> dict[str, Any]:
    """The whole document."""
    document = get_openapi(
        title="Big Brother CNN", version=app.version, description=_DESCRIPTION, routes=app.routes
    )
    schemas = document["components"].setdefault("schemas", {})
    _, definitions = models_json_schema(
        [*((model, "validation") for model in _REQUEST_BODIES), (Problem, "serialization")],
        ref_template=_REFERENCE,
    )
    schemas.update(definitions["$defs"])
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    limits = runbook.limits
    schemas["AnalyzeRequest"]["properties"]["images"]["maxItems"] = limits.images_per_request
    for operations in document["paths"].values():
        for operation in operations.values():
            _set_figures(operation, runbook)
    return document


def _set_figures(operation: dict[str, Any], runbook: Runbook) -> None:
    limits = runbook.limits
    # Where no 422 is declared none can occur: the framework adds one for any path parameter.
    if "HTTPValidationError" in str(operation["responses"].get("422")):
        del operation["responses"]["422"]
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "limit":
            parameter["schema"] = {
                "type": "integer",
                "minimum": 1,
                "maximum": limits.largest_page_size,
                "default": limits.page_size,
            }
    content = operation.get("requestBody", {}).get("content", {})
    form = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    image = form.get("image", {})
    if image.get("type") == "array":
        most = runbook.batch.items if "archive" in form else limits.images_per_request
        image["maxItems"] = most


def _json(model: type[BaseModel]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}
    examples = model.model_json_schema().get("examples", [])
    if examples:
        content["example"] = examples[0]
    return content


def _refusal(status: int) -> dict[str, Any]:
    refusal: dict[str, Any] = {
        "description": _TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
    }
    if status == 503:
        refusal["headers"] = {
            "Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}
        }
    return refusal
