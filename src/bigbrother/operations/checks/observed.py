"""What checks look at."""

from dataclasses import dataclass

from bigbrother.kernel.clock import Clock
from bigbrother.operations.checks.scrapes import Scraped
from bigbrother.ports.face_service import FaceService
from bigbrother.ports.host import Host
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings


@dataclass(frozen=True, slots=True)
class Observed:
    """One installation, as its watcher sees it."""

    runbook: Runbook
    settings: Settings
    clock: Clock
    host: Host
    face: FaceService
    manager: ServiceManager
    scraped: Scraped
    dsn: str
    """Of the database with the gallery; reading is enough."""
