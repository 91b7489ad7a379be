"""The face analyzer or the worker stands still while nothing else is wrong."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random

import psutil

from tests.faults.fault import CannotInject, View, as_it_is
from tests.faults.place import FACE, WORKER, FaultPlace


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """SIGSTOP to one of them that runs."""
    found = [place.process_id(unit) for unit in (FACE, WORKER)]
    running = [process_id for process_id in found if process_id is not None]
    if not running:
        raise CannotInject("Neither the face analyzer nor the worker has a process.")
    hung = psutil.Process(chance.choice(running))
    hung.send_signal(signal.SIGSTOP)
    try:
        yield as_it_is
    finally:
        with suppress(psutil.NoSuchProcess):
            hung.send_signal(signal.SIGCONT)
