"""Puts the parts together: the only place that knows which adapter stands behind which port.

Heavy parts are imported where they are needed: `bigbrother status` should not wait for the
inference engine.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bigbrother import __version__
from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres
from bigbrother.adapters.supervisor.service_manager import SupervisorManager
from bigbrother.adapters.systemd.service_manager import SystemdManager
from bigbrother.installation.accounts import Accounts, accounts
from bigbrother.installation.bring_up import (
    DATABASE_UNIT,
    FACE_UNIT,
    OPS_UNIT,
    WORKER_UNIT,
    Installation,
)
from bigbrother.installation.preparing import Preparation
from bigbrother.kernel.clock import Clock
from bigbrother.models.store import Pack, PackStore
from bigbrother.ports.database_server import DatabaseServer
from bigbrother.ports.service_manager import ServiceManager, StopSignal, UnitSpec
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings, load_settings

if TYPE_CHECKING:
    from bigbrother.face.api.services import FaceServices
    from bigbrother.face.batch.rights import Rights
    from bigbrother.face.batch.services import WorkerServices
    from bigbrother.face.engine.analyzer import Analyzer

# Everything else of the caller's environment stays out of the units: it may hold secrets.
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


def system_clock() -> Clock:
    """The machine's clock."""
    return SystemClock()


def installation(settings: Settings | None = None) -> Installation:
    """The installation of the home that the environment points to."""
    parts = preparation(settings or load_settings())
    return Installation(
        preparation=parts,
        manager=service_manager(
            parts.settings, parts.runbook, parts.accounts, parts.server, parts.clock
        ),
        worker_heartbeat=_worker_heartbeat,
    )


def preparation(settings: Settings) -> Preparation:
    """What prepares this home for its units."""
    clock = SystemClock()
    owners = accounts()
    server = database_server(settings, owners, clock)
    return Preparation(
        settings=settings,
        runbook=load_runbook(settings.runbook_overlay),
        accounts=owners,
        clock=clock,
        server=server,
        owner_dsn=settings.dsn if server is None else server.owner_dsn,
        migrate=_migrate,
        register_model=lambda dsn: _register_model(dsn, settings, clock),
    )


def database_server(settings: Settings, owners: Accounts, clock: Clock) -> DatabaseServer | None:
    """The embedded server, or None where the settings name another one."""
    if settings.dsn:
        return None
    return EmbeddedPostgres(
        programs=settings.home / "programs" / "postgres",
        data=settings.data / "postgres",
        socket_folder=settings.runtime / "db",
        clock=clock,
        account=owners.database,
        workers=() if owners.face is None else (owners.face,),
    )


def service_manager(
    settings: Settings,
    runbook: Runbook,
    owners: Accounts,
    server: DatabaseServer | None,
    clock: Clock,
) -> ServiceManager:
    """supervisord, private to this home, or the machine's systemd, as the settings say."""
    units = unit_specs(settings, runbook, owners, server)
    if settings.service_manager == "systemd":
        return SystemdManager(units)
    return SupervisorManager(
        folder=settings.runtime / "manager",
        log=settings.log,
        units=units,
        environment=unit_environment(settings, os.environ),
        clock=clock,
    )


def unit_specs(
    settings: Settings, runbook: Runbook, owners: Accounts, server: DatabaseServer | None
) -> Sequence[UnitSpec]:
    """What runs, in the order of its start."""
    units: list[UnitSpec] = []
    if server is not None:
        process = server.process()
        units.append(
            _unit(
                DATABASE_UNIT,
                runbook,
                command=tuple(process.arguments),
                folder=process.folder,
                user=process.user,
                # PostgreSQL's fast shutdown; TERM would wait for every client to leave.
                stop_signal="INT",
            )
        )
    for name, module in ((FACE_UNIT, "face"), (WORKER_UNIT, "worker")):
        command = [*python(settings), "-m", f"bigbrother.entrypoints.{module}"]
        if owners.face is not None:
            # It starts as root, loads what only root may read, and then becomes this account.
            command += ["--user", owners.face]
        units.append(_unit(name, runbook, command=tuple(command), folder=settings.home))
    # It stays who brought it up: it must be able to restart the others.
    command = [*python(settings), "-m", "bigbrother.entrypoints.ops"]
    units.append(_unit(OPS_UNIT, runbook, command=tuple(command), folder=settings.home))
    return units


def python(settings: Settings) -> list[str]:
    """The beginning of the command of a process of this home."""
    # The option means nothing to Python; it makes this home's command line unlike any other's.
    return [sys.executable, "-I", "-X", f"bigbrother={settings.home}"]


def _unit(  # one argument a line of the specification
    name: str,
    runbook: Runbook,
    *,
    command: tuple[str, ...],
    folder: Path,
    user: str | None = None,
    stop_signal: StopSignal = "TERM",
) -> UnitSpec:
    figures = runbook.units[name]
    return UnitSpec(
        name=name,
        command=command,
        folder=folder,
        start_within_seconds=figures.start_within.value,
        stop_within_seconds=figures.stop_within.value,
        log_bytes=round(runbook.retention.unit_logs.value),
        log_files=runbook.retention.unit_log_files,
        stop_signal=stop_signal,
        user=user,
    )


def unit_environment(settings: Settings, caller: Mapping[str, str]) -> Mapping[str, str]:
    """All that the units get of the environment."""
    kept = {name: caller[name] for name in _KEPT_VARIABLES if name in caller}
    places = {
        f"BIGBROTHER_{name.upper()}": os.pathsep.join(value)
        if isinstance(value, list)
        else str(value)
        for name, value in settings.model_dump(
            mode="json", exclude={"dsn"}, exclude_defaults=True
        ).items()
    }
    # A connection string may carry a password: it is handed on only as the operator gave it.
    given = {name: caller[name] for name in ("BIGBROTHER_DSN",) if name in caller}
    return {**kept, **places, **given, "PYTHONUNBUFFERED": "1"}


def _migrate(dsn: str) -> None:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from bigbrother.face.migrations import migrate  # noqa: PLC0415

    try:
        migrate(dsn)
    except DBAPIError as error:
        # What the database said, without SQLAlchemy's wrapping and the statement's text.
        raise (error.orig or error) from error


def _register_model(dsn: str, settings: Settings, clock: Clock) -> None:
    import psycopg  # noqa: PLC0415

    from bigbrother.face.gallery import model_versions  # noqa: PLC0415

    manifest = PackStore(settings.models).manifest(settings.pack)
    with psycopg.connect(dsn) as conn:
        model_versions.register(
            conn, manifest.name, manifest.version, manifest.dimension, now=clock.now()
        )


def _worker_heartbeat(dsn: str) -> datetime | None:
    import psycopg  # noqa: PLC0415

    from bigbrother.face.batch import heartbeat  # noqa: PLC0415

    with psycopg.connect(dsn) as conn:
        return heartbeat.newest(conn)


def face_services(settings: Settings) -> "FaceServices":
    """Everything that the face unit works with; loads the model, connects to nothing yet.

    Raises what a damaged pack, key or document raises.
    """
    from bigbrother.face.api.connections import connection_pool  # noqa: PLC0415
    from bigbrother.face.api.services import FaceServices  # noqa: PLC0415
    from bigbrother.runbook.following import starting_document  # noqa: PLC0415
    from bigbrother.security.keys import MasterKey  # noqa: PLC0415

    runbook = starting_document(
        settings.runbook_overlay, settings.published_runbook, settings.tuned_runbook
    )
    clock = SystemClock()
    packs = PackStore(settings.models)
    pack = packs.load(settings.pack)
    return FaceServices(
        runbook=runbook,
        clock=clock,
        analyzer=_analyzer(pack, runbook),
        packs=packs,
        manifest=pack.manifest,
        master_key=MasterKey.load(settings.master_key_file),
        pool=connection_pool(_face_dsn(settings, clock), runbook),
        version=__version__,
        engine_threads=settings.engine_threads,
        public=not settings.loopback,
        spool=settings.spool,
        watcher_sign=settings.watcher_sign,
        ledger_folder=settings.ledger,
        batch_folders=settings.batch_folders,
        published_runbook=settings.published_runbook,
    )


def worker_services(settings: Settings) -> "WorkerServices":
    """Everything that a worker works with; loads the model, connects to nothing yet.

    Raises what a damaged pack, key or document raises.
    """
    from bigbrother.face.batch.services import WorkerServices  # noqa: PLC0415
    from bigbrother.face.gallery.ledger import Ledger  # noqa: PLC0415
    from bigbrother.runbook.following import starting_document  # noqa: PLC0415
    from bigbrother.security.keys import MasterKey  # noqa: PLC0415

    runbook = starting_document(
        settings.runbook_overlay, settings.published_runbook, settings.tuned_runbook
    )
    clock = SystemClock()
    pack = PackStore(settings.models).load(settings.pack)
    master_key = MasterKey.load(settings.master_key_file)
    return WorkerServices(
        runbook=runbook,
        clock=clock,
        analyzer=_analyzer(pack, runbook),
        manifest=pack.manifest,
        master_key=master_key,
        dsn=_face_dsn(settings, clock),
        ledger=Ledger(settings.ledger, master_key.derive(b"ledger")),
        engine_threads=settings.engine_threads,
        published_runbook=settings.published_runbook,
    )


def _analyzer(pack: Pack, runbook: Runbook) -> "Analyzer":
    from bigbrother.face.engine.analyzer import Analyzer  # noqa: PLC0415
    from bigbrother.face.engine.types import EngineLimits  # noqa: PLC0415

    return Analyzer(pack, EngineLimits.of(runbook.limits))


def _face_dsn(settings: Settings, clock: Clock) -> str:
    server = database_server(settings, accounts(), clock)
    return settings.dsn if server is None else server.face_dsn


@contextmanager
def rights() -> "Iterator[Rights]":
    """The audit and the ledger of erasures of this home, whether or not the face unit runs.

    One transaction, committed at the end. Raises DatabaseUnreachable, InvalidMasterKey.
    """
    import psycopg  # noqa: PLC0415

    from bigbrother.face.batch.rights import Rights  # noqa: PLC0415
    from bigbrother.face.migrations.errors import DatabaseUnreachable  # noqa: PLC0415
    from bigbrother.security.keys import MasterKey  # noqa: PLC0415

    settings = load_settings()
    clock = SystemClock()
    server = database_server(settings, accounts(), clock)
    master_key = MasterKey.load(settings.master_key_file)
    try:
        conn = psycopg.connect(
            settings.dsn if server is None else server.owner_dsn,
            options="-c search_path=public,queue -c timezone=UTC",
        )
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            "The database does not answer.", remedy="Start it: bigbrother up --detach."
        ) from error
    with conn:
        yield Rights(conn, settings.ledger, master_key, clock)
