"""What checks look at, for a command that runs them by hand."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.adapters.host import SystemHost
from bigbrother.installation.accounts import accounts
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.scrapes import Scraped, scraped_now
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import Settings
from bigbrother.wiring import database_server, service_manager


@contextmanager
def watchers_file(settings: Settings) -> Iterator[Store | None]:
    """The watcher's file, whether or not it runs; None where there is none yet.

    Raises StoreUnusable.
    """
    if not settings.ops_store.exists():
        yield None
        return
    with closing(Store(settings.ops_store)) as store:
        yield store


def observed(settings: Settings, store: Store | None, *, counters: bool) -> Observed:
    """The installation of these settings; nothing of it needs to run.

    `counters`: whether the face analyzer is asked for its figures, now. Raises InvalidRunbook.
    """
    clock = SystemClock()
    owners = accounts()
    runbook = load_runbook(settings.runbook_overlay)
    server = database_server(settings, owners, clock)
    face = HttpFaceService(settings.host, settings.port, clock, settings.admin_token_file)
    return Observed(
        runbook=runbook,
        settings=settings,
        clock=clock,
        host=SystemHost(),
        face=face,
        manager=service_manager(settings, runbook, owners, server, clock),
        scraped=scraped_now(face, runbook, clock.now(), store) if counters else Scraped(None),
        dsn=settings.dsn if server is None else server.owner_dsn,
    )
