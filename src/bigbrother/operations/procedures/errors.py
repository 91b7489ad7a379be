"""What may go wrong with a run before it touches anything."""

from typing import ClassVar

from bigbrother.kernel.errors import Conflict, InvalidInput, NotFound


class ProcedureUnknown(NotFound):
    """The document has no such procedure."""

    code: ClassVar[str] = "procedure-unknown"
    title: ClassVar[str] = "Unknown procedure"


class ArgumentsRefused(InvalidInput):
    """A procedure does not take these arguments."""

    code: ClassVar[str] = "arguments-refused"
    title: ClassVar[str] = "The arguments are refused"


class RunUnknown(NotFound):
    """There is no such run."""

    code: ClassVar[str] = "run-unknown"
    title: ClassVar[str] = "Unknown run"


class RunRefused(Conflict):
    """A guard stands against the run; nothing was touched."""

    code: ClassVar[str] = "run-refused"
    title: ClassVar[str] = "The run is refused"


class RunNotThere(Conflict):
    """The run is not in a state in which this can be asked of it."""

    code: ClassVar[str] = "run-in-another-state"
    title: ClassVar[str] = "The run is in another state"


class OwnershipLost(Conflict):
    """Another watcher drives this run now; this one writes nothing more of it."""

    code: ClassVar[str] = "run-ownership-lost"
    title: ClassVar[str] = "Another watcher drives this run"


class ActionUnknown(NotFound):
    """A step has a name for which this product has no action."""

    code: ClassVar[str] = "action-unknown"
    title: ClassVar[str] = "Unknown step"


class DriverStopped(Conflict):
    """This process ends and drives runs no longer; another one goes on with them."""

    code: ClassVar[str] = "driver-stopped"
    title: ClassVar[str] = "The watcher stops"
