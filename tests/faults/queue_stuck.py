"""The worker stands still, or is stopped, while work waits."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random

import psutil

from bigbrother.models.samples import sample_photo
from tests.faults.fault import View, as_it_is
from tests.faults.place import WORKER, FaultPlace
from tests.waiting import until


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """SIGSTOP, or stopped by its manager; then a batch comes and waits."""
    manager = place.manager()
    worker_id = place.process_id(WORKER)
    stopped = worker_id is None or chance.random() < 0.5
    if stopped:
        manager.stop(WORKER)
    else:
        psutil.Process(worker_id).send_signal(signal.SIGSTOP)
    try:
        batch_id = place.submit([sample_photo()] * chance.randint(5, 20))
        place.afterwards(lambda: place.forget_batch(batch_id))
        until(lambda: _waits_for(place) > 2.2)
        yield as_it_is
    finally:
        if stopped:
            manager.start(WORKER)
        else:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(worker_id).send_signal(signal.SIGCONT)


def _waits_for(place: FaultPlace) -> float:
    with place.connection() as conn:
        found = conn.execute(
            "SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8"
            " FROM batch WHERE state = 'running'"
        ).fetchone()
    return 0.0 if found is None or found[0] is None else float(found[0])
