"""A home, a runtime folder and a port of one test's own, and the command line on them."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bigbrother.client.face_client import FaceClient
from tests.waiting import until

BIGBROTHER = Path(sys.executable).parent / "bigbrother"
Completed = subprocess.CompletedProcess[str]


@dataclass
class Place:
    """Where one installation lives; nothing of it is shared with another test."""

    home: Path
    runtime: Path
    port: int
    env: dict[str, str]
    command: tuple[str, ...] = (str(BIGBROTHER),)
    account: str | None = None
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """The administrator's."""
        return (self.home / "etc" / "admin.token").read_text().strip()

    def cli(
        self, *args: str, timeout: float = 120, env: Mapping[str, str] | None = None
    ) -> Completed:
        """Runs one command to its end, from a folder that has nothing to do with it."""
        return subprocess.run(
            (*self.command, *args),
            env={**self.env, **(env or {})},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            **self._owner(),
        )

    def up(self) -> None:
        """Brings it up in the background."""
        done = self.cli("up", "--detach")
        assert done.returncode == 0, done.stderr

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Starts a command and leaves it running; its standard error goes to a file."""
        output = self.runtime.parent / f"output-{len(self.started)}"
        with output.open("w") as stream:
            process = subprocess.Popen(
                (*self.command, *args),
                env=self.env,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                text=True,
                start_new_session=True,
                **self._owner(),
            )
        self.started.append(process)
        return process

    def start_in_foreground(self) -> "subprocess.Popen[str]":
        """`bigbrother up` on a terminal of its own, once it serves."""
        up = self.start("up")
        until(lambda: "Press Ctrl-C" in self.output(up) or up.poll() is not None, 60)
        assert up.poll() is None, self.output(up)
        return up

    def output(self, process: subprocess.Popen[str]) -> str:
        """What a command left running has said until now."""
        return (self.runtime.parent / f"output-{self.started.index(process)}").read_text()

    def units(self) -> dict[str, dict[str, Any]]:
        """What `bigbrother status` says, by unit."""
        return {
            unit["name"]: unit
            for unit in json.loads(self.cli("status", "-o", "json").stdout)["units"]
        }

    def healthy(self) -> bool:
        return self.cli("status").returncode == 0

    def manager(self) -> psutil.Process:
        """supervisord."""
        return psutil.Process(int((self.runtime / "manager" / "pid").read_text()))

    def processes(self) -> list[psutil.Process]:
        """Every process of this installation, found by where it runs for."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def client(self) -> FaceClient:
        return FaceClient(self.url, self.token)

    def _owns(self, process: psutil.Process) -> bool:
        mark = str(self.runtime)
        try:
            return process.status() != psutil.STATUS_ZOMBIE and (
                process.environ().get("BIGBROTHER_RUNTIME") == mark
                or str(self.home) in " ".join(process.cmdline())
            )
        except (psutil.Error, OSError):
            return False

    def _owner(self) -> dict[str, Any]:
        if self.account is None:
            return {}
        return {"user": self.account, "group": "nogroup", "extra_groups": []}


def free_port() -> int:
    """A port that nobody uses, nor the watcher's ten above it.

    Both lie below those that the system gives to outgoing connections.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - not a secret
        with socket.socket() as trial, socket.socket() as watcher, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            watcher.bind(("127.0.0.1", port + 10))
            return port


@contextmanager
def new_place(name: str = "home") -> Iterator[Place]:
    """A fresh place under a short folder that other accounts may pass; all is stopped after."""
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    folder.chmod(0o711)
    port = free_port()
    home, runtime = folder / name, folder / "run"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "BIGBROTHER_HOME": str(home),
        "BIGBROTHER_RUNTIME": str(runtime),
        "BIGBROTHER_PORT": str(port),
    }
    place = Place(home, runtime, port, env)
    try:
        yield place
    finally:
        clear_away(place)
        shutil.rmtree(folder, ignore_errors=True)


def clear_away(place: Place) -> None:
    """Kills what the test left, the restarter first; its data go away with it."""
    for process in place.started:
        if process.poll() is None:
            process.kill()
            process.wait(10)
    with suppress(OSError, ValueError, psutil.Error):
        place.manager().kill()
    for left in place.processes():
        with suppress(psutil.Error):
            left.kill()
    psutil.wait_procs(place.processes(), timeout=10)


def is_free(port: int) -> bool:
    """Whether nobody listens."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) != 0


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its contents."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def assert_refused(done: Completed, *parts: str, code: int = 4) -> None:
    """One clear line on standard error with what is wrong and what to do; no traceback."""
    said = [line for line in done.stderr.splitlines() if not line.endswith(" ...")]
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    assert len(said) == 1, done.stderr
    for part in parts:
        assert part in said[0], (part, said[0])
