"""A private installation whose pages come here, and ways to make its units die."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from bench.installation import RunningInstallation, running_installation

GRACE_SECONDS = 5
FACE, DATABASE, OPS = "bigbrother-face", "bigbrother-db", "bigbrother-ops"
_MODULES = {FACE: "bigbrother.entrypoints.face", OPS: "bigbrother.entrypoints.ops"}
_HEALED_WITHIN_SECONDS = 120
_ALL = ["emergency", "critical", "high", "medium", "low"]


@dataclass(frozen=True)
class WatchedPlace:
    """One installation with its watcher."""

    running: RunningInstallation
    ops_url: str
    overlay: dict[str, Any]

    @property
    def home(self) -> Path:
        return self.running.home

    def process(self, unit: str) -> psutil.Process:
        """The main process of a unit that runs."""
        if unit == DATABASE:
            pid = (self.home / "data" / "postgres" / "postmaster.pid").read_text().split()[0]
            return psutil.Process(int(pid))
        for process in psutil.process_iter(["cmdline"]):
            line = process.info["cmdline"] or []
            if f"bigbrother={self.home}" in line and _MODULES[unit] in line:
                return process
        raise LookupError(f"{unit} does not run")

    @contextmanager
    def kept_from_starting(self, unit: str) -> Iterator[None]:
        """Takes away what the unit cannot start without, and gives it back."""
        if unit == DATABASE:
            (needed,) = (self.home / "programs").glob("postgres/*/*/pginstall*/bin/postgres")
        else:
            needed = self.home / "etc" / "master.key"
        away = needed.with_name(f"{needed.name}.away")
        needed.rename(away)
        try:
            yield
        finally:
            away.rename(needed)

    def kill(self, unit: str) -> float:
        """SIGKILL; returns the moment, of `time.perf_counter`."""
        victim = self.process(unit)
        moment = time.perf_counter()
        victim.send_signal(signal.SIGKILL)
        return moment

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """What the watcher's own file says; it is only read."""
        file = self.home / "data" / "ops" / "ops.db"
        conn = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
        conn.row_factory = sqlite3.Row
        try:
            return conn.execute(query, values).fetchall()
        finally:
            conn.close()

    def wait_until_healed(self) -> None:
        """Until the face analyzer is ready and no alert on units is open."""
        deadline = time.perf_counter() + _HEALED_WITHIN_SECONDS
        while not (self._ready() and not self._troubled()):
            if time.perf_counter() > deadline:
                raise SystemExit("The installation did not heal.")
            time.sleep(0.1)

    def change(self, overlay: dict[str, Any]) -> None:
        """Lays more over the document; the watcher reads it while it runs."""
        file = self.home / "etc" / "runbook.yaml"
        draft = file.with_suffix(".new")
        draft.write_text(yaml.safe_dump({**self.overlay, **overlay}), "utf-8")
        draft.replace(file)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.running.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def _troubled(self) -> bool:
        return bool(
            self.rows(
                "SELECT 1 FROM alert WHERE state != 'resolved' AND name IN"
                " ('unit_down', 'unit_silent', 'database_unreachable', 'endpoint_failing')"
            )
        )


@contextmanager
def watched_installation(page_url: str) -> Iterator[WatchedPlace]:
    """Brings one up whose watcher pages at this address, and takes it down again."""
    overlay: dict[str, Any] = {
        "alert_config": {
            "channels": {"webhook": {"enabled": True, "url": page_url, "severity": _ALL}}
        },
        # The same unit dies again and again here, on purpose.
        "alerts": {"flapping_changes": 10_000},
        "watching": {"heals": 10_000},
        "units": {unit: {"grace": f"{GRACE_SECONDS}s"} for unit in (FACE, DATABASE)},
    }
    with running_installation(yaml.safe_dump(overlay)) as running:
        host, _, port = running.url.rpartition(":")
        yield WatchedPlace(running, f"{host}:{int(port) + 10}", overlay)
