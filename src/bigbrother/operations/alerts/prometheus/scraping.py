"""Prometheus' own configuration: whom it asks, how often, and whom it tells."""

import re
from pathlib import Path
from typing import Any

from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.operations.alerts.prometheus.errors import NoAddress
from bigbrother.operations.alerts.prometheus.expressions import FACE_JOB, OPS_JOB
from bigbrother.operations.alerts.prometheus.rendered import RenderedFile
from bigbrother.operations.alerts.prometheus.rules import RULES_FILE, rules_file
from bigbrother.operations.alerts.prometheus.rules_proof import rules_test_file
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

PROMETHEUS_FILE = "prometheus.yml"
ALERTMANAGER_ADDRESS = "127.0.0.1:9093"
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}")


def prometheus_files(
    runbook: Runbook, settings: Settings, *, alertmanager: str
) -> tuple[RenderedFile, ...]:
    """All that Prometheus needs. `alertmanager` is HOST:PORT. Raises NoAddress."""
    if _ADDRESS.fullmatch(alertmanager) is None:
        raise NoAddress(
            f"'{alertmanager}' is no address.",
            remedy=f"Give HOST:PORT, such as {ALERTMANAGER_ADDRESS}.",
        )
    every = prometheus_duration(runbook.watching.scrape_every.value)
    # Of a token whose role may read metrics; on this machine alone none is asked for.
    token_file = None if settings.loopback else settings.secrets / "prometheus"
    return (
        RenderedFile(
            PROMETHEUS_FILE,
            "prometheus",
            {
                "global": {"scrape_interval": every, "evaluation_interval": every},
                "rule_files": [RULES_FILE],
                "alerting": {"alertmanagers": [_told(alertmanager, settings)]},
                "scrape_configs": [
                    _scrape(FACE_JOB, settings.face_url, runbook, token_file),
                    _scrape(OPS_JOB, settings.ops_url, runbook, None),
                ],
            },
            (
                f"Check: promtool check config {PROMETHEUS_FILE}",
                (
                    "The watcher takes alerts like an Alertmanager, and sends SMS if that is on: "
                    f"--alertmanager {_target(settings.ops_url)}."
                ),
            ),
        ),
        rules_file(runbook),
        rules_test_file(runbook),
    )


def _told(alertmanager: str, settings: Settings) -> dict[str, Any]:
    whom: dict[str, Any] = {"static_configs": [{"targets": [alertmanager]}]}
    if alertmanager == _target(settings.ops_url):
        whom["authorization"] = {"credentials_file": str(settings.ops_token_file)}
    return whom


def _scrape(job: str, url: str, runbook: Runbook, token_file: Path | None) -> dict[str, Any]:
    watching = runbook.watching
    asked: dict[str, Any] = {
        "job_name": job,
        "scrape_interval": prometheus_duration(watching.scrape_every.value),
        "scrape_timeout": prometheus_duration(
            min(watching.look_within.value, watching.scrape_every.value)
        ),
        "body_size_limit": f"{round(watching.largest_metric_page.value)}B",
    }
    if token_file is not None:
        asked["authorization"] = {"credentials_file": str(token_file)}
    return asked | {"static_configs": [{"targets": [_target(url)]}]}


def _target(url: str) -> str:
    return url.removeprefix("http://")
