"""`bigbrother status`: every unit with its process and its health."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say
from bigbrother.installation.readiness import is_ready, watcher_is_ready
from bigbrother.kernel.errors import Unavailable
from bigbrother.ports.service_manager import UnitState, UnitStatus

if TYPE_CHECKING:
    from bigbrother.installation.bring_up import Installation


@dataclass(frozen=True, slots=True)
class _Row:
    status: UnitStatus
    place: str
    health: str


@explains_errors
def status(output: OutputOption = Format.TABLE) -> None:
    """Shows every unit; exit code 0 when all run and are healthy, otherwise 3."""
    # Imported here: other commands need not wait for the database's driver.
    from bigbrother.wiring import installation as wire_installation  # noqa: PLC0415

    installation = wire_installation()
    rows = [_row(installation, each) for each in installation.manager.status()]
    if output is Format.JSON:
        print_json(_as_json(installation, rows))
    else:
        print_table(
            ("UNIT", "STATE", "PROCESS", "SINCE", "PLACE", "HEALTH"),
            [
                (
                    row.status.name,
                    row.status.state,
                    row.status.process_id,
                    None
                    if row.status.since is None
                    else row.status.since.astimezone().isoformat(" ", "seconds"),
                    row.place,
                    row.health,
                )
                for row in rows
            ],
        )
        for row in rows:
            if row.status.reason:
                say(f"{row.status.name}: {row.status.reason}")
    if not all(row.health == "ready" and row.status.state is UnitState.RUNNING for row in rows):
        raise typer.Exit(ExitCode.NOT_RUNNING)


def _row(installation: "Installation", status: UnitStatus) -> _Row:
    settings = installation.settings
    from bigbrother.installation.bring_up import FACE_UNIT, OPS_UNIT, WORKER_UNIT  # noqa: PLC0415

    if status.name == FACE_UNIT:
        return _Row(status, settings.face_url, "ready" if is_ready(settings) else "not ready")
    if status.name == WORKER_UNIT:
        return _Row(status, "", _worker_health(installation, status))
    if status.name == OPS_UNIT:
        ready = watcher_is_ready(settings)
        return _Row(status, settings.ops_url, "ready" if ready else "not ready")
    return _Row(status, str(settings.runtime / "db"), _database_health(installation))


def _database_health(installation: "Installation") -> str:
    try:
        if installation.server is not None:
            installation.server.wait_until_ready(0)
    except Unavailable:
        return "not ready"
    return "ready"


def _worker_health(installation: "Installation", status: UnitStatus) -> str:
    import psycopg  # noqa: PLC0415

    try:
        heard = installation.worker_heartbeat(installation.owner_dsn)
    except psycopg.Error:
        return "not ready"
    dead_after = installation.runbook.batch.worker_dead_after.duration
    lives = heard is not None and installation.clock.now() - heard < dead_after
    return "ready" if lives and status.state is UnitState.RUNNING else "not ready"


def _as_json(installation: "Installation", rows: list[_Row]) -> dict[str, object]:
    return {
        "home": str(installation.settings.home),
        "url": installation.settings.face_url,
        "units": [
            {
                "name": row.status.name,
                "state": row.status.state,
                "process_id": row.status.process_id,
                "since": None if row.status.since is None else row.status.since.isoformat(),
                "place": row.place,
                "health": row.health,
                "reason": row.status.reason,
            }
            for row in rows
        ],
    }
