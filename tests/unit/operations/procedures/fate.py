"""Kills a driver at a chosen point: everything that it does from then on fails, as after a kill."""

from pathlib import Path
from typing import TypeVar

from bigbrother.operations.store.store import Store, Work
from tests.unit.operations.procedures.stage import without_waiting

T = TypeVar("T")


class Killed(BaseException):
    """The driver's process is no more."""


class Fate:
    """Counts the points at which a driver may die, and lets it die at one of them."""

    def __init__(self, at: int | None) -> None:
        self._at = at
        self.passed = 0
        self.dead = False

    def __call__(self, where: str) -> None:
        if not self.dead and self.passed == self._at:
            self.dead = True
        if self.dead:
            raise Killed(where)
        self.passed += 1


class MortalStore(Store):
    """A store of a driver that may die before and after each of its writes."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path)
        self._fate = fate
        without_waiting(self)

    def write(self, work: Work[T]) -> T:
        self._fate("before a write")
        result = super().write(work)
        self._fate("after a write")
        return result

    def read(self, work: Work[T]) -> T:
        # To die here is to have died after the write before.
        if self._fate.dead:
            raise Killed("reading")
        return super().read(work)
