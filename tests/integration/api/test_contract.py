"""The OpenAPI document is true: its examples work, and answers are as it says."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.integration.api import images
from tests.integration.api.conftest import CONSENT, Service

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
    unsupported_method,
]
KEPT = {"collection": "kept", "external_id": "ana"}
EXAMPLE_PATHS = {"{collection}": "staff", "{external_id}": "ana"}


@pytest.fixture(scope="module", autouse=True)
def gallery(client: httpx.Client, photo: bytes) -> Iterator[None]:
    """What the examples speak of, and something for the listings to list."""
    client.post("/v1/collections", json={"name": "kept", "keep_crops": True})
    body = {"external_id": "ana", "consent": CONSENT}
    client.post("/v1/collections/kept/subjects", json=body)
    client.post("/v1/collections/kept/subjects/ana/faces", files={"image": photo})
    yield
    assert client.get("/health").status_code == 200


def document_of(client: httpx.Client) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/api/openapi.json").json()
    return document


def test_every_example_of_the_document_works(
    service: Service, client: httpx.Client, photo: bytes
) -> None:
    (folder,) = service.services.batch_folders
    folder.mkdir()
    (folder / "ana.jpg").write_bytes(photo)
    document = document_of(client)
    asked = [
        (method, path, operation["requestBody"]["content"]["application/json"]["example"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(asked) >= 8
    # What holds others is made before them; the change withdraws consent, which ends enrolment.
    for method, path, example in sorted(asked, key=lambda one: (one[0] == "patch", len(one[1]))):
        filled = path
        for name, value in EXAMPLE_PATHS.items():
            filled = filled.replace(name, value)
        if "folder" in example:
            example["folder"] = str(folder)
        answer = client.request(method.upper(), filled, json=with_photo(example, photo))
        assert answer.is_success, (method, path, answer.text)


def with_photo(example: Any, photo: bytes) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The example with a face where it shows a white picture."""
    if isinstance(example, dict):
        return {
            name: images.b64(photo)
            if name in ("data", "image", "image_a", "image_b")
            else with_photo(value, photo)
            for name, value in example.items()
        }
    if isinstance(example, list):
        return [with_photo(value, photo) for value in example]
    return example


def test_the_document_names_a_way_in_and_every_refusal(client: httpx.Client) -> None:
    document = document_of(client)
    assert "HTTPBearer" in document["components"]["securitySchemes"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
            if path.startswith("/v1/"):
                assert {"401", "403", "503"} <= operation["responses"].keys()


def test_random_requests_get_documented_answers_only(service: Service) -> None:
    token = service.texts["admin"]
    schema = schemathesis.openapi.from_url(f"{service.url}/api/openapi.json")
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    # One inference a call: the others exercise the same path a thousand times cheaper.
    operations = [operation for operation in found if operation.path != "/health"]
    assert len(operations) > 15
    statuses: Counter[int] = Counter()
    for number, operation in enumerate(operations):
        statuses += exercise(operation, token, seed=number)
    # Requests that got somewhere, not only ones refused at the door.
    assert statuses[200] > 20, statuses
    assert statuses[201] > 5, statuses
    assert statuses[422] > 20, statuses


def exercise(
    operation: Any,  # noqa: ANN401 - schemathesis' APIOperation
    token: str,
    *,
    seed: int,
) -> Counter[int]:
    """Calls one operation with what its schema allows and with what it does not."""
    statuses: Counter[int] = Counter()
    modes = schemathesis.GenerationMode

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=modes.POSITIVE)
        | operation.as_strategy(generation_mode=modes.NEGATIVE)
    )
    def call(case: Any) -> None:  # noqa: ANN401 - schemathesis' Case
        # Random names lead nowhere; some that exist are put in their place, but not to delete.
        if case.method != "DELETE" and statuses.total() % 2:
            known = {name: KEPT[name] for name in KEPT if name in case.path_parameters}
            case.path_parameters.update(known)
        answer = case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"}, checks=CHECKS, timeout=10
        )
        statuses[answer.status_code] += 1

    call()
    return statuses
