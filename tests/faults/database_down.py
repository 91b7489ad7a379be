"""The database is stopped, or stands still."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import psutil

from tests.faults.fault import View, as_it_is
from tests.faults.place import DB, FaultPlace


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """Stopped by its manager, or SIGSTOP to it and all its children: then it answers nobody."""
    if chance.random() < 0.5:
        manager = place.manager()
        manager.stop(DB)
        try:
            yield as_it_is
        finally:
            manager.start(DB)
        return
    server_id = place.process_id(DB)
    assert server_id is not None
    server = psutil.Process(server_id)
    family = [server, *server.children(recursive=True)]
    _send(family, signal.SIGSTOP)
    try:
        yield as_it_is
    finally:
        _send(family, signal.SIGCONT)


def _send(processes: list[psutil.Process], what: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(what)
        except psutil.NoSuchProcess:
            continue
