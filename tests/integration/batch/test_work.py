"""A worker analyses, enrols and identifies; the results are what the single request answers."""

import io
from pathlib import Path

from PIL import Image

from bigbrother.models.samples import sample_photo
from bigbrother.runbook.load import load_runbook
from tests.conftest import Database
from tests.integration.batch.workers import (
    Submitter,
    worker_services,
    working,
)


def blank() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(buffer, "PNG")
    return buffer.getvalue()


def test_every_image_of_a_batch_is_analysed_once(database: Database, overlay: Path) -> None:
    runbook = load_runbook(overlay)
    submitter = Submitter.of(database, runbook)
    batch_id = submitter.submit([sample_photo(), blank(), b"no image"] * 6, chunk=4)
    with working(worker_services(database.face_dsn, runbook)):
        submitter.finished(batch_id)
    found = submitter.each_exactly_once(batch_id)
    assert [one["state"] for one in found] == ["succeeded", "succeeded", "failed"] * 6
    assert found[0]["result"]["answer"]["faces_found"] == 1
    assert found[1]["result"]["answer"]["faces"] == []
    assert found[2]["result"]["refusal"]["code"] == "image-format-unsupported"
