"""A file of the installed model pack is altered, cut, or gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from tests.faults.fault import View, as_it_is
from tests.faults.place import FaultPlace


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """One network of the home's own copy; the running unit has it in memory."""
    file = chance.choice(sorted((place.settings.models / "sface").glob("*.onnx")))
    whole = file.read_bytes()
    way = chance.choice(("flip", "cut", "gone"))
    if way == "flip":
        at = chance.randrange(len(whole))
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    elif way == "cut":
        file.write_bytes(whole[: chance.randrange(len(whole))])
    else:
        file.unlink()
    try:
        yield as_it_is
    finally:
        file.write_bytes(whole)
