"""The clock that a diagnosis goes by is wrong: a source of its own, never the host's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bigbrother.kernel.clock import Clock
from bigbrother.operations.diagnostics.scene import Scene
from tests.faults.fault import View
from tests.faults.place import FaultPlace


@dataclass(frozen=True)
class WrongClock:
    """As the real one, but for so much."""

    real: Clock
    off: timedelta

    def now(self) -> datetime:
        return self.real.now() + self.off

    def monotonic_seconds(self) -> float:
        return self.real.monotonic_seconds()


@contextmanager
def inject(_: FaultPlace, chance: Random) -> Iterator[View]:
    """Ahead or behind by seconds or minutes."""
    seconds = chance.choice((-1, 1)) * chance.uniform(6, 600)

    def view(scene: Scene) -> Scene:
        return replace(scene, clock=WrongClock(scene.clock, timedelta(seconds=seconds)))

    yield view
