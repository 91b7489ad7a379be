"""An image of a batch kills every worker that looks at it."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from bigbrother.models.samples import sample_photo
from tests.faults.fault import View, as_it_is
from tests.faults.place import WORKER, FaultPlace
from tests.waiting import until


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """Real workers of the home that die at the image, until a death is known to be its fault."""
    # A few bytes behind the picture make another file of it, which is decoded all the same.
    deadly = sample_photo() + chance.randbytes(8)
    images = [sample_photo()] * chance.randint(0, 3)
    images.insert(chance.randint(0, len(images)), deadly)
    manager = place.manager()
    manager.stop(WORKER)
    try:
        batch_id = place.submit(images)
        place.afterwards(lambda: place.forget_batch(batch_id))
        for _ in range(4):
            _deadly_worker(place, hashlib.sha256(deadly).hexdigest())
            if _deaths(place):
                break
        assert _deaths(place), "no death was written down"
        # The manager's own goes on with the rest of the work.
        yield as_it_is
    finally:
        manager.start(WORKER)


def _deadly_worker(place: FaultPlace, digest: str) -> None:
    """One worker's life."""
    command = (sys.executable, "-m", "tests.faults.deadly_worker", digest)
    with subprocess.Popen(
        command,
        env=place.place.env | {"PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as worker:
        try:
            until(lambda: worker.poll() is not None or _deaths(place) > 0, 30)
        finally:
            worker.kill()


def _deaths(place: FaultPlace) -> int:
    with place.connection() as conn:
        found = conn.execute("SELECT coalesce(sum(deaths), 0) FROM batch_item").fetchone()
    return 0 if found is None else int(found[0])
