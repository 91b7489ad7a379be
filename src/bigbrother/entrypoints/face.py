"""The unit `bigbrother-face`: `python -m bigbrother.entrypoints.face [--user NAME]`."""

import argparse
import faulthandler
import importlib
import os
import sys
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvicorn

from bigbrother.entrypoints.listening import http_configuration, listening_socket
from bigbrother.face.api.app import create_app
from bigbrother.face.api.services import FaceServices
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.security.privileges import drop_to
from bigbrother.settings import Settings, load_settings
from bigbrother.telemetry.logs import configure_logs
from bigbrother.telemetry.manager_notices import ManagerNotices
from bigbrother.wiring import face_services, system_clock

if TYPE_CHECKING:
    from fastapi import FastAPI

# Imported by libraries when first needed, when the unit may no longer be allowed to read them.
_LATE_MODULES = (
    "anyio._backends._asyncio",
    "anyio._core._sockets",
    "anyio._core._streams",
    "fastapi.telemetry._runtime",
    "PIL.GifImagePlugin",
    "PIL.ImageOps",
    "PIL.PpmImagePlugin",
    "PIL.TiffImagePlugin",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
)
_UNIT = "bigbrother-face"
_log = structlog.get_logger("bigbrother.face")


class DrainingServer(uvicorn.Server):
    """On a signal /readyz refuses first; the socket closes when the drain time is over.

    So whoever balances load hears that the unit leaves before connections are refused. A second
    signal ends the drain time. The service manager hears that it serves, lives, and leaves.
    """

    def __init__(
        self, config: uvicorn.Config, services: FaceServices, notices: ManagerNotices
    ) -> None:
        super().__init__(config)
        self._services = services
        self._notices = notices
        self._next_sign_seconds: float | None = None
        self._leave_at_seconds: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to drain; a second signal leaves at once."""
        if self._services.draining:
            super().handle_exit(sig, frame)
            return
        self._services.draining = True
        self._notices.leaving()
        drain_seconds = self._services.runbook.serving.drain.value
        self._leave_at_seconds = self._services.clock.monotonic_seconds() + drain_seconds

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to leave. A loop that hangs does not come here, so it is found out."""
        now_seconds = self._services.clock.monotonic_seconds()
        leave_at = self._leave_at_seconds
        if leave_at is not None and now_seconds >= leave_at:
            self.should_exit = True
        self._tell_manager(now_seconds)
        return await super().on_tick(counter)

    def _tell_manager(self, now_seconds: float) -> None:
        every_seconds = self._notices.alive_every_seconds
        if self._next_sign_seconds is None:
            self._notices.ready()
        elif every_seconds is None or now_seconds < self._next_sign_seconds:
            return
        else:
            self._notices.alive()
        self._next_sign_seconds = now_seconds + (every_seconds or 0)


def server(
    app: "FastAPI", services: FaceServices, notices: ManagerNotices | None = None
) -> DrainingServer:
    """The HTTP server around the application, with the runbook's figures."""
    figures = services.runbook.serving
    unit = services.runbook.units[_UNIT]
    # What is left of the unit's time after the drain, and as much again to close what is open.
    leave_within_seconds = max(1, int(unit.stop_within.value - 2 * figures.drain.value))
    config = http_configuration(
        app, services.runbook, lifespan="on", leave_within_seconds=leave_within_seconds
    )
    return DrainingServer(config, services, notices or ManagerNotices({}))


def run(settings: Settings, user: str | None) -> None:
    """Serves until a signal ends it."""
    services = face_services(settings)
    app = create_app(services)
    serving = server(app, services, ManagerNotices(os.environ))
    serving.config.load()
    bound = listening_socket(settings.host, settings.port, "BIGBROTHER_PORT")
    if user is not None:
        _import_late_modules()
        drop_to(user)
    _log.info(
        "serving",
        url=settings.face_url,
        pack=services.manifest.name,
        model_version=services.manifest.version,
        process_id=os.getpid(),
    )
    serving.run(sockets=[bound])


def _import_late_modules() -> None:
    for name in _LATE_MODULES:
        # They are the libraries' own business; another version may not have one of them.
        with suppress(ImportError):
            importlib.import_module(name)


def main() -> int:
    """0 after a signal, 1 when the unit cannot start; the log says why."""
    parser = argparse.ArgumentParser(prog="python -m bigbrother.entrypoints.face")
    parser.add_argument("--user", help="become this account before serving; needs root")
    user: str | None = parser.parse_args().user
    faulthandler.enable()
    configure_logs(_UNIT, system_clock())
    try:
        run(load_settings(), user)
    except BigBrotherError as error:
        _log.error("cannot start", code=error.code, detail=error.detail, remedy=error.remedy)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
