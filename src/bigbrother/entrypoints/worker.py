"""The unit `bigbrother-worker`: `python -m bigbrother.entrypoints.worker [--user NAME]`."""

import argparse
import faulthandler
import importlib
import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import structlog

from bigbrother.entrypoints.ending_signals import EndingSignals
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.batch.worker import Worker
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.security.privileges import drop_to
from bigbrother.settings import load_settings
from bigbrother.telemetry.logs import configure_logs
from bigbrother.telemetry.manager_notices import LifeSigns, ManagerNotices
from bigbrother.wiring import system_clock, worker_services

# Imported by libraries when first needed, when the unit may no longer be allowed to read them.
_LATE_MODULES = (
    "encodings.idna",
    "PIL.GifImagePlugin",
    "PIL.ImageOps",
    "PIL.PpmImagePlugin",
    "PIL.TiffImagePlugin",
)
_UNIT = "bigbrother-worker"
_AUTOGROUP = Path("/proc/self/autogroup")
_log = structlog.get_logger("bigbrother.worker")


def yield_to_requests(niceness: int) -> None:
    """Lets the machine's other work go first; for every thread that there is, and all later ones.

    Libraries begin threads while they are loaded, and each thread has a niceness of its own.
    """
    for thread in psutil.Process().threads():
        least = max(niceness, os.getpriority(os.PRIO_PROCESS, thread.id))
        os.setpriority(os.PRIO_PROCESS, thread.id, least)
    if os.getsid(0) == os.getpid():
        # Where the kernel shares the processor out among sessions, this one comes last, too. A
        # session that is shared with others is left alone.
        with suppress(OSError):
            _AUTOGROUP.write_text(str(niceness), "ascii")


def run(services: WorkerServices, user: str | None) -> None:
    """Works until a signal ends it."""
    endings = EndingSignals()
    yield_to_requests(services.runbook.batch.niceness)
    if user is not None:
        for name in _LATE_MODULES:
            # They are the libraries' own business; another version may not have one of them.
            with suppress(ImportError):
                importlib.import_module(name)
        drop_to(user)
    worker = Worker(services)
    life_signs = LifeSigns(ManagerNotices(os.environ), worker.lives)
    worker.start()
    life_signs.start()
    _log.info(
        "working",
        pack=services.manifest.name,
        model_version=services.manifest.version,
        chunks_at_once=services.chunks_at_once,
        process_id=os.getpid(),
    )
    endings.wait()
    life_signs.leave()
    _log.info("leaving")
    worker.stop()


def main() -> int:
    """0 after a signal, 1 when the unit cannot start; the log says why."""
    parser = argparse.ArgumentParser(prog="python -m bigbrother.entrypoints.worker")
    parser.add_argument("--user", help="become this account before working; needs root")
    user: str | None = parser.parse_args().user
    faulthandler.enable()
    configure_logs(_UNIT, system_clock())
    try:
        run(worker_services(load_settings()), user)
    except BigBrotherError as error:
        _log.error("cannot start", code=error.code, detail=error.detail, remedy=error.remedy)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
