"""An archive about a person is on the disk complete or not at all."""

from pathlib import Path

import pytest

from bigbrother.client.errors import FileUnwritable, ResourceMissing, ServiceUnreachable
from bigbrother.client.face_client import FaceClient
from tests.fakes.face_api import Answer, FaceApi, Told, problem

EXPORT = "/v1/collections/staff/subjects/ana/export"
PIECES = [b"PK" + bytes(70_000), b"end"]
ARCHIVE = b"".join(PIECES)


def test_an_archive_is_written_to_a_file_that_only_its_owner_may_read(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    api.answers("GET", EXPORT, Told(PIECES))
    file = tmp_path / "ana.zip"
    file.write_bytes(b"of last year")
    assert client.subjects.export_to(file, "staff", "ana", purpose="she asked") == file
    assert file.read_bytes() == ARCHIVE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["ana.zip"]
    assert api.asked[0].headers["X-Purpose"] == "she%20asked"
    assert client.subjects.export("staff", "ana") == ARCHIVE


def test_a_broken_download_begins_again_and_leaves_nothing_half(
    api: FaceApi, client: FaceClient, tmp_path: Path, pauses: list[float]
) -> None:
    file = tmp_path / "ana.zip"
    broken = Told(PIECES[:1], then="break")
    api.answers("GET", EXPORT, broken, Answer(0), Told(PIECES))
    client.subjects.export_to(file, "staff", "ana")
    assert file.read_bytes() == ARCHIVE
    assert pauses == [0.1, 0.2]
    file.unlink()
    api.answers("GET", EXPORT, broken)
    with pytest.raises(ServiceUnreachable):
        client.subjects.export_to(file, "staff", "ana")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_leaves_the_file_of_before(
    api: FaceApi, client: FaceClient, tmp_path: Path
) -> None:
    api.answers("GET", EXPORT, problem(404, "subject-not-found", "Nobody is called ana."))
    file = tmp_path / "ana.zip"
    file.write_bytes(b"of last year")
    with pytest.raises(ResourceMissing, match="Nobody"):
        client.subjects.export_to(file, "staff", "ana")
    assert file.read_bytes() == b"of last year"


@pytest.mark.parametrize("place", ["missing/ana.zip", "."])
def test_a_place_that_cannot_be_written_is_named(
    api: FaceApi, client: FaceClient, tmp_path: Path, place: str
) -> None:
    api.answers("GET", EXPORT, Told(PIECES))
    with pytest.raises(FileUnwritable) as raised:
        client.subjects.export_to(tmp_path / place, "staff", "ana")
    assert str(tmp_path) in raised.value.detail
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "purpose", ["opening the door", "ação 你好 🙂", "a\r\nX-Other: b", "100 %", "\udc80"]
)
def test_a_purpose_of_any_characters_travels_as_one_header(
    api: FaceApi, client: FaceClient, purpose: str
) -> None:
    api.answers("DELETE", "/v1/collections/staff/subjects/ana", Answer(204))
    client.subjects.delete("staff", "ana", purpose=purpose)
    client.subjects.delete("staff", "ana")
    sent = api.asked[0].headers["X-Purpose"]
    assert sent.isascii()
    assert sent.isprintable()
    assert " " not in sent
    assert api.asked[0].headers["X-Other"] is None
    assert api.asked[1].headers["X-Purpose"] is None
