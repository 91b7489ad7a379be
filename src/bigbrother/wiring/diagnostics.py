"""What a diagnosis looks at, for a command or a step that makes one."""

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.adapters.host import SystemHost
from bigbrother.adapters.machine import SystemMachine
from bigbrother.adapters.network import SystemNetwork
from bigbrother.installation.accounts import accounts
from bigbrother.kernel.clock import Clock
from bigbrother.operations.checks.scrapes import Scraped, scrape_to_compare, scraped_now
from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.errors import HistoryAway
from bigbrother.operations.diagnostics.scene import OneScrape, Scene
from bigbrother.ports.face_service import FaceService
from bigbrother.runbook.following import starting_document
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.wiring import database_server, service_manager


def scene(settings: Settings) -> Scene:
    """The installation of these settings; nothing of it needs to run, and nothing is asked yet.

    Raises InvalidRunbook where the document does not hold, and none was in force before.
    """
    clock = SystemClock()
    owners = accounts()
    runbook = starting_document(
        settings.runbook_overlay, settings.published_runbook, settings.tuned_runbook
    )
    server = database_server(settings, owners, clock)
    token = settings.admin_token_file
    face = HttpFaceService(settings.host, settings.port, clock, token)
    return Scene(
        runbook=runbook,
        settings=settings,
        clock=clock,
        host=SystemHost(),
        face=face,
        manager=service_manager(settings, runbook, owners, server, clock),
        scraped=Scraped(None),
        dsn=settings.dsn if server is None else server.owner_dsn,
        machine=SystemMachine(clock),
        network=SystemNetwork(clock),
        watcher=HttpFaceService(settings.host, settings.watcher_port, clock, token),
        scrape=OneScrape(lambda: _scraped(face, runbook, settings, clock)),
    )


def _scraped(face: FaceService, runbook: Runbook, settings: Settings, clock: Clock) -> Scraped:
    """The counters now, against those that the watcher kept if it did lately."""
    now = clock.now()
    found = scraped_now(face, runbook, now, None)
    within = runbook.diagnostics.looks.try_within.value
    try:
        before = history.read_file(
            settings.ops_store, within, lambda conn: scrape_to_compare(conn, runbook, now)
        )
    except HistoryAway:
        return found
    return Scraped(found.now, before, found.trouble)
