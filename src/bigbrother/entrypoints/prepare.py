"""What systemd has done before the units run: `python -m bigbrother.entrypoints.prepare PART`.

`home`: accounts, folders, runtime folder, the database's folder; nothing needs to run. `schema`:
what the database must hold before others use it.
"""

import argparse
import sys

import structlog

from bigbrother.installation import home, runtime
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.settings import forget_running, load_settings, remember_running
from bigbrother.telemetry.logs import configure_logs
from bigbrother.wiring import preparation, system_clock

_log = structlog.get_logger("bigbrother.prepare")


def prepare_home() -> None:
    """May be repeated, also beside units that run."""
    settings = load_settings()
    home.state_of(settings)  # refuses a folder that is no home of ours
    parts = preparation(settings)
    runtime.make(settings.runtime, passable=parts.passable)
    # As after `bigbrother down`: a start begins from the operator's files alone.
    forget_running(settings)
    settings.published_runbook.unlink(missing_ok=True)
    parts.home(_log.info)
    parts.database_folder(_log.info)


def prepare_schema() -> None:
    """Once the database answers; tells the commands where the installation listens."""
    settings = load_settings()
    parts = preparation(settings)
    if parts.server is not None:
        parts.server.wait_until_ready(parts.runbook.units["bigbrother-db"].start_within.value)
        parts.server.prepare()
    parts.schema(_log.info)
    home.complete(settings)
    remember_running(settings)


_PARTS = {"home": prepare_home, "schema": prepare_schema}


def main() -> int:
    """0 when it is done, 1 when it cannot be; the log says why."""
    parser = argparse.ArgumentParser(prog="python -m bigbrother.entrypoints.prepare")
    parser.add_argument("part", choices=_PARTS)
    part: str = parser.parse_args().part
    configure_logs(f"bigbrother-{part}", system_clock())
    try:
        _PARTS[part]()
    except BigBrotherError as error:
        _log.error("not prepared", code=error.code, detail=error.detail, remedy=error.remedy)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
