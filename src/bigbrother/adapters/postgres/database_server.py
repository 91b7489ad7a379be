"""The embedded PostgreSQL server behind `ports.database_server.DatabaseServer`."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from bigbrother.adapters.postgres import configuration
from bigbrother.adapters.postgres.programs import MAJOR_VERSION, Programs
from bigbrother.kernel.clock import Clock
from bigbrother.ports.database_server import (
    DatabaseServerNotReady,
    DatabaseServerRefused,
    ServerProcess,
)

_COMMAND_TIMEOUT_SECONDS = 120
_POLL_SECONDS = 0.05


class EmbeddedPostgres:
    """One data directory in the home, served over one private socket.

    `account` names the unprivileged account of the server's processes; it must be given when
    running as root, which PostgreSQL refuses, and must be None otherwise. `workers` are further
    accounts that may act as the face unit's role.
    """

    def __init__(
        self,
        *,
        programs: Path,
        data: Path,
        socket_folder: Path,
        clock: Clock,
        account: str | None = None,
        workers: Sequence[str] = (),
    ) -> None:
        self._programs = Programs(programs)
        self._bin = self._programs.bin
        self._data = data
        self._socket_folder = socket_folder
        self._clock = clock
        self._account = account
        self._workers = workers

    @property
    def owner_dsn(self) -> str:
        return configuration.dsn(self._socket_folder, configuration.OWNER)

    @property
    def face_dsn(self) -> str:
        return configuration.dsn(self._socket_folder, configuration.FACE)

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Connection string of the superuser; for setting up and for tests."""
        return configuration.dsn(self._socket_folder, configuration.SUPERUSER, database)

    def install(self) -> None:
        self._programs.install()

    def initialise(self) -> tuple[str, ...]:
        notes: tuple[str, ...] = ()
        try:
            self._own_folder(self._data.parent, 0o711 if self._account else 0o700, own=False)
            self._own_folder(self._socket_folder, 0o711 if self._account else 0o700)
            if not (self._data / "PG_VERSION").exists():
                notes = self._set_aside()
                self._initdb()
            self._refuse_other_version()
            self._write_configuration()
        except OSError as error:
            raise DatabaseServerRefused(
                f"The data directory {self._data} cannot be set up: {error.strerror}"
                f" ({error.filename}).",
                remedy="Make room or grant permission there, then try again; nothing was lost.",
            ) from error
        return notes

    def process(self) -> ServerProcess:
        return ServerProcess(
            arguments=(str(self._bin / "postgres"), "-D", str(self._data)),
            user=self._account,
            folder=self._data,
        )

    def wait_until_ready(self, within_seconds: float) -> None:
        deadline = self._clock.monotonic_seconds() + within_seconds
        while True:
            try:
                with psycopg.connect(self.superuser_dsn(), autocommit=True) as conn:
                    conn.execute("SELECT 1")
            except psycopg.OperationalError as error:
                if self._clock.monotonic_seconds() >= deadline:
                    raise DatabaseServerNotReady(
                        f"The database did not answer within {within_seconds:g} s: "
                        f"{str(error).strip().splitlines()[-1]}",
                        remedy="See `bigbrother logs bigbrother-db`.",
                    ) from error
                time.sleep(_POLL_SECONDS)
            else:
                return

    def prepare(self) -> None:
        with psycopg.connect(self.superuser_dsn(), autocommit=True) as conn:
            for role in (configuration.OWNER, configuration.FACE):
                if not _exists(conn, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                    conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            name = sql.Identifier(configuration.DATABASE)
            if not _exists(
                conn, "SELECT 1 FROM pg_database WHERE datname = %s", configuration.DATABASE
            ):
                conn.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        name, sql.Identifier(configuration.OWNER)
                    )
                )
            conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            conn.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    name, sql.Identifier(configuration.FACE)
                )
            )
        with psycopg.connect(self.superuser_dsn(configuration.DATABASE), autocommit=True) as conn:
            conn.execute("CREATE EXTENSION IF NOT EXISTS vector")
            # So that the watcher can tune these two, and nothing else of the server.
            owner = sql.Identifier(configuration.OWNER)
            for grant in (
                "GRANT ALTER SYSTEM ON PARAMETER work_mem, effective_cache_size TO {}",
                "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO {}",
                # Whose statements run and wait, for a diagnosis, and all settings.
                "GRANT pg_monitor TO {}",
            ):
                conn.execute(sql.SQL(grant).format(owner))

    def _initdb(self) -> None:
        unfinished = self._data.with_name(self._data.name + ".unfinished")
        if unfinished.exists():
            # initdb never ended in it, so no server ever ran on it and it holds nothing.
            shutil.rmtree(unfinished)
        self._own_folder(unfinished, 0o700)
        self._refuse_unreachable(unfinished)
        try:
            self._run(
                (
                    str(self._bin / "initdb"),
                    *("-D", str(unfinished), "-U", configuration.SUPERUSER),
                    *("--auth=peer", "--encoding=UTF8", "--locale=C"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                ),
                unfinished,
            )
        except subprocess.CalledProcessError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            said = _reason(error.stderr)
            raise DatabaseServerRefused(
                f"initdb failed in {unfinished}: {said}",
                remedy="Check free disk and permissions there, then try again.",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise DatabaseServerRefused(
                f"initdb did not end within {_COMMAND_TIMEOUT_SECONDS} s.",
                remedy="Check the disk, then try again.",
            ) from error
        unfinished.rename(self._data)

    def _set_aside(self) -> tuple[str, ...]:
        """Moves away a non-empty folder that is no data directory; nothing is deleted."""
        if not self._data.exists():
            return ()
        if not any(self._data.iterdir()):
            self._data.rmdir()
            return ()
        if (self._data / "base").exists():
            raise DatabaseServerRefused(
                f"{self._data} holds data but no PG_VERSION: it is damaged.",
                remedy="Restore it from a backup, or move it away to begin with an empty gallery.",
            )
        number = 1
        while (aside := self._data.with_name(f"{self._data.name}.aside-{number}")).exists():
            number += 1
        self._data.rename(aside)
        return (f"{self._data} was no complete data directory; it was moved to {aside}.",)

    def _refuse_other_version(self) -> None:
        version = (self._data / "PG_VERSION").read_text("ascii").strip()
        if version != str(MAJOR_VERSION):
            raise DatabaseServerRefused(
                f"{self._data} belongs to PostgreSQL {version}, this is {MAJOR_VERSION}.",
                remedy="Point BIGBROTHER_HOME to another folder, or upgrade with pg_upgrade.",
            )

    def _refuse_unreachable(self, folder: Path) -> None:
        """The account of the server must be able to enter every folder above its own."""
        if self._account is None:
            return
        try:
            self._run(
                ("/bin/sh", "-c", 'cd "$1" && test -x "$2"', "sh", str(folder), str(self._bin)),
                Path("/"),
            )
        except subprocess.CalledProcessError as error:
            closed = next(
                (
                    parent
                    for parent in reversed(folder.parents)
                    if not parent.stat().st_mode & 0o001
                ),
                folder.parent,
            )
            raise DatabaseServerRefused(
                f"The account '{self._account}' cannot enter {closed}.",
                remedy=f"Run `chmod o+x {closed}` or set BIGBROTHER_HOME to an open place "
                "such as /var/lib/bigbrother.",
            ) from error

    def _write_configuration(self) -> None:
        me = pwd.getpwuid(os.geteuid()).pw_name
        administrators = [me] if self._account is None else [me, self._account]
        for name, text in (
            ("postgresql.conf", configuration.postgresql_conf(self._socket_folder)),
            ("pg_hba.conf", configuration.pg_hba_conf()),
            ("pg_ident.conf", configuration.pg_ident_conf(administrators, self._workers)),
        ):
            file = self._data / name
            unfinished = self._data / f"{name}.unfinished"
            unfinished.write_text(text, "utf-8")
            self._give(unfinished)
            unfinished.replace(file)

    def _own_folder(self, folder: Path, mode: int, *, own: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
        if own:
            self._give(folder)

    def _give(self, path: Path) -> None:
        if self._account is not None:
            entry = pwd.getpwnam(self._account)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _run(self, arguments: Sequence[str], folder: Path) -> None:
        """Runs one command as the server's account; raises what subprocess.run raises."""
        entry = None if self._account is None else pwd.getpwnam(self._account)
        subprocess.run(
            arguments,
            check=True,
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT_SECONDS,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            user=None if entry is None else entry.pw_uid,
            group=None if entry is None else entry.pw_gid,
            extra_groups=None if entry is None else [],
        )


def _reason(said: str) -> str:
    """The line of a program's output that names the failure; what it tidied up comes after."""
    lines = said.strip().splitlines() or ["no message"]
    return next((line for line in lines if "FATAL:" in line or "error:" in line), lines[-1])


def _exists(conn: psycopg.Connection, query: str, name: str) -> bool:
    return conn.execute(query, (name,)).fetchone() is not None
