"""What every fault is: something that is wrong while a context lasts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random

from bigbrother.operations.diagnostics.scene import Scene
from tests.faults.place import FaultPlace

View = Callable[[Scene], Scene]
"""What a diagnosis looks at while the fault is there: a fault of a source that must not be touched
(the host's clock), or of a figure, is put in here."""
Inject = Callable[[FaultPlace, Random], AbstractContextManager[View]]
"""Puts the fault in, returns once it shows, and takes it out; within `FaultPlace.settling`.

The chance chooses among the ways in which such a thing goes wrong. Raises CannotInject.
"""


class CannotInject(Exception):
    """This machine does not allow it; says why."""


def as_it_is(scene: Scene) -> Scene:
    """The view of a fault that is in the installation itself."""
    return scene
