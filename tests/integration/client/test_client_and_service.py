"""The client and the real service understand each other, call by call."""

import io
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image, ImageOps

from bigbrother.client.errors import (
    AccessDenied,
    RequestRefused,
    ResourceConflict,
    ResourceMissing,
)
from bigbrother.client.face_client import FaceClient
from bigbrother.client.results import Consent
from tests.integration.api.conftest import Service
from tests.integration.api.images import png, row_of

CONSENT = Consent(legal_basis="consent", purpose="tests", reference="form 1")


def mirrored(photo: bytes) -> Image.Image:
    return ImageOps.mirror(Image.open(io.BytesIO(photo)))


def test_a_person_is_enrolled_recognised_and_forgotten(client: FaceClient, photo: bytes) -> None:
    made = client.collections.create("road", description="d", keep_crops=True, retention="30 days")
    assert client.collections.get("road") == made
    assert (made.description, made.keep_crops, made.retention) == ("d", True, "30 days")
    expires_at = datetime(2099, 1, 1, tzinfo=UTC)
    subject = client.subjects.create(
        "road",
        "ana",
        name="Ana Conceição",
        metadata={"team": ["night", 1, None]},
        consent=CONSENT.model_copy(update={"expires_at": expires_at}),
    )
    assert subject.consent.expires_at == expires_at
    face = client.faces.enrol("road", "ana", photo)
    assert face.has_crop
    assert list(client.faces.list("road", "ana")) == [face]
    assert client.subjects.get("road", "ana").faces == 1
    crop = Image.open(io.BytesIO(client.faces.crop("road", "ana", face.id)))
    assert crop.format == "PNG"

    found = client.identify("road", mirrored(photo), limit=1, max_faces=1)
    assert found.searched_faces == 1
    match = found.faces[0].matches[0]
    assert (match.external_id, match.name, match.face_id) == ("ana", "Ana Conceição", face.id)
    assert match.metadata == {"team": ["night", 1, None]}
    assert match.similarity >= found.threshold

    withdrawn = {"consent": {"withdrawn_at": "2020-01-01T00:00:00Z"}}
    assert client.subjects.update("road", "ana", withdrawn).consent.withdrawn_at is not None
    assert client.identify("road", photo).faces[0].matches == ()

    client.faces.delete("road", "ana", face.id)
    assert list(client.faces.list("road", "ana")) == []
    client.subjects.delete("road", "ana")
    with pytest.raises(ResourceMissing) as raised:
        client.subjects.get("road", "ana")
    assert raised.value.code == "subject-not-found"
    client.collections.delete("road")
    with pytest.raises(ResourceMissing) as raised:
        client.collections.get("road")
    assert raised.value.code == "collection-not-found"


def test_the_same_picture_is_the_same_however_it_is_held(client: FaceClient, photo: bytes) -> None:
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    analysis = client.analyze(photo, image, np.array(image), embeddings=True)
    assert analysis.model.name == "sface"
    boxes = {one.faces[0].box for one in analysis.images}
    assert len(boxes) == 1
    first = analysis.images[0].faces[0]
    assert first.embedding is not None
    assert np.linalg.norm(first.embedding) == pytest.approx(1, abs=1e-3)
    assert first.landmarks is not None
    assert first.landmarks.right_eye[0] < first.landmarks.left_eye[0]
    assert client.verify(photo, image).match


def test_an_analysis_keeps_to_its_options(client: FaceClient, photo: bytes) -> None:
    three = row_of(photo, 3)
    options = client.analyze(three, quality=False, landmarks=False, max_faces=2).images[0]
    assert (options.faces_found, len(options.faces)) == (3, 2)
    face = options.faces[0]
    assert (face.quality, face.landmarks, face.embedding) == (None, None, None)
    assert client.analyze(three, min_size_pixels=4000).images[0].faces == ()


def test_one_bad_picture_among_several_carries_its_own_error(
    client: FaceClient, photo: bytes
) -> None:
    good, bad = client.analyze(photo, b"GIF89a no").images
    assert good.error is None
    assert bad.error is not None
    assert bad.error.code == "image-format-unsupported"
    with pytest.raises(RequestRefused) as raised:
        client.analyze(b"GIF89a no")
    assert (raised.value.code, raised.value.status) == ("image-format-unsupported", 415)
    with pytest.raises(RequestRefused):
        client.analyze()


def test_refusals_of_an_enrolment_keep_the_services_words(client: FaceClient, photo: bytes) -> None:
    client.collections.create("refusals")
    client.subjects.create("refusals", "ana", consent=CONSENT)
    with pytest.raises(RequestRefused) as raised:
        client.faces.enrol("refusals", "ana", png())
    assert raised.value.code == "no-face"
    with pytest.raises(RequestRefused) as raised:
        client.faces.enrol("refusals", "ana", row_of(photo, 2))
    assert raised.value.code == "several-faces"
    assert raised.value.request_id
    assert (
        client.faces.enrol("refusals", "ana", row_of(photo, 2), prominent=True).external_id == "ana"
    )
    small = Image.open(io.BytesIO(photo)).resize((90, 90))
    with pytest.raises(RequestRefused) as raised:
        client.faces.enrol("refusals", "ana", small)
    assert raised.value.code == "quality-too-low"
    assert "too-small" in raised.value.reasons
    client.faces.enrol("refusals", "ana", photo)
    with pytest.raises(ResourceConflict) as conflict:
        client.faces.enrol("refusals", "ana", photo)
    assert conflict.value.code == "face-already-enrolled"
    with pytest.raises(ResourceConflict):
        client.subjects.create("refusals", "ana", consent=CONSENT)


def test_a_creation_repeated_under_its_key_is_the_same_creation(
    client: FaceClient, photo: bytes
) -> None:
    first = client.collections.create("once", idempotency_key="k-1")
    assert client.collections.create("once", idempotency_key="k-1") == first
    client.subjects.create("once", "ana", consent=CONSENT, idempotency_key="k-2")
    client.subjects.create("once", "ana", consent=CONSENT, idempotency_key="k-2")
    face = client.faces.enrol("once", "ana", photo, idempotency_key="k-3")
    assert client.faces.enrol("once", "ana", photo, idempotency_key="k-3") == face
    assert client.subjects.get("once", "ana").faces == 1


ODD_NAMES = [
    ".",
    "..",
    "a b",
    "50%25 off?",
    "#1",
    "ação 你好 🙂",
    "&limit=1",
    "a\\b",
    "%2E%2E",
    "+",
    "~",
]


def test_odd_names_of_subjects_are_plain_names(client: FaceClient) -> None:
    client.collections.create("odd")
    for name in ODD_NAMES:
        client.subjects.create("odd", name, consent=CONSENT)
    listed = [subject.external_id for subject in client.subjects.list("odd", page_size=3)]
    assert sorted(listed) == sorted(ODD_NAMES)
    for name in ODD_NAMES:
        assert client.subjects.get("odd", name).external_id == name
        client.subjects.delete("odd", name)
    assert list(client.subjects.list("odd")) == []
    assert client.collections.get("odd").name == "odd"


def test_tokens_let_in_as_far_as_their_role_goes_and_until_they_are_revoked(
    service: Service, client: FaceClient, photo: bytes
) -> None:
    made = client.tokens.create("till", "reader", expires_in="30 days")
    assert made.expires_at is not None
    assert made.expires_at > made.created_at
    with FaceClient(service.url, made.token) as reader:
        assert reader.analyze(photo).images[0].faces
        with pytest.raises(AccessDenied) as raised:
            reader.collections.create("mine")
        assert (raised.value.status, raised.value.code) == (403, "forbidden")
        assert made.id in [token.id for token in client.tokens.list(page_size=1)]
        client.tokens.revoke(made.id)
        with pytest.raises(AccessDenied) as raised:
            reader.analyze(photo)
        assert (raised.value.status, raised.value.code) == (401, "unauthenticated")
    revoked = next(token for token in client.tokens.list() if token.id == made.id)
    assert revoked.revoked_at is not None
    with FaceClient(service.url) as nobody, pytest.raises(AccessDenied):
        nobody.models()


def test_the_service_says_what_it_works_with_and_how_it_is(client: FaceClient) -> None:
    assert [pack.name for pack in client.models() if pack.active] == ["sface"]
    health = client.health()
    assert health.healthy
    assert set(health.checks) == {"model", "database"}
