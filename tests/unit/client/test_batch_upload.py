"""Thousands of pictures go out as one request, without all being open or in memory."""

import io
import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from python_multipart.multipart import parse_form

from bigbrother.client.batch_upload import BatchPicture, pictures_body
from bigbrother.client.errors import PictureUnreadable, RequestRefused, ServiceUnreachable
from bigbrother.client.face_client import FaceClient
from bigbrother.client.results import Consent
from tests.fakes.face_api import Answer, Asked, FaceApi, problem
from tests.unit.client.answers import batch

SUBMIT = "/v1/batches"
BROKEN = Answer(0)


@pytest.fixture(autouse=True)
def taken(api: FaceApi) -> None:
    api.answers("POST", SUBMIT, batch())


def request(asked: Asked) -> dict[str, Any]:
    (name, _, content), *_ = asked.parts()
    assert name == "request", "it comes first: the service has to know what the images are for"
    read: dict[str, Any] = Asked("", "", asked.headers, content).json()
    return read


def images(asked: Asked) -> list[tuple[str | None, bytes]]:
    return [(filename, content) for name, filename, content in asked.parts() if name == "image"]


def test_pictures_of_every_kind_go_out_under_their_names(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    file = tmp_path / "joão.jpg"
    file.write_bytes(b"\xff\xd8 a file")
    array = np.zeros((2, 3, 3), np.uint8)
    named = BatchPicture("door/1.jpg", b"named")
    made = client.batches.submit("analyze", [file, str(file), b"bytes", array, named])
    assert made.id == "b-1"
    (asked,) = api.asked
    assert request(asked) == {"kind": "analyze", "priority": "normal"}
    sent = images(asked)
    assert [name for name, _ in sent] == [
        "joão.jpg",
        "joão.jpg",
        "image-3",
        "image-4",
        "door/1.jpg",
    ]
    assert [content for _, content in sent[:3]] == [
        b"\xff\xd8 a file",
        b"\xff\xd8 a file",
        b"bytes",
    ]
    assert Image.open(io.BytesIO(sent[3][1])).size == (3, 2)
    assert asked.headers["Idempotency-Key"]


def test_an_enrolment_says_whose_each_face_is(api: FaceApi, client: FaceClient) -> None:
    consent = Consent(legal_basis="consent", purpose="door", reference="form 1")
    client.batches.submit(
        "enrol",
        iter([BatchPicture("1.jpg", b"1", "ana", "Ana"), BatchPicture("2.jpg", b"2", "joão")]),
        collection="staff",
        prominent=True,
        new_subjects=consent,
        priority="high",
        chunk=32,
        webhook_url="https://hooks.example/b",
        webhook_secret="secret",
        purpose="opening hours, Ænd more",
        idempotency_key="mine",
    )
    (asked,) = api.asked
    assert request(asked) == {
        "kind": "enrol",
        "collection": "staff",
        "priority": "high",
        "chunk": 32,
        "options": {
            "prominent": True,
            "new_subjects": {
                "legal_basis": "consent",
                "purpose": "door",
                "reference": "form 1",
                "expires_at": None,
            },
        },
        "webhook": {"url": "https://hooks.example/b", "secret": "secret"},
        "items": [
            {"name": "1.jpg", "external_id": "ana", "subject_name": "Ana"},
            {"name": "2.jpg", "external_id": "joão"},
        ],
    }
    assert asked.headers["Idempotency-Key"] == "mine"
    assert asked.headers["X-Purpose"] == "opening%20hours%2C%20%C3%86nd%20more"


def test_a_name_that_a_header_cannot_hold_travels_in_the_request(
    api: FaceApi, client: FaceClient
) -> None:
    names = ['a"b.jpg', "a\\b", "a\r\nb", "50%22", "plain.jpg"]
    client.batches.submit("analyze", [BatchPicture(name, b"x") for name in names])
    assert [item["name"] for item in request(api.asked[0])["items"]] == names


def test_an_archive_is_sent_as_it_is_and_a_folder_only_named(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    archive = tmp_path / "many.zip"
    archive.write_bytes(b"PK" + bytes(1_000_000))
    client.batches.submit("analyze", archive=archive)
    client.batches.submit("analyze", archive=archive.read_bytes())
    client.batches.submit("identify", folder="/srv/photos", collection="staff")
    for asked in api.asked[:2]:
        assert asked.parts()[1] == ("archive", "archive.zip", archive.read_bytes())
    assert api.asked[2].json() == {
        "kind": "identify",
        "priority": "normal",
        "collection": "staff",
        "folder": "/srv/photos",
    }


@pytest.mark.parametrize(
    "sources", [{}, {"pictures": [], "folder": "/x"}, {"archive": b"", "folder": "/x"}]
)
def test_a_batch_has_one_source(api: FaceApi, client: FaceClient, sources: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused):
        client.batches.submit("analyze", **sources)
    assert api.asked == []


def test_a_lost_answer_is_asked_for_again_with_all_pictures_under_the_same_key(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    file = tmp_path / "1.jpg"
    file.write_bytes(b"one")
    busy = problem(503, "too-busy", headers={"Retry-After": "1"})
    api.answers("POST", SUBMIT, BROKEN, busy, batch())
    told: list[tuple[int, int | None]] = []
    client.batches.submit("analyze", [file, b"two"], progress=lambda *now: told.append(now))
    assert [images(asked) for asked in api.asked] == [[("1.jpg", b"one"), ("image-2", b"two")]] * 3
    assert len({asked.headers["Idempotency-Key"] for asked in api.asked}) == 1
    total_bytes = len(api.asked[0].body)
    assert told == [(total_bytes, total_bytes)] * 3


def test_pictures_that_can_be_read_once_only_are_sent_once_only(
    api: FaceApi, client: FaceClient
) -> None:
    api.answers("POST", SUBMIT, BROKEN)
    with pytest.raises(ServiceUnreachable):
        client.batches.submit("analyze", iter([b"one"]))
    assert len(api.asked) == 1
    assert api.asked[0].headers["Content-Length"] is None
    assert images(api.asked[0]) == [("image-1", b"one")]


def test_pictures_that_can_be_read_once_only_cannot_say_whose_they_are(
    api: FaceApi, client: FaceClient
) -> None:
    with pytest.raises(RequestRefused, match="before the first"):
        client.batches.submit("analyze", iter([BatchPicture("1.jpg", b"x", external_id="ana")]))


def test_a_file_that_is_not_there_is_named_before_anything_is_sent(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    with pytest.raises(PictureUnreadable, match=r"gone\.jpg"):
        client.batches.submit("analyze", [b"x", tmp_path / "gone.jpg"])
    with pytest.raises(PictureUnreadable, match=r"gone\.zip"):
        client.batches.submit("analyze", archive=tmp_path / "gone.zip")
    assert api.asked == []


@pytest.mark.parametrize("now", [b"", b"shorter", b"longer than it was at first"])
def test_a_file_that_changes_while_it_is_sent_stops_the_sending(tmp_path: Path, now: bytes) -> None:
    """Or the service would take a torn picture for a whole one."""
    file = tmp_path / "1.jpg"
    file.write_bytes(b"as it was at first")
    body = pictures_body({}, [file], None)
    file.write_bytes(now)
    assert body.pieces is not None
    with pytest.raises(PictureUnreadable, match="changed"):
        list(body.pieces())


def test_the_length_is_told_before_where_it_can_be_known(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    client.batches.submit("analyze", [b"12"])
    assert int(api.asked[0].headers["Content-Length"]) == len(api.asked[0].body)
    client.batches.submit("analyze", [b"12", Image.new("L", (2, 2))])
    assert api.asked[1].headers["Content-Length"] is None
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert pictures_body({}, [pipe], None).length_bytes is None


def test_a_thousand_files_are_neither_open_nor_in_memory_at_once(tmp_path: Path) -> None:
    file = tmp_path / "1.jpg"
    file.write_bytes(bytes(30_000))
    body = pictures_body({}, [file] * 1000, None)
    assert body.pieces is not None
    process = psutil.Process()
    files_before, most_files = process.num_fds(), 0
    sent_bytes = 0
    tracemalloc.start()
    for piece in body.pieces():
        sent_bytes += len(piece)
        most_files = max(most_files, process.num_fds() - files_before)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent_bytes == body.length_bytes
    assert sent_bytes > 30_000_000
    assert most_files <= 1
    assert peak_bytes < 2_000_000


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    parts=st.lists(
        st.builds(
            BatchPicture,
            TEXT,
            st.binary(max_size=50) | st.just(b"\r\n--") | st.just(b"\r\n"),
            st.none() | TEXT,
            TEXT,
        ),
        max_size=5,
    )
)
def test_every_name_and_content_arrives_as_it_was(parts: list[BatchPicture]) -> None:
    body = pictures_body({"kind": "analyze"}, parts, None)
    assert body.pieces is not None
    sent = b"".join(body.pieces())
    assert body.length_bytes == len(sent)
    read: list[tuple[str, bytes]] = []
    fields: dict[str, bytes] = {}

    def on_file(file: Any) -> None:  # noqa: ANN401 - the parser's own, untyped
        file.file_object.seek(0)
        read.append(((file.file_name or b"").decode(), file.file_object.read()))

    def on_field(field: Any) -> None:  # noqa: ANN401 - the parser's own, untyped
        fields[field.field_name.decode()] = field.value

    parse_form(
        {"Content-Type": body.headers["Content-Type"].encode()},
        io.BytesIO(sent),
        on_field,
        on_file,
    )
    asked = Asked("", "", body.headers, fields["request"]).json()  # type: ignore[arg-type]
    told = asked.get("items", [{"name": name} for name, _ in read])
    assert [item["name"] for item in told] == [part.name for part in parts]
    assert [item.get("external_id") for item in told] == [
        part.external_id or None for part in parts
    ]
    assert [content for _, content in read] == [part.picture for part in parts]
