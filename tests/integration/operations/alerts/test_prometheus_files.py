"""What is rendered from the document is proven with Prometheus' and Alertmanager's own tools."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bigbrother.operations.alerts.prometheus.alertmanager import alertmanager_file
from bigbrother.operations.alerts.prometheus.errors import NoAddress
from bigbrother.operations.alerts.prometheus.rendered import RenderedFile, write
from bigbrother.operations.alerts.prometheus.scraping import ALERTMANAGER_ADDRESS, prometheus_files
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

ALL_CHANNELS = """
alert_config:
  channels:
    email: {enabled: true, user: ops, secret: mail}
    slack: {enabled: true}
    webhook: {enabled: true, url: "http://127.0.0.1:9/alerts", secret: hook}
alerts:
  maintenance:
    - {name: nightly, cron: "0 23 * * sat,sun", lasts: 2h, time_zone: America/Sao_Paulo}
    - name: db-care
      cron: "30 2 1 * *"
      lasts: 30min
      time_zone: UTC
      quiet: [{alert: database_unreachable}, {alert: unit_down, unit: bigbrother-face}]
    - {name: odd, cron: "30 2 1 * mon", lasts: 30min, time_zone: UTC}
"""
OTHER_FIGURES = """
daily_checks:
  application: {response_time: "< 1s", error_rate: "< 2%", queue_size: "< 50000"}
  ml: {inference_time: "<= 30ms", batch_success: ">= 90%"}
monitoring_tasks:
  application: {endpoints: {interval: 10s, alert_threshold: 3s}, errors: {alert_threshold: 7.5%}}
watching: {scrape_every: 10s, over: 4m, least_events: 3}
alerts:
  rules: {endpoint_slow: {severity: critical, warning: medium, for: 90s}, unit_down: {for: 30s}}
alert_config: {language: pt_BR}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", runtime=tmp_path / "run")


def document(folder: Path, overlay: str) -> Runbook:
    file = folder / "runbook.yaml"
    file.write_text(overlay)
    return load_runbook(file)


def tool(folder: Path, *command: str) -> str:
    """Runs one of Debian's tools; where they are missing only a person's machine may go without."""
    if shutil.which(command[0]) is None:
        reason = f"no {command[0]}: install Debian's prometheus and prometheus-alertmanager"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("overlay", ["{}", OTHER_FIGURES])
def test_the_rules_fire_when_they_must_and_only_then(
    tmp_path: Path, settings: Settings, overlay: str
) -> None:
    files = prometheus_files(
        document(tmp_path, overlay), settings, alertmanager=ALERTMANAGER_ADDRESS
    )
    write(files, tmp_path, force=False)
    tool(tmp_path, "promtool", "check", "config", "prometheus.yml")
    tool(tmp_path, "promtool", "test", "rules", "bigbrother_rules_test.yml")


def test_a_limit_that_changed_in_the_document_changes_the_rules(
    tmp_path: Path, settings: Settings
) -> None:
    address = ALERTMANAGER_ADDRESS
    write(prometheus_files(load_runbook(), settings, alertmanager=address), tmp_path, force=False)
    changed = prometheus_files(document(tmp_path, OTHER_FIGURES), settings, alertmanager=address)
    proof = tmp_path / "bigbrother_rules_test.yml"
    kept = proof.read_text()
    write(changed, tmp_path, force=False)
    proof.write_text(kept)
    with pytest.raises(AssertionError, match="FAILED"):
        tool(tmp_path, "promtool", "test", "rules", proof.name)


@pytest.mark.parametrize("overlay", ["{}", ALL_CHANNELS])
def test_alertmanager_accepts_its_configuration(
    tmp_path: Path, settings: Settings, overlay: str
) -> None:
    write([alertmanager_file(document(tmp_path, overlay), settings)], tmp_path, force=False)
    assert "SUCCESS" in tool(tmp_path, "amtool", "check-config", "alertmanager.yml")


@pytest.mark.parametrize(
    ("labels", "channels"),
    [
        (("severity=emergency",), "webhook"),
        (("severity=critical",), "email,slack,webhook"),
        (("severity=high", "alertname=database_unreachable"), "email,slack,webhook"),
        (
            ("severity=critical", "alertname=unit_down", "unit=bigbrother-face"),
            "email,slack,webhook",
        ),
        (("severity=medium",), "slack"),
        (("severity=low",), "nobody"),
    ],
)
def test_an_alert_goes_to_the_channels_of_its_severity(
    tmp_path: Path, settings: Settings, labels: tuple[str, ...], channels: str
) -> None:
    write([alertmanager_file(document(tmp_path, ALL_CHANNELS), settings)], tmp_path, force=False)
    found = tool(
        tmp_path, "amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels
    )
    assert found.strip() == channels


def test_no_secret_stands_in_a_file(tmp_path: Path, settings: Settings) -> None:
    settings.secrets.mkdir(parents=True)
    for name in ("mail", "slack", "hook"):
        (settings.secrets / name).write_text(f"secret of {name}")
    text = alertmanager_file(document(tmp_path, ALL_CHANNELS), settings).text()
    assert "secret of" not in text
    assert f"auth_password_file: {settings.secrets / 'mail'}" in text
    assert f"api_url_file: {settings.secrets / 'slack'}" in text


def test_what_alertmanager_cannot_do_is_said_in_its_file(
    tmp_path: Path, settings: Settings
) -> None:
    notes = alertmanager_file(document(tmp_path, ALL_CHANNELS), settings).notes
    for channel in ("sms", "console", "webhook", "odd"):
        assert any(note.startswith(f"{channel}:") for note in notes), notes


def content(file: RenderedFile) -> dict[str, Any]:
    """Of a file that is YAML."""
    assert isinstance(file.content, dict)
    return file.content


def test_a_service_that_others_reach_is_asked_with_a_token(tmp_path: Path) -> None:
    public = Settings(home=tmp_path / "home", runtime=tmp_path / "run", host="192.0.2.1")
    files = prometheus_files(load_runbook(), public, alertmanager=ALERTMANAGER_ADDRESS)
    face, ops = content(files[0])["scrape_configs"]
    assert face["authorization"] == {"credentials_file": str(public.secrets / "prometheus")}
    assert "authorization" not in ops


def test_the_watcher_is_told_of_alerts_with_its_token(settings: Settings) -> None:
    address = settings.ops_url.removeprefix("http://")
    files = prometheus_files(load_runbook(), settings, alertmanager=address)
    (told,) = content(files[0])["alerting"]["alertmanagers"]
    assert told["authorization"] == {"credentials_file": str(settings.ops_token_file)}


@pytest.mark.parametrize("address", ["", "host", "host:port", "http://host:9093", "a b:1"])
def test_an_address_that_is_none_is_refused(settings: Settings, address: str) -> None:
    with pytest.raises(NoAddress):
        prometheus_files(load_runbook(), settings, alertmanager=address)
