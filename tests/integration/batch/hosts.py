"""Hosts of a test's own: network namespaces on a bridge, with a database that all can reach."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres
from tests.conftest import Cluster, Database, unprivileged_account

_PORT = 5432
_TURNS = count()


def why_not() -> str | None:
    """Why there can be no hosts here; None where there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not sys.platform.startswith("linux") or shutil.which("ip") is None:
        return "there is no command ip"
    tried = f"bbtry{os.getpid()}"
    if subprocess.run(("ip", "netns", "add", tried), check=False, capture_output=True).returncode:
        return "this machine does not allow network namespaces"
    _ip("netns", "del", tried)
    return None


@dataclass(frozen=True)
class Host:
    """One machine on the bridge."""

    namespace: str
    cable: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What a command that runs on this host begins with."""
        return ("ip", "netns", "exec", self.namespace)

    def cut_off(self) -> None:
        """Pulls the cable: packets vanish, nobody is told."""
        _ip("link", "set", self.cable, "down")

    def heal(self) -> None:
        """Puts the cable back."""
        _ip("link", "set", self.cable, "up")


@contextmanager
def hosts(number: int) -> Iterator[tuple[str, list[Host]]]:
    """The address of the bridge, and so many hosts on it; removed afterwards."""
    # Never the names of an earlier test: the kernel takes its time to remove what they named.
    turn = next(_TURNS)
    mark = f"{os.getpid() % 0xFFFF:04x}{turn}"
    subnet = f"10.{219 + turn}.{os.getpid() % 250}"
    bridge = f"bb{mark}"
    with ExitStack() as undo:
        _ip("link", "add", bridge, "type", "bridge")
        undo.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        made = []
        for one in range(number):
            host = Host(f"bb-{mark}-{one}", f"bbv{mark}{one}")
            _ip("netns", "add", host.namespace)
            undo.callback(_ip, "netns", "del", host.namespace)
            peer = ("peer", "name", "eth0", "netns", host.namespace)
            _ip("link", "add", host.cable, "type", "veth", *peer)
            _ip("link", "set", host.cable, "master", bridge, "up")
            inside = ("-n", host.namespace)
            _ip(*inside, "addr", "add", f"{subnet}.{one + 10}/24", "dev", "eth0")
            _ip(*inside, "link", "set", "lo", "up")
            _ip(*inside, "link", "set", "eth0", "up")
            made.append(host)
        yield f"{subnet}.1", made


@contextmanager
def reachable_database(cluster: Cluster, folder: Path, address: str) -> Iterator[Database]:
    """A server that listens at the address, for the face unit's role of that network alone."""
    from bigbrother.face.migrations import migrate  # noqa: PLC0415 - as in tests/conftest.py

    server = EmbeddedPostgres(
        # Those of the session's own server.
        programs=folder / "postgres",
        data=folder / "hosts-data" / "postgres",
        socket_folder=folder / "hosts-run" / "db",
        clock=SystemClock(),
        account=unprivileged_account(),
    )
    (folder / "hosts-run").mkdir(mode=0o711, exist_ok=True)
    server.initialise()
    process = server.process()
    access = folder / "hosts-data" / "postgres" / "pg_hba.conf"
    network = f"{address.rpartition('.')[0]}.0/24"
    with access.open("a", encoding="ascii") as file:
        file.write(f"host all bigbrother_face {network} trust\n")
    listening = ("-c", f"listen_addresses={address}", "-c", f"port={_PORT}")
    with (folder / "hosts.log").open("wb") as log:
        running = subprocess.Popen(
            (*process.arguments, *listening, "-c", "fsync=off"),
            user=process.user,
            group="nogroup",
            extra_groups=[],
            cwd=process.folder,
            stdout=log,
            stderr=log,
        )
    try:
        server.wait_until_ready(30)
        server.prepare()
        migrate(server.owner_dsn)
        name = psycopg.conninfo.conninfo_to_dict(server.owner_dsn)["dbname"]
        yield Database(
            server.superuser_dsn(),
            server.owner_dsn,
            f"host={address} port={_PORT} dbname={name} user=bigbrother_face",
        )
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
        shutil.rmtree(folder / "hosts-data", ignore_errors=True)
        shutil.rmtree(folder / "hosts-run", ignore_errors=True)


def _ip(*arguments: str) -> None:
    subprocess.run(("ip", *arguments), check=True, capture_output=True)
