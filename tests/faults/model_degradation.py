"""Labelled photographs whose labels are wrong: the model seems to confuse people."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from io import BytesIO
from random import Random

from PIL import Image, ImageEnhance

from bigbrother.models.samples import sample_photo
from bigbrother.operations.checks.report.runs import keep_run
from bigbrother.operations.checks.runner import run_checks
from bigbrother.operations.store.store import Store
from tests.faults.fault import View, as_it_is
from tests.faults.place import FaultPlace


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """Photographs of one person under the names of several; then the daily check runs."""
    folder = place.settings.home / place.scene().runbook.daily_checks.labelled_folder
    for person in range(chance.randint(4, 6)):
        (folder / f"person-{person}").mkdir(parents=True)
        for number in range(2):
            (folder / f"person-{person}" / f"{number}.jpg").write_bytes(_photograph(chance))
    scene = place.scene()
    results = run_checks(["model_accuracy"], replace(scene, scraped=scene.scrape()))
    at = scene.clock.now()
    with closing(Store(place.settings.ops_store)) as store:
        store.write(lambda conn: keep_run(conn, results, at))
    try:
        yield as_it_is
    finally:
        shutil.rmtree(folder)
        with closing(Store(place.settings.ops_store)) as store:
            store.write(
                lambda conn: conn.execute("DELETE FROM check_run WHERE at = ?", (at.timestamp(),))
            )


def _photograph(chance: Random) -> bytes:
    """The sample, in another light."""
    picture = Image.open(BytesIO(sample_photo())).convert("RGB")
    lit = ImageEnhance.Brightness(picture).enhance(chance.uniform(0.8, 1.2))
    written = BytesIO()
    lit.save(written, "JPEG", quality=chance.randint(80, 95))
    return written.getvalue()
