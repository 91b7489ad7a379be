"""Whatever is sent: a clear refusal with its stable type, and a healthy service after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bigbrother.models.samples import sample_photo
from tests.integration.api import images
from tests.integration.api.conftest import CONSENT, Service

PHOTO = sample_photo()
LOOSE = "/v1/analyze"
SUBJECTS = "/v1/collections/box/subjects"
FACES = "/v1/collections/box/subjects/ana/faces"
FORM = {"content-type": "multipart/form-data; boundary=b"}
JSON = {"content-type": "application/json"}
ID = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Bad:
    """One bad request and the refusal that it must get."""

    name: str
    status: int
    code: str
    method: str = "POST"
    path: str = LOOSE
    content: bytes | None = None
    json: Any = None
    image: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    token: str | None = None
    """None sends a good one; "" sends none."""


def subject(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is any of its types
    return {"external_id": "new", "name": "New", "consent": CONSENT, **changes}


def raw(text: str | bytes) -> dict[str, Any]:
    return {"content": text.encode() if isinstance(text, str) else text, "headers": JSON}


def form(*parts: tuple[str, bytes]) -> dict[str, Any]:
    return {"content": images.form_body(parts), "headers": FORM}


IMAGE_PART = 'form-data; name="image"; filename="a"'
GOOD_TOKEN_SHAPE = f"bb_{'0' * 32}_{'0' * 64}"

IMAGES = [
    Bad("no bytes", 422, "image-empty", image=b""),
    Bad("text", 415, "image-format-unsupported", image=b"not a picture"),
    Bad("a PDF", 415, "image-format-unsupported", image=b"%PDF-1.7 ..."),
    Bad("an SVG", 415, "image-format-unsupported", image=b"<svg xmlns='x'/>"),
    Bad("a TIFF", 415, "image-format-unsupported", image=images.saved("TIFF")),
    Bad("a still GIF", 415, "image-format-unsupported", image=images.saved("GIF")),
    Bad("an animated GIF", 415, "image-format-unsupported", image=images.animation("GIF")),
    Bad("an animated PNG", 415, "image-animated", image=images.animation("PNG")),
    Bad("an animated WebP", 415, "image-animated", image=images.animation("WEBP")),
    Bad("a truncated JPEG", 422, "image-damaged", image=PHOTO[: len(PHOTO) // 2]),
    Bad("a JPEG's first bytes", 422, "image-damaged", image=PHOTO[:4]),
    Bad("a truncated PNG", 422, "image-damaged", image=images.noise(64, 64)[:500]),
    Bad("a WebP's header", 422, "image-damaged", image=b"RIFF\x00\x00\x00\x00WEBPVP8 "),
    Bad("a BMP's header", 422, "image-damaged", image=b"BM" + bytes(20)),
    Bad("a PNG of a billion pixels", 413, "image-too-many-pixels",
        image=images.png_claiming(100_000, 100_000)),
    Bad("a PNG of no pixels", 422, "image-damaged", image=images.png_claiming(0, 10)),
    Bad("a PNG without its pixels", 422, "image-damaged", image=images.png_claiming(100, 100)),
    Bad("an image over the limit", 413, "image-too-large",
        image=b"\xff\xd8\xff" + bytes(20_000_001)),
]  # fmt: skip

BODIES = [
    Bad("JSON cut off", 400, "malformed-json", **raw('{"images": [')),
    Bad("nothing", 400, "malformed-json", **raw("")),
    Bad("NaN", 400, "malformed-json",
        **raw('{"images":[{"data":""}],"options":{"min_size_pixels":NaN}}')),
    Bad("Infinity", 400, "malformed-json", **raw('{"images":[],"x":-Infinity}')),
    Bad("a number beyond all bounds", 400, "malformed-json", **raw('{"images":[],"x":1e999}')),
    Bad("ten thousand digits", 400, "malformed-json", **raw('{"x":' + "9" * 10_000 + "}")),
    Bad("deep nesting", 400, "malformed-json", **raw("[" * 5000 + "]" * 5000)),
    Bad("nesting over the limit", 400, "malformed-json", **raw("[" * 40 + "]" * 40)),
    Bad("a million values", 400, "malformed-json", **raw("[" + "0," * 1_000_000 + "0]")),
    Bad("a name that stands twice", 400, "malformed-json", **raw('{"images":[],"images":[]}')),
    Bad("bytes that are no UTF-8", 400, "malformed-json", **raw(b'{"images":"\xff\xfe"}')),
    Bad("UTF-16", 400, "malformed-json", **raw('{"images":[]}'.encode("utf-16"))),
    Bad("a list", 422, "invalid-request", **raw("[1]")),
    Bad("null", 422, "invalid-request", **raw("null")),
    Bad("no images", 422, "invalid-request", json={"images": []}),
    Bad("too many images", 413, "too-many-images", json={"images": [{"data": "AAAA"}] * 17}),
    Bad("an unknown field", 422, "invalid-request",
        json={"images": [{"data": ""}], "secret": True}),
    Bad("a text for a number", 422, "invalid-request",
        json={"images": [{"data": ""}], "options": {"max_faces": "5"}}),
    Bad("a negative number", 422, "invalid-request",
        json={"images": [{"data": ""}], "options": {"max_faces": -1}}),
    Bad("base64 with a line break", 422, "invalid-base64", json={"images": [{"data": "QUJD\n"}]}),
    Bad("base64 without padding", 422, "invalid-base64", json={"images": [{"data": "QUI"}]}),
    Bad("a data URL", 422, "invalid-base64",
        json={"images": [{"data": "data:image/png;base64,AAAA"}]}),
    Bad("a number for base64", 422, "invalid-request", json={"images": [{"data": 5}]}),
    Bad("base64 over the limit", 413, "image-too-large",
        json={"images": [{"data": "A" * 27_000_000}]}),
    Bad("a form without a boundary", 400, "malformed-multipart", content=b"--b--",
        headers={"content-type": "multipart/form-data"}),
    Bad("a form cut off", 400, "malformed-multipart",
        content=images.form_body([(IMAGE_PART, PHOTO)])[:-200], headers=FORM),
    Bad("a form that is none", 400, "malformed-multipart", content=b"hello", headers=FORM),
    Bad("a form without an image", 422, "invalid-request",
        **form(('form-data; name="max_faces"', b"1"))),
    Bad("a part without a name", 400, "malformed-multipart", **form(("form-data", b"1"))),
    Bad("an unknown part", 422, "invalid-request", **form(('form-data; name="photo"', b"1"))),
    Bad("a field that stands twice", 422, "invalid-request",
        **form(*[('form-data; name="max_faces"', b"1")] * 2, (IMAGE_PART, PHOTO))),
    Bad("a field that is no number", 422, "invalid-request",
        **form(('form-data; name="max_faces"', b"many"), (IMAGE_PART, PHOTO))),
    Bad("a field that is NaN", 422, "invalid-request",
        **form(('form-data; name="min_size_pixels"', b"nan"), (IMAGE_PART, PHOTO))),
    Bad("a field of a megabyte", 422, "invalid-request",
        **form(('form-data; name="max_faces"', b"1" * 1_000_000), (IMAGE_PART, PHOTO))),
    Bad("a thousand parts", 413, "too-many-images", **form(*[(IMAGE_PART, b"")] * 1000)),
    Bad("a part with huge headers", 400, "malformed-multipart",
        **form(('form-data; name="image"; filename="' + "x" * 100_000 + '"', PHOTO))),
    Bad("plain text", 415, "unsupported-media-type", content=b"x",
        headers={"content-type": "text/plain"}),
    Bad("an image as the body", 415, "unsupported-media-type", content=PHOTO,
        headers={"content-type": "image/jpeg"}),
    Bad("no Content-Type", 415, "unsupported-media-type", content=b"{}"),
    Bad("JSON in another charset", 415, "unsupported-media-type", content=b"{}",
        headers={"content-type": "application/json; charset=utf-16"}),
    Bad("a compressed body", 415, "unsupported-content-encoding", content=b"\x1f\x8b",
        headers={**JSON, "content-encoding": "gzip"}),
    Bad("a body over the limit", 413, "request-too-large", content=bytes(64_000_001),
        headers=JSON),
]  # fmt: skip

GALLERY = [
    Bad("a collection's name with a slash", 422, "invalid-request", path="/v1/collections",
        json={"name": "a/b"}),
    Bad("a collection's name of dots", 422, "invalid-request", path="/v1/collections",
        json={"name": "../x"}),
    Bad("a collection's name in capitals", 422, "invalid-request", path="/v1/collections",
        json={"name": "Staff"}),
    Bad("a collection's name with a line break", 422, "invalid-request", path="/v1/collections",
        json={"name": "staff\n"}),
    Bad("a collection's name of emoji", 422, "invalid-request", path="/v1/collections",
        json={"name": "😀"}),
    Bad("a retention below nothing", 422, "invalid-request", path="/v1/collections",
        json={"name": "x", "retention": "-1 days"}),
    Bad("a retention without a unit", 422, "invalid-request", path="/v1/collections",
        json={"name": "x", "retention": "30"}),
    Bad("a retention of ages", 422, "invalid-request", path="/v1/collections",
        json={"name": "x", "retention": "9" * 300 + " y"}),
    Bad("a retention over the limit", 422, "invalid-request", path="/v1/collections",
        json={"name": "x", "retention": "11 years"}),
    Bad("a collection that exists", 409, "collection-exists", path="/v1/collections",
        json={"name": "box"}),
    Bad("an empty external id", 422, "invalid-request", path=SUBJECTS,
        json=subject(external_id="")),
    Bad("an external id with a slash", 422, "invalid-request", path=SUBJECTS,
        json=subject(external_id="a/b")),
    Bad("an external id with NUL", 422, "invalid-text", path=SUBJECTS,
        json=subject(external_id="a\0b")),
    Bad("an external id of 201 characters", 422, "invalid-request", path=SUBJECTS,
        json=subject(external_id="👩" * 201)),
    Bad("half of a surrogate pair", 422, "invalid-text", path=SUBJECTS,
        **raw('{"external_id":"\\ud800","consent":{"legal_basis":"consent","purpose":"p"}}')),
    Bad("half of a pair in metadata", 422, "invalid-text", path=SUBJECTS,
        **raw('{"external_id":"x","metadata":{"a":["\\udfff"]},'
              '"consent":{"legal_basis":"consent","purpose":"p"}}')),
    Bad("NUL in metadata", 422, "invalid-text", path=SUBJECTS,
        json=subject(metadata={"a": {"b\0": 1}})),
    Bad("metadata of a list", 422, "invalid-request", path=SUBJECTS, json=subject(metadata=[])),
    Bad("giant metadata", 413, "metadata-too-large", path=SUBJECTS,
        json=subject(metadata={"a": "x" * 20_000})),
    Bad("a giant body", 413, "request-too-large", path=SUBJECTS,
        json=subject(metadata={"a": "x" * 100_000})),
    Bad("no consent", 422, "invalid-request", path=SUBJECTS, json={"external_id": "x"}),
    Bad("an unknown legal basis", 422, "invalid-request", path=SUBJECTS,
        json=subject(consent={**CONSENT, "legal_basis": "curiosity"})),
    Bad("a blank purpose", 422, "invalid-request", path=SUBJECTS,
        json=subject(consent={**CONSENT, "purpose": "  "})),
    Bad("a time without a zone", 422, "invalid-request", path=SUBJECTS,
        json=subject(consent={**CONSENT, "expires_at": "2030-01-01T00:00:00"})),
    Bad("a time that is a number", 422, "invalid-request", path=SUBJECTS,
        json=subject(consent={**CONSENT, "expires_at": 1_900_000_000})),
    Bad("a day that does not exist", 422, "invalid-request", path=SUBJECTS,
        json=subject(consent={**CONSENT, "expires_at": "2030-02-31T00:00:00Z"})),
    Bad("a time beyond the calendar", 422, "invalid-request", path=SUBJECTS,
        json=subject(consent={**CONSENT, "expires_at": "9999-12-31T23:59:59-23:00"})),
    Bad("a subject that exists", 409, "subject-exists", path=SUBJECTS,
        json=subject(external_id="ana")),
    Bad("a subject of no collection", 404, "collection-not-found",
        path="/v1/collections/none/subjects", json=subject()),
    Bad("a form for a subject", 415, "unsupported-media-type", path=SUBJECTS,
        **form((IMAGE_PART, PHOTO))),
    Bad("a face of nobody", 422, "no-face", path=FACES, image=images.png()),
    Bad("a face among several", 422, "several-faces", path=FACES, image=images.row_of(PHOTO, 3)),
    Bad("a face too poor", 422, "quality-too-low", path=FACES, image=images.tiny_face(PHOTO)),
    Bad("a face of no subject", 404, "subject-not-found",
        path="/v1/collections/box/subjects/nobody/faces", image=PHOTO),
    Bad("two images to enrol", 422, "invalid-request", path=FACES,
        **form((IMAGE_PART, PHOTO), (IMAGE_PART, PHOTO))),
    Bad("an empty Idempotency-Key", 400, "idempotency-key-invalid", path="/v1/collections",
        json={"name": "keyed"}, headers={"idempotency-key": ""}),
    Bad("a long Idempotency-Key", 400, "idempotency-key-invalid", path="/v1/collections",
        json={"name": "keyed"}, headers={"idempotency-key": "k" * 256}),
    Bad("one image to verify", 422, "invalid-request", path="/v1/verify",
        **form(('form-data; name="image_a"', PHOTO))),
    Bad("nobody to verify", 422, "no-face", path="/v1/verify",
        json={"image_a": images.b64(PHOTO), "image_b": images.b64(images.png())}),
    Bad("a search in no collection", 404, "collection-not-found",
        path="/v1/collections/none/identify", image=PHOTO),
    Bad("a search for more matches than allowed", 422, "invalid-request",
        path="/v1/collections/box/identify", json={"image": images.b64(PHOTO), "limit": 101}),
]  # fmt: skip

PATHS = [
    Bad("a bad cursor", 422, "invalid-cursor", "GET", "/v1/collections?cursor=xyz"),
    Bad("a cursor with NUL", 422, "invalid-cursor", "GET", "/v1/collections?cursor=%00"),
    Bad("a bad token cursor", 422, "invalid-cursor", "GET", "/v1/tokens?cursor=xyz"),
    Bad("a limit of none", 422, "invalid-request", "GET", "/v1/collections?limit=0"),
    Bad("a negative limit", 422, "invalid-request", "GET", f"{SUBJECTS}?limit=-5"),
    Bad("a limit of letters", 422, "invalid-request", "GET", "/v1/collections?limit=ten"),
    Bad("a limit over the limit", 422, "invalid-request", "GET", "/v1/collections?limit=1001"),
    Bad("a limit beyond integers", 422, "invalid-request", "GET",
        "/v1/collections?limit=" + "9" * 50),
    Bad("a face id that is none", 422, "invalid-request", "DELETE", f"{FACES}/not-a-uuid"),
    Bad("a face that is not there", 404, "face-not-found", "DELETE", f"{FACES}/{ID}"),
    Bad("a crop that is not there", 404, "face-not-found", "GET", f"{FACES}/{ID}/crop"),
    Bad("a token id that is none", 422, "invalid-request", "DELETE", "/v1/tokens/1"),
    Bad("a token that is not there", 404, "token-not-found", "DELETE", f"/v1/tokens/{ID}"),
    Bad("NUL in a path", 404, "subject-not-found", "GET", f"{SUBJECTS}/%00"),
    Bad("broken UTF-8 in a path", 404, "subject-not-found", "GET", f"{SUBJECTS}/%ff%fe"),
    Bad("a way out of the path", 404, "not-found", "GET", f"{SUBJECTS}/%2e%2e%2f%2e%2e%2fetc"),
    Bad("SQL in a path", 404, "subject-not-found", "GET", f"{SUBJECTS}/'%20OR%201=1--"),
    Bad("nowhere", 404, "not-found", "GET", "/v1/nothing"),
    Bad("a slash too many", 404, "not-found", "GET", "/v1/collections/"),
    Bad("a method too many", 405, "method-not-allowed", "PUT", "/v1/collections"),
    Bad("an unknown method", 405, "method-not-allowed", "BREW", "/v1/collections"),
    Bad("a life over the limit", 422, "invalid-request", path="/v1/tokens",
        json={"name": "x", "role": "reader", "expires_in": "11 years"}),
    Bad("a role that is none", 422, "invalid-request", path="/v1/tokens",
        json={"name": "x", "role": "owner"}),
]  # fmt: skip

TOKENS = [
    Bad(f"the token {name}", 401, "unauthenticated", "GET", "/v1/collections", token=token)
    for name, token in {
        "is missing": "",
        "is a word": "Bearer hello",
        "is empty": "Bearer",
        "has another scheme": f"Basic {GOOD_TOKEN_SHAPE}",
        "has no scheme": GOOD_TOKEN_SHAPE,
        "is unknown": f"Bearer {GOOD_TOKEN_SHAPE}",
        "is too short": f"Bearer {GOOD_TOKEN_SHAPE[:-1]}",
        "is too long": f"Bearer {GOOD_TOKEN_SHAPE}0",
        "is in capitals": f"Bearer {GOOD_TOKEN_SHAPE.upper()}",
        "stands twice": f"Bearer {GOOD_TOKEN_SHAPE} {GOOD_TOKEN_SHAPE}",
        "is a JWT": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "holds SQL": "Bearer bb_' OR 1=1--_x",
        "is huge": "Bearer " + "x" * 8000,
        "holds letters of no alphabet": "Bearer bb_ÿÿ_þ",
    }.items()
]

ALL = IMAGES + BODIES + GALLERY + PATHS + TOKENS


@pytest.fixture(scope="module", autouse=True)
def gallery(client: httpx.Client, service: Service) -> Iterator[None]:
    """A collection with one subject before, and proof that the service is well after."""
    assert client.post("/v1/collections", json={"name": "box"}).status_code == 201
    assert client.post(SUBJECTS, json=subject(external_id="ana")).status_code == 201
    yield
    health = client.get("/health")
    assert health.status_code == 200, health.text
    good = client.post(LOOSE, files={"image": PHOTO})
    assert good.json()["images"][0]["faces_found"] == 1
    assert len(client.get("/v1/collections").json()["items"]) == 1, "a refusal left something"
    assert len(client.get(SUBJECTS).json()["items"]) == 1, "a refusal left something"
    text = client.get("/metrics").text
    assert 'status_class="5xx"' not in text
    assert service.services.memory.taken_bytes == 0


def test_there_are_at_least_sixty() -> None:
    assert len(ALL) >= 60
    assert len({bad.name for bad in ALL}) == len(ALL)


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
def test_bad_input_is_refused(client: httpx.Client, bad: Bad) -> None:
    headers = {name.encode(): value.encode("latin-1") for name, value in bad.headers.items()}
    if bad.token is not None:
        headers[b"authorization"] = bad.token.encode("latin-1")
    answer = client.request(
        bad.method,
        bad.path,
        content=bad.content,
        json=bad.json,
        files=None if bad.image is None else {"image": bad.image},
        headers=headers,
    )
    assert (answer.status_code, answer.headers["content-type"]) == (
        bad.status,
        "application/problem+json",
    ), answer.text
    problem = answer.json()
    assert problem["type"] == f"urn:bigbrother:problem:{bad.code}", problem
    assert problem["status"] == bad.status
    assert problem["title"]
    assert problem["detail"]
    assert problem["remedy"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    if bad.status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    if bad.status == 405:
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    "external_id",
    ["ليلى", "👩‍👩‍👧", "e\u0301", "𝒜𝓃𝒶", "a b", "..", "%2F", "x" * 200, "a?b#c", "'; --"],
)
def test_any_written_name_is_taken(client: httpx.Client, external_id: str) -> None:
    body = subject(external_id=external_id, name=external_id, metadata={external_id: external_id})
    made = client.post(SUBJECTS, json=body)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    if external_id == "..":
        path = f"{SUBJECTS}/%2E%2E"
    found = client.get(path)
    assert found.status_code == 200, found.text
    assert found.json()["external_id"] == external_id
    assert found.json()["metadata"] == {external_id: external_id}
    assert client.delete(path).status_code == 204


def test_a_bomb_takes_no_memory_beyond_what_it_claims(client: httpx.Client) -> None:
    answer = client.post(LOOSE, files={"image": images.png_bomb()})
    assert answer.status_code in (200, 422), answer.text
