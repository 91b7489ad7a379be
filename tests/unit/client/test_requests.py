"""What goes over the line, and how answers and problems are read."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigbrother.client.errors import (
    AccessDenied,
    ClientError,
    RequestRefused,
    ResourceConflict,
    ResourceMissing,
    ServiceFailed,
    ServiceUnavailable,
)
from bigbrother.client.face_client import FaceClient
from bigbrother.client.request import path_of
from bigbrother.client.results import Consent, LegalBasis, NewToken
from bigbrother.face.gallery.given import LEGAL_BASES
from bigbrother.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable
from tests.fakes.face_api import Answer, FaceApi, problem
from tests.unit.client.answers import SUBJECT, WHEN

UNHEALTHY = {
    "status": "unhealthy",
    "checks": {"database": {"status": "failed", "detail": "it does not answer"}},
    "version": "1",
    "uptime_seconds": 2.5,
}


@pytest.mark.parametrize(
    ("status", "kind", "kernel_kind"),
    [
        (400, RequestRefused, InvalidInput),
        (401, AccessDenied, ClientError),
        (403, AccessDenied, ClientError),
        (404, ResourceMissing, NotFound),
        (409, ResourceConflict, Conflict),
        (413, RequestRefused, InvalidInput),
        (422, RequestRefused, InvalidInput),
        (500, ServiceFailed, ClientError),
        (502, ServiceUnavailable, Unavailable),
    ],
)
def test_a_problem_becomes_an_error_of_its_kind_with_the_services_words(
    api: FaceApi, client: FaceClient, status: int, kind: type, kernel_kind: type
) -> None:
    api.answers("GET", "/v1/collections/staff", problem(status, "some-code", "What happened."))
    with pytest.raises(kind) as raised:
        client.collections.get("staff")
    error = raised.value
    assert isinstance(error, ClientError)
    assert isinstance(error, kernel_kind)
    assert (error.code, error.status, error.detail) == ("some-code", status, "What happened.")
    assert (error.remedy, error.request_id, error.title) == ("Do this.", "r-1", "A title")


def test_an_error_keeps_its_class_code_for_others() -> None:
    RequestRefused("x", code="no-face")
    assert RequestRefused.code == "invalid-input"
    assert RequestRefused("y").code == "invalid-input"


def test_the_reasons_of_a_low_quality_are_kept(api: FaceApi, client: FaceClient) -> None:
    answer = problem(422, "quality-too-low")
    answer.body["reasons"] = ["blurred", "too-small"]
    api.answers("POST", "/v1/collections/staff/subjects/ana/faces", answer)
    with pytest.raises(RequestRefused) as raised:
        client.faces.enrol("staff", "ana", b"x")
    assert raised.value.reasons == ("blurred", "too-small")


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", b'{"detail": 7}'])
def test_an_error_without_a_problem_document_still_says_what_to_do(
    api: FaceApi, client: FaceClient, body: bytes
) -> None:
    api.answers("GET", "/v1/models", Answer(500, body))
    with pytest.raises(ServiceFailed, match="answered 500") as raised:
        client.models()
    assert "bigbrother logs" in raised.value.remedy
    assert raised.value.code == "service-failed"


@pytest.mark.parametrize("body", [b"<html>Hello</html>", b"", b"{}", b'{"items": 3}'])
def test_another_program_at_the_address_is_recognised_as_one(
    api: FaceApi, client: FaceClient, body: bytes
) -> None:
    api.answers("GET", "/v1/models", Answer(200, body))
    with pytest.raises(ServiceFailed) as raised:
        client.models()
    assert raised.value.code == "answer-not-understood"
    assert "another program" in raised.value.remedy


def test_the_token_goes_out_and_is_never_shown(api: FaceApi, client: FaceClient) -> None:
    api.answers("GET", "/v1/models", problem(401, "unauthenticated"))
    with pytest.raises(AccessDenied) as raised:
        client.models()
    assert api.asked[0].headers["Authorization"] == "Bearer secret-token"
    shown = repr(client) + str(raised.value) + repr(raised.value) + repr(vars(client))
    assert "secret-token" not in shown


def test_a_new_tokens_secret_is_not_in_its_repr() -> None:
    made = NewToken(
        id="1", name="n", role="reader", token="secret-token", created_at=datetime.now(UTC)
    )
    assert "secret-token" not in repr(made) + str(made)


@pytest.mark.parametrize("token", ["a b", "ação", "a\nb", "a\x00"])
def test_a_token_that_is_none_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(RequestRefused) as raised:
        FaceClient("http://127.0.0.1:1", token)
    assert token not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8080", "ftp://h", "http://", "http://[::1", "http://h:99999", "http://u:pw@h"],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(RequestRefused, match="address") as raised:
        FaceClient(url, "t")
    assert "pw" not in str(raised.value)


def test_a_proxy_of_the_environment_is_not_asked_for_a_local_service(
    api: FaceApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    api.answers("GET", "/v1/models", Answer(200, {"items": []}))
    with FaceClient(api.url, "t", attempts=1) as client:
        assert client.models() == ()


def test_a_listing_is_followed_to_its_end_and_no_further_than_it_is_read(
    api: FaceApi, client: FaceClient
) -> None:
    api.answers(
        "GET",
        "/v1/collections/staff/subjects",
        Answer(200, {"items": [SUBJECT, SUBJECT], "next_cursor": "a b&c"}),
        Answer(200, {"items": [], "next_cursor": "d"}),
        Answer(200, {"items": [SUBJECT], "next_cursor": None}),
    )
    listing = client.subjects.list("staff", page_size=2)
    next(listing)
    assert len(api.asked) == 1
    assert len(list(listing)) == 2
    assert [asked.path.partition("?")[2] for asked in api.asked] == [
        "limit=2",
        "cursor=a+b%26c&limit=2",
        "cursor=d&limit=2",
    ]


def test_a_subject_goes_out_and_comes_back_as_it_is(api: FaceApi, client: FaceClient) -> None:
    api.answers("POST", "/v1/collections/staff/subjects", Answer(201, SUBJECT))
    expires_at = datetime(2027, 1, 1, tzinfo=UTC)
    consent = Consent(legal_basis="consent", purpose="door", reference="f", expires_at=expires_at)
    made = client.subjects.create(
        "staff", "ana", name="Ana", metadata={"team": "night"}, consent=consent
    )
    assert api.asked[0].json() == {
        "external_id": "ana",
        "name": "Ana",
        "metadata": {"team": "night"},
        "consent": {
            "legal_basis": "consent",
            "purpose": "door",
            "reference": "f",
            "expires_at": WHEN,
        },
    }
    assert made.consent.expires_at == expires_at
    assert made.faces == 2


def test_the_client_knows_the_legal_bases_of_the_gallery() -> None:
    assert set(get_args(LegalBasis)) == set(LEGAL_BASES)


def test_options_of_an_analysis_travel_as_form_fields(api: FaceApi, client: FaceClient) -> None:
    answer = {
        "model": {"name": "sface", "version": "1"},
        "images": [
            {"id": None, "width": 3, "height": 2, "faces_found": 0, "faces": [], "error": None},
            {"id": "2", "error": problem(422, "image-damaged").body},
        ],
    }
    api.answers("POST", "/v1/analyze", Answer(200, answer))
    analysis = client.analyze(b"one", b"two", embeddings=True, max_faces=3, min_size_pixels=20)
    fields = api.asked[0].form()
    assert fields["embeddings"] == b"true"
    assert fields["max_faces"] == b"3"
    assert float(fields["min_size_pixels"]) == 20
    assert api.asked[0].body.count(b'name="image"') == 2
    assert analysis.images[0].error is None
    assert analysis.images[1].error is not None
    assert analysis.images[1].error.code == "image-damaged"


def test_an_unhealthy_service_is_an_answer_and_asked_once(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", "/health", Answer(503, UNHEALTHY))
    health = client.health()
    assert not health.healthy
    assert health.checks["database"].detail == "it does not answer"
    assert pauses == []


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_of_dots_stays_a_name(api: FaceApi, client: FaceClient, name: str) -> None:
    """Or the erasure of a subject called '..' would be that of its whole collection."""
    with pytest.raises(ResourceMissing):
        client.subjects.delete("staff", name)
    assert api.asked[0].path == f"/v1/collections/staff/subjects/{'%2E' * len(name)}"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_every_name_is_one_segment_of_the_path(api: FaceApi, client: FaceClient, name: str) -> None:
    api.asked.clear()
    with pytest.raises(ResourceMissing):
        client.subjects.get("staff", name)
    assert api.asked[0].path == path_of("collections", "staff", "subjects", name)
    assert api.asked[0].path.count("/") == 5
    assert "?" not in api.asked[0].path
