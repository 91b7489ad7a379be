"""As many images at once as the document allows, and one more."""

import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from bigbrother.client.errors import RequestRefused
from bigbrother.runbook.load import load_runbook
from tests.scenarios.place import Place
from tests.unit.batch.archives import picture
from tests.waiting import until


def archive(folder: Path, images: int) -> Path:
    """A zip of so many copies of one small picture."""
    file = folder / "images.zip"
    content = picture()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        for number in range(1, images + 1):
            made.writestr(f"{number}.png", content)
    return file


@pytest.mark.slow
def test_the_largest_batch_ends_each_item_once_also_when_it_is_cancelled(
    installation: Place, tmp_path: Path
) -> None:
    most = load_runbook().batch.items
    with installation.client() as client:
        batch = client.batches.submit("analyze", archive=archive(tmp_path, most))
        assert batch.items == most
        until(lambda: client.batches.get(batch.id).succeeded > 1000, 60)
        ended = client.batches.cancel(batch.id)
        counted: Counter[str] = Counter()
        numbers = set()
        for position, result in enumerate(client.batches.results(batch.id), start=1):
            assert result.position == position
            counted[result.state] += 1
            numbers.add(result.number)
        assert numbers == set(range(1, most + 1))
        assert counted == {"succeeded": ended.succeeded, "cancelled": ended.cancelled}
        client.batches.delete(batch.id)


@pytest.mark.slow
def test_one_image_more_than_the_largest_batch_is_refused(
    installation: Place, tmp_path: Path
) -> None:
    one_more = archive(tmp_path, load_runbook().batch.items + 1)
    with installation.client() as client, pytest.raises(RequestRefused) as refused:
        client.batches.submit("analyze", archive=one_more)
    assert refused.value.code == "batch-too-many-items"


def test_an_archive_without_an_image_is_refused(installation: Place) -> None:
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with installation.client() as client, pytest.raises(RequestRefused) as refused:
        client.batches.submit("analyze", archive=empty.getvalue())
    assert refused.value.code == "batch-empty"
