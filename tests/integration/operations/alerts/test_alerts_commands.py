"""`bigbrother alerts` on ops.db, with no watcher running."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bigbrother.adapters.clock import SystemClock
from bigbrother.entrypoints.cli import alerts
from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.book import AlertBook
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.settings import load_settings
from tests.integration.operations.alerts.books import opened_book

Cli = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIGBROTHER_HOME", str(tmp_path))
    monkeypatch.setenv("BIGBROTHER_RUNTIME", "/tmp/bb-unused")
    monkeypatch.setenv("SUDO_USER", "ana")
    return tmp_path


@pytest.fixture
def cli(home: Path) -> Cli:
    app = typer.Typer()
    app.add_typer(alerts.app, name="alerts")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ("alerts", *arguments), prog_name="bigbrother")

    return run


@pytest.fixture
def watcher(home: Path) -> Iterator[AlertBook]:
    """The book of a watcher that found three things."""
    folder = load_settings().ops
    folder.mkdir(parents=True)
    store, book = opened_book(folder)
    now = SystemClock().now()
    book.take(
        [
            Finding("disk_space", Status.FAILED, now, {"mount": "/data"}, "The disk is full."),
            Finding("unit_down", Status.FAILED, now, {"unit": "bigbrother-db"}, "It is down."),
            Finding("endpoint_failing", Status.FAILED, now, {}, "It fails \x1b[2J."),
            Finding("cpu_usage", Status.FAILED, now),
            Finding("queue_size", Status.FAILED, now),
            Finding("queue_size", Status.PASSED, now),
        ],
        now,
    )
    yield book
    store.close()


def items(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    found: list[dict[str, object]] = json.loads(result.stdout)["items"]
    return found


def test_a_home_in_which_nothing_was_watched_is_not_told_to_be_well(cli: Cli, home: Path) -> None:
    for command in ("list", "history", "silences"):
        result = cli(command)
        assert result.exit_code == 4
        assert "bigbrother up" in result.stderr
    assert not (home / "data").exists()


def test_alerts_are_listed_gravest_first_with_what_keeps_them_quiet(
    cli: Cli, watcher: AlertBook
) -> None:
    lines = cli("list").stdout.splitlines()
    assert [line.split()[2] for line in lines[1:]] == [
        "unit_down",
        "endpoint_failing",
        "cpu_usage",
        "disk_space",
    ]
    assert "quiet: inhibition" in lines[2]
    assert "\x1b" not in "".join(lines)
    assert [item["state"] for item in items(cli("list", "--firing", "-o", "json"))] == [
        "firing"
    ] * 3
    assert len(items(cli("list", "--all", "-o", "json"))) == 5
    assert [item["name"] for item in items(cli("history", "-o", "json"))] == ["queue_size"]


def test_one_alert_is_shown_with_all_that_happened(cli: Cli, watcher: AlertBook) -> None:
    alert = watcher.get("unit_down")
    text = cli("show", alert.id[:8]).stdout
    assert "It is down." in text
    found = json.loads(cli("show", "unit_down", "-o", "json").stdout)
    assert (found["id"], [event["kind"] for event in found["events"]]) == (alert.id, ["fired"])


def test_the_running_watcher_notices_who_acknowledged(cli: Cli, watcher: AlertBook) -> None:
    result = cli("ack", "unit_down", "disk_space")
    assert result.exit_code == 0, result.output
    assert watcher.refresh()
    assert watcher.get("unit_down").acknowledged_by == "ana"
    assert cli("unack", "unit_down", "--as", "rui").exit_code == 0
    assert watcher.get("unit_down").acknowledged_by is None


def test_a_mistyped_name_is_answered_with_the_nearest_and_the_others_are_done(
    cli: Cli, watcher: AlertBook
) -> None:
    result = cli("ack", "unit_dwon", "disk_space")
    assert result.exit_code == 4
    assert "Did you mean 'unit_down'?" in result.stderr
    assert watcher.get("disk_space").acknowledged_by == "ana"


def test_what_is_ambiguous_or_cannot_be_acknowledged_is_a_conflict(
    cli: Cli, watcher: AlertBook
) -> None:
    now = SystemClock().now()
    watcher.take([Finding("unit_down", Status.FAILED, now, {"unit": "bigbrother-face"})], now)
    result = cli("ack", "unit_down")
    assert result.exit_code == 7
    assert all(alert.id in result.stderr for alert in watcher.open_alerts()[-1:])
    assert cli("ack", "cpu_usage").exit_code == 7


def test_a_silence_is_made_listed_and_ended(cli: Cli, watcher: AlertBook) -> None:
    made = cli(
        "silence", "alert=disk_space", "mount=/data", "--for", "2h", "--reason", "x", "-o", "json"
    )
    assert made.exit_code == 0, made.output
    silence_id = json.loads(made.stdout)["id"]
    quiet = {item["name"]: item["quiet"] for item in items(cli("list", "-o", "json"))}
    assert quiet["disk_space"]["by"] == silence_id  # type: ignore[index]
    assert silence_id[:8] in cli("silences").stdout
    assert cli("unsilence", silence_id[:8]).exit_code == 0
    assert items(cli("silences", "-o", "json")) == []
    assert len(items(cli("silences", "--all", "-o", "json"))) == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--for", "2h", "--reason", "x"), "--all"),
        (("alert=x", "--for", "2h", "--reason", ""), "reason"),
        (("alert=x", "--for", "2", "--reason", "x"), "200ms"),
        (("alert=x", "--for", "0s", "--reason", "x"), "before it begins"),
        (("alert=x", "--for", "2 years", "--reason", "x"), "1 year"),
        (("alert=x", "--for", "9999999999 years", "--reason", "x"), "long"),
        (("alert", "--for", "2h", "--reason", "x"), "KEY=VALUE"),
        (("a=1", "a=2", "--for", "2h", "--reason", "x"), "twice"),
        (("severity=bad", "--for", "2h", "--reason", "x"), "emergency"),
    ],
)
def test_a_silence_that_cannot_be_meant_is_refused(
    cli: Cli, watcher: AlertBook, arguments: tuple[str, ...], reason: str
) -> None:
    result = cli("silence", *arguments)
    assert result.exit_code == 4, result.output
    assert reason in result.stderr
    assert items(cli("silences", "--all", "-o", "json")) == []


def test_a_silence_for_a_name_that_nothing_has_is_made_and_questioned(
    cli: Cli, watcher: AlertBook
) -> None:
    result = cli("silence", "alert=disk_spase", "--for", "2h", "--reason", "x")
    assert result.exit_code == 0
    assert "Did you mean 'disk_space'?" in result.stderr


def test_a_broken_document_keeps_nobody_from_acknowledging(
    cli: Cli, watcher: AlertBook, home: Path
) -> None:
    (home / "etc").mkdir()
    (home / "etc" / "runbook.yaml").write_text("alerts: [", "utf-8")
    result = cli("ack", "unit_down")
    assert result.exit_code == 0
    assert "default document" in result.stderr


@pytest.mark.parametrize("since", ["x", "9999999999 years", "9999 years"])
def test_a_span_that_is_none_is_refused(cli: Cli, watcher: AlertBook, since: str) -> None:
    assert cli("history", "--since", since).exit_code == 4
