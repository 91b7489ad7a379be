"""A private installation for a measurement, stopped and removed after it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_COMMAND = Path(sys.executable).with_name("bigbrother")


@dataclass(frozen=True)
class RunningInstallation:
    """Where a running installation is and how to speak to it."""

    home: Path
    url: str
    environment: dict[str, str]

    @property
    def token(self) -> str:
        """The administrator's credential."""
        return (self.home / "etc" / "admin.token").read_text("ascii").strip()


def environment(home: Path) -> dict[str, str]:
    """What `bigbrother` needs to serve this home on a free port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {key: value for key, value in os.environ.items() if "BIGBROTHER" not in key}
    return inherited | {"BIGBROTHER_HOME": str(home), "BIGBROTHER_PORT": str(port)}


def bigbrother(environment: dict[str, str], *arguments: str) -> None:
    """Runs one command of the product; its output is shown only when it fails."""
    done = subprocess.run(
        (str(_COMMAND), *arguments),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"bigbrother {' '.join(arguments)} failed:\n{done.stdout}")


@contextmanager
def private_home() -> Iterator[Path]:
    """A folder for a home that every account may pass through, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bb-bench-"))
    folder.chmod(0o711)
    try:
        yield folder / "home"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_installation(overlay: str = "") -> Iterator[RunningInstallation]:
    """Brings a fresh home up and takes it down again; `overlay` is laid over its document."""
    with private_home() as home:
        settings = environment(home)
        if overlay:
            (home / "etc").mkdir(parents=True)
            (home / "etc" / "runbook.yaml").write_text(overlay, "utf-8")
        bigbrother(settings, "up", "--detach")
        try:
            url = f"http://127.0.0.1:{settings['BIGBROTHER_PORT']}"
            yield RunningInstallation(home, url, settings)
        finally:
            bigbrother(settings, "down")


def labelled_photographs() -> Path | None:
    """The folder of labelled photographs, which are not part of the project; None without."""
    chosen = os.environ.get("BIGBROTHER_TEST_DATA")
    folder = Path(chosen) if chosen else ROOT.parent / "shared" / "data"
    return folder if (folder / "lfw" / "pairs.txt").is_file() else None
