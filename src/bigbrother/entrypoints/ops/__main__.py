"""Runs the watcher until a signal ends it."""

import faulthandler
import os
import sys
from contextlib import ExitStack

import structlog

from bigbrother.entrypoints.ending_signals import EndingSignals
from bigbrother.entrypoints.listening import listening_socket
from bigbrother.entrypoints.ops.app import create_app
from bigbrother.entrypoints.ops.server import InThread
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.response.watcher import Watcher
from bigbrother.operations.store.store import only_watcher
from bigbrother.settings import Settings, load_settings
from bigbrother.telemetry.logs import configure_logs
from bigbrother.telemetry.manager_notices import LifeSigns, ManagerNotices
from bigbrother.wiring import system_clock
from bigbrother.wiring.watcher import watcher_services

_UNIT = "bigbrother-ops"
_TURN_SECONDS = 0.001
_log = structlog.get_logger("bigbrother.ops")


def run(settings: Settings) -> None:
    """Watches until a signal ends it."""
    endings = EndingSignals()
    # Whoever decides about a storm of alerts holds the interpreter; others must be answered.
    sys.setswitchinterval(_TURN_SECONDS)
    with ExitStack() as open_things:
        open_things.enter_context(only_watcher(settings.ops_store))
        services = watcher_services(settings)
        open_things.callback(services.store.close)
        bound = listening_socket(settings.host, settings.watcher_port, "BIGBROTHER_OPS_PORT")
        watcher = Watcher(services)
        life_signs = LifeSigns(ManagerNotices(os.environ), watcher.lives)
        watcher.start()
        open_things.callback(watcher.stop)
        server = InThread(create_app(services, watcher), bound, services.runbook())
        server.start()
        open_things.callback(server.stop)
        life_signs.start()
        _log.info("watching", url=settings.ops_url, process_id=os.getpid())
        endings.wait()
        life_signs.leave()
        _log.info("leaving")


def main() -> int:
    """0 after a signal, 1 when the unit cannot start; the log says why."""
    faulthandler.enable()
    configure_logs(_UNIT, system_clock())
    try:
        run(load_settings())
    except BigBrotherError as error:
        _log.error("cannot start", code=error.code, detail=error.detail, remedy=error.remedy)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
