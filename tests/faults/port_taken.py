"""Another program listens at the face analyzer's port while the unit is stopped."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.faults.fault import View, as_it_is
from tests.faults.place import FACE, FaultPlace


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """A real listener; it takes connections and says nothing, or ends them at once."""
    manager = place.manager()
    manager.stop(FACE)
    try:
        with socket.socket() as stranger:
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stranger.bind(("127.0.0.1", place.settings.port))
            stranger.listen(chance.choice((1, 64)))
            yield as_it_is
    finally:
        manager.start(FACE)
