"""What the watcher works with."""

from dataclasses import dataclass

from bigbrother.kernel.clock import Clock
from bigbrother.operations.store.store import Store
from bigbrother.ports.face_service import FaceService
from bigbrother.ports.host import Host
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.ports.step_runner import StepRunner
from bigbrother.runbook.live import LiveRunbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings


@dataclass(frozen=True, slots=True)
class WatcherServices:
    """Put together by `wiring`."""

    settings: Settings
    live: LiveRunbook
    clock: Clock
    store: Store
    manager: ServiceManager
    face: FaceService
    host: Host
    unit_account: str | None
    """Whom the face unit and the worker run as; None: the watcher's own account."""
    steps: StepRunner
    dsn: str
    """Connection string of the application's database."""

    def runbook(self) -> Runbook:
        """The document in force."""
        return self.live.current
