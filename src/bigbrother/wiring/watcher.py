"""The watcher's parts."""

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.adapters.host import SystemHost
from bigbrother.installation.accounts import accounts
from bigbrother.operations.escalation.reachability import holes
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.store.store import Store
from bigbrother.runbook.live import LiveRunbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.wiring import database_server, service_manager
from bigbrother.wiring.actions import step_runner


def watcher_services(settings: Settings) -> WatcherServices:
    """Everything that the watcher works with; nothing of it needs to run yet.

    Raises what a damaged document or a damaged file raises.
    """
    clock = SystemClock()
    owners = accounts()

    def prove(runbook: Runbook) -> tuple[str, ...]:
        return tuple(str(hole) for hole in holes(runbook, clock.now()))

    live = LiveRunbook(
        settings.runbook_overlay, prove, settings.ops / "runbook.yaml", settings.tuned_runbook
    )
    server = database_server(settings, owners, clock)
    return WatcherServices(
        settings=settings,
        live=live,
        clock=clock,
        store=Store(settings.ops_store),
        manager=service_manager(settings, live.current, owners, server, clock),
        face=HttpFaceService(settings.host, settings.port, clock, settings.admin_token_file),
        host=SystemHost(),
        steps=step_runner(settings),
        unit_account=owners.face,
        dsn=settings.dsn if server is None else server.owner_dsn,
    )
