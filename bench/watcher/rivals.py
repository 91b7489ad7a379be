"""Debian's Prometheus with its Alertmanager, scraping the same unit and paging to the same server.

`sample`: the intervals of the two packages' own example files. `tuned`: as quick as they go.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench.watcher.pages import Pages
from bench.watcher.place import GRACE_SECONDS

PROGRAMS = ("prometheus", "prometheus-alertmanager")
_READY_SECONDS = 30


@dataclass(frozen=True)
class Setup:
    """How one pair is set up."""

    name: str
    scrape: str
    group_wait: str
    group_interval: str
    waits: tuple[str, ...]
    """A rule for each `for`."""


SAMPLE = Setup("sample", "15s", "30s", "5m", ("0s", "1m"))
TUNED = Setup("tuned", "1s", "0s", "1s", ("0s", f"{GRACE_SECONDS}s"))


def installed() -> bool:
    """Whether both are on this machine."""
    return all(shutil.which(program) for program in PROGRAMS)


def path(setup: Setup) -> str:
    """Where its pages go."""
    return f"/{setup.name}"


def alert_name(wait: str) -> str:
    """The alert whose rule waits so long."""
    return f"down_for_{wait}"


@contextmanager
def running_pair(setup: Setup, target: str, pages: Pages) -> Iterator[None]:
    """Both, once Prometheus has seen the target up; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="bb-rival-") as name, ExitStack() as stack:
        folder = Path(name)
        prometheus_port, alertmanager_port = _free_port(), _free_port()
        _write(folder / "alertmanager.yml", _alertmanager(setup, pages))
        _write(folder / "rules.yml", _rules(setup))
        _write(folder / "prometheus.yml", _prometheus(setup, target, alertmanager_port))
        stack.enter_context(
            _process(
                PROGRAMS[1],
                folder,
                f"--config.file={folder}/alertmanager.yml",
                f"--storage.path={folder}/alertmanager",
                f"--web.listen-address=127.0.0.1:{alertmanager_port}",
                "--cluster.listen-address=",
            )
        )
        stack.enter_context(
            _process(
                PROGRAMS[0],
                folder,
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/prometheus",
                f"--web.listen-address=127.0.0.1:{prometheus_port}",
            )
        )
        _wait_until_scraped(f"http://127.0.0.1:{prometheus_port}")
        yield


def _alertmanager(setup: Setup, pages: Pages) -> dict[str, Any]:
    return {
        "route": {
            "receiver": "pages",
            "group_by": ["alertname"],
            "group_wait": setup.group_wait,
            "group_interval": setup.group_interval,
            "repeat_interval": "3h",
        },
        "receivers": [{"name": "pages", "webhook_configs": [{"url": pages.url(path(setup))}]}],
    }


def _rules(setup: Setup) -> dict[str, Any]:
    rules = [
        {"alert": alert_name(wait), "expr": 'up{job="face"} == 0', "for": wait}
        for wait in setup.waits
    ]
    return {"groups": [{"name": "units", "rules": rules}]}


def _prometheus(setup: Setup, target: str, alertmanager_port: int) -> dict[str, Any]:
    told = [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager_port}"]}]}]
    return {
        "global": {
            "scrape_interval": setup.scrape,
            "scrape_timeout": setup.scrape,
            "evaluation_interval": setup.scrape,
        },
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": told},
        "scrape_configs": [{"job_name": "face", "static_configs": [{"targets": [target]}]}],
    }


@contextmanager
def _process(program: str, folder: Path, *arguments: str) -> Iterator[None]:
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen(
            (program, "--log.level=warn", *arguments), stdout=log, stderr=log, cwd=folder
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(_READY_SECONDS)


def _wait_until_scraped(url: str) -> None:
    deadline = time.perf_counter() + _READY_SECONDS
    while time.perf_counter() < deadline:
        try:
            answer = httpx.get(f"{url}/api/v1/query", params={"query": 'up{job="face"} == 1'})
            if answer.json()["data"]["result"]:
                return
        except (httpx.HTTPError, ValueError, KeyError):
            pass
        time.sleep(0.2)
    raise SystemExit("Prometheus does not scrape the face analyzer.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(content), "utf-8")
