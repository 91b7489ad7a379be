"""Client, service and worker understand each other about batches, and about who may be exported."""

import asyncio
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from bigbrother.client.batch_answers import Batch
from bigbrother.client.batch_upload import BatchPicture
from bigbrother.client.errors import AccessDenied, RequestRefused, ResourceConflict, ResourceMissing
from bigbrother.client.face_client import AsyncFaceClient, FaceClient
from bigbrother.client.results import Consent
from bigbrother.runbook.load import load_runbook
from tests.integration.api.conftest import Service
from tests.integration.api.images import png
from tests.integration.batch.workers import worker_services, working

CONSENT = Consent(legal_basis="consent", purpose="tests", reference="form 1")
ODD_NAMES = [
    'a"b.jpg',
    "joão 你好 🙂.jpg",
    "50%22.jpg",
    "a;b=c.jpg",
    "plain.jpg",
    "x" * 150 + ".jpg",
]


@pytest.fixture(scope="module", autouse=True)
def worker(service: Service) -> Iterator[None]:
    with working(worker_services(service.database.face_dsn, load_runbook())):
        yield


@pytest.fixture
def mirrored(photo: bytes) -> Image.Image:
    return ImageOps.mirror(Image.open(io.BytesIO(photo)))


def test_many_pictures_are_analyzed_and_each_is_told_once(
    client: FaceClient, photo: bytes, mirrored: Image.Image, tmp_path: Path
) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo)
    sent: list[tuple[int, int | None]] = []
    batch = client.batches.submit(
        "analyze",
        [file, photo, mirrored, BatchPicture("bad.jpg", b"GIF89a no")],
        embeddings=True,
        max_faces=1,
        progress=lambda *now: sent.append(now),
    )
    assert (batch.kind, batch.items, batch.state) == ("analyze", 4, "running")
    results = {result.name: result for result in client.batches.results(batch.id, follow=True)}
    assert set(results) == {"photo.jpg", "image-2", "image-3", "bad.jpg"}
    assert sorted(result.position for result in results.values()) == [1, 2, 3, 4]
    for name in ("photo.jpg", "image-2", "image-3"):
        analysis = results[name].analysis
        assert analysis is not None
        assert len(analysis.faces[0].embedding or ()) == 128
    bad = results["bad.jpg"]
    assert bad.error is not None
    assert (bad.state, bad.error.code, bad.analysis) == ("failed", "image-format-unsupported", None)
    assert bad.error.remedy
    ended = client.batches.wait(batch.id)
    assert (ended.state, ended.succeeded, ended.failed, ended.done) == ("finished", 3, 1, 4)
    late = list(client.batches.results(batch.id, after=ended.last_position - 1))
    assert [result.position for result in late] == [ended.last_position]


def test_people_are_enrolled_recognised_and_tried_again(
    client: FaceClient, photo: bytes, mirrored: Image.Image
) -> None:
    client.collections.create("many")
    pictures = [
        BatchPicture("1.jpg", photo, external_id="ana", subject_name="Ana Conceição"),
        BatchPicture("rui/1.jpg", png()),
    ]
    batch = client.batches.submit(
        "enrol", pictures, collection="many", new_subjects=CONSENT, purpose="tests"
    )
    enrolled, faceless = sorted(
        client.batches.results(batch.id, follow=True), key=lambda result: result.number
    )
    assert enrolled.enrolment is not None
    assert (enrolled.enrolment.external_id, enrolled.enrolment.subject_created) == ("ana", True)
    assert faceless.error is not None
    assert (faceless.external_id, faceless.error.code) == ("rui", "no-face")
    assert client.subjects.get("many", "ana").name == "Ana Conceição"

    again = client.batches.retry(batch.id)
    assert (again.running, again.pending) == (True, 1)
    assert client.batches.wait(batch.id).failed == 1

    found = client.batches.submit("identify", [mirrored], collection="many", limit=1)
    (result,) = client.batches.results(found.id, follow=True)
    assert result.identification is not None
    assert result.identification.faces[0].matches[0].external_id == "ana"
    with pytest.raises(ResourceConflict) as raised:
        client.batches.retry(found.id)
    assert raised.value.code == "batch-nothing-to-retry"


def test_odd_names_come_back_as_they_were(client: FaceClient) -> None:
    batch = client.batches.submit("analyze", [BatchPicture(name, b"no") for name in ODD_NAMES])
    told = sorted(client.batches.results(batch.id, follow=True), key=lambda one: one.number)
    assert [result.name for result in told] == ODD_NAMES


def test_an_archive_is_taken_in_and_pictures_of_an_iterator_too(
    client: FaceClient, photo: bytes, tmp_path: Path
) -> None:
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("door/1.jpg", photo)
    for batch in (
        client.batches.submit("analyze", archive=archive),
        client.batches.submit("analyze", iter([BatchPicture("door/1.jpg", photo)])),
    ):
        (result,) = client.batches.results(batch.id, follow=True)
        assert (result.name, result.state) == ("door/1.jpg", "succeeded")


def test_a_submission_repeated_under_its_key_is_the_same_batch(
    client: FaceClient, photo: bytes
) -> None:
    first = client.batches.submit("analyze", [photo], idempotency_key="batch-1")
    assert client.batches.submit("analyze", [photo], idempotency_key="batch-1").id == first.id
    with pytest.raises(RequestRefused) as raised:
        client.batches.submit("analyze", [photo, photo], idempotency_key="batch-1")
    assert raised.value.code == "idempotency-key-reused"


def test_a_batch_is_listed_cancelled_and_destroyed(client: FaceClient, photo: bytes) -> None:
    batch = client.batches.submit("analyze", [photo] * 3, priority="low", chunk=1)
    assert batch.id in [found.id for found in client.batches.list(page_size=1)]
    cancelled = client.batches.cancel(batch.id)
    assert cancelled.state == "cancelled" or cancelled.done == 3
    assert len(list(client.batches.results(batch.id, follow=True))) == 3
    client.batches.delete(batch.id)
    with pytest.raises(ResourceMissing) as raised:
        client.batches.get(batch.id)
    assert raised.value.code == "batch-not-found"


def test_a_large_upload_that_is_refused_early_is_told_why(
    service: Service, client: FaceClient
) -> None:
    """The service answers long before the last picture; a broken pipe would tell nothing."""
    pictures = [bytes(1_000_000)] * 40
    with (
        FaceClient(service.url, service.texts["reader"]) as reader,
        pytest.raises(AccessDenied) as denied,
    ):
        reader.batches.submit("enrol", pictures, collection="many")
    assert denied.value.status == 403
    with FaceClient(service.url, "bb_wrong") as stranger, pytest.raises(AccessDenied) as denied:
        stranger.batches.submit("analyze", pictures)
    assert denied.value.status == 401
    with pytest.raises(RequestRefused) as refused:
        client.batches.submit("analyze", pictures, chunk=1_000_000)
    assert refused.value.status == 422


def test_an_event_loop_submits_follows_and_exports(
    service: Service, client: FaceClient, photo: bytes, tmp_path: Path
) -> None:
    client.collections.create("loop")
    client.subjects.create("loop", "ana", consent=CONSENT)

    async def story() -> tuple[Batch, Sequence[str], Path, bytes]:
        async with AsyncFaceClient(service.url, service.texts["admin"]) as waiting:
            await waiting.faces.enrol("loop", "ana", photo, purpose="tests")
            batch = await waiting.batches.submit("analyze", [photo, photo])
            states = [one.state async for one in waiting.batches.results(batch.id, follow=True)]
            exported = await waiting.subjects.export_to(
                tmp_path / "ana.zip", "loop", "ana", purpose="she asked: ação"
            )
            whole = await waiting.subjects.export("loop", "ana")
            return await waiting.batches.wait(batch.id), states, exported, whole

    batch, states, exported, whole = asyncio.run(story())
    assert (batch.state, states) == ("finished", ["succeeded"] * 2)
    for archive in (exported, io.BytesIO(whole)):
        assert "subject.json" in zipfile.ZipFile(archive).namelist()
