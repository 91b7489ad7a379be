"""`bigbrother check` where nothing runs, and what Nagios is told."""

import json
import re
import typing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bigbrother.entrypoints.cli.check import check
from bigbrother.entrypoints.cli.nagios import nagios_code, nagios_lines
from bigbrother.kernel.status import Status
from bigbrother.operations.checks import result as results
from bigbrother.operations.checks.limits import Limits
from bigbrother.runbook.load import load_runbook

RUNBOOK = load_runbook()
DAILY = RUNBOOK.daily_checks
RESPONSE = Limits(failure=DAILY.application.response_time, warning=DAILY.application.response_time)


@pytest.fixture
def cli(home: Path) -> typing.Callable[..., Result]:
    """The command, in a home where nothing was ever started."""
    app = typer.Typer()
    app.command()(check)
    env = {"BIGBROTHER_PORT": "1"}
    return lambda *arguments: CliRunner().invoke(app, arguments, env=env)


def found(status: Status, value: float | None = None, target: str = "") -> results.Result:
    limits = Limits(DAILY.system.cpu_usage)
    return results.Result("cpu_usage", status, value, "ratio", "< 80%", target, limits=limits)


def test_a_home_where_nothing_runs_is_a_failure_with_every_check_told(
    cli: typing.Callable[..., Result], home: Path
) -> None:
    done = cli("-o", "json")
    assert done.exit_code == 2, done.output
    told = json.loads(done.stdout)
    assert told["status"] == "critical"
    by_name = {one["check"]: one for one in told["results"]}
    assert len(by_name) == 11
    assert by_name["error_rate"]["status"] == "unknown"
    assert by_name["model_accuracy"]["remedy"]
    # To look is not to make anything.
    assert list(home.iterdir()) == []


def test_the_table_names_what_is_wrong_without_colours_where_nobody_looks(
    cli: typing.Callable[..., Result],
) -> None:
    done = cli("disk_space", "services_status")
    assert done.exit_code == 2
    assert re.search(r"\nservices_status service-manager +failed +– +all green", done.stdout)
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("arguments", [("weather",), ("system", "--report")])
def test_what_cannot_be_checked_is_unknown_to_nagios_not_a_warning_or_failure(
    cli: typing.Callable[..., Result], arguments: tuple[str, ...]
) -> None:
    done = cli(*arguments)
    assert done.exit_code == 3
    assert "Error" in done.stderr


def test_a_watcher_s_file_that_is_damaged_is_unknown_not_a_warning(
    cli: typing.Callable[..., Result], home: Path
) -> None:
    (home / "data" / "ops").mkdir(parents=True)
    (home / "data" / "ops" / "ops.db").write_bytes(b"no database at all" * 500)
    done = cli("error_rate")
    assert done.exit_code == 3
    assert "ops.db" in done.stderr


def test_a_document_that_is_broken_is_unknown_with_its_line(
    cli: typing.Callable[..., Result], home: Path
) -> None:
    (home / "etc").mkdir()
    (home / "etc" / "runbook.yaml").write_text("daily_checks:\n  at: never\n")
    done = cli("cpu_usage")
    assert done.exit_code == 3
    assert "runbook.yaml:2" in done.stderr


def test_the_daily_report_is_written_by_hand_too(
    cli: typing.Callable[..., Result], home: Path
) -> None:
    refused = cli("daily", "--report")
    assert (refused.exit_code, list(home.iterdir())) == (3, [])
    (home / "data").mkdir()
    done = cli("daily", "--report")
    assert done.exit_code == 2
    assert len(list((home / "data" / "ops" / "reports").iterdir())) == 2
    assert done.stderr.count("Written: ") == 2


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ([Status.PASSED, Status.SKIPPED], 0),
        ([Status.SKIPPED], 0),
        ([Status.PASSED, Status.UNKNOWN], 3),
        ([Status.UNKNOWN, Status.WARNING], 1),
        ([Status.UNKNOWN, Status.WARNING, Status.FAILED], 2),
    ],
)
def test_the_exit_code_is_the_gravest(statuses: list[Status], code: int) -> None:
    assert nagios_code([found(status) for status in statuses]) == code


def test_nagios_gets_value_warning_critical_least_and_greatest_in_units() -> None:
    accuracy = results.measured("model_accuracy", 0.9625, "ratio", Limits(DAILY.ml.model_accuracy))
    times = results.measured("response_time", 0.31, "seconds", RESPONSE, evidence=("A | b\nc",))
    queue = results.measured("queue_size", 7, "count", Limits(DAILY.application.queue_size))
    first, *lines = nagios_lines([accuracy, times, queue])
    assert first == (
        "BIGBROTHER CRITICAL: 2 of 3 passed; response_time failed | "
        "'model_accuracy'=96.25%;;95:;0;100 "
        "'response_time'=0.31s;0.2;0.2;0; 'queue_size'=7;;1000;0;"
    )
    assert lines[1] == "response_time CRITICAL: 310 ms (< 200ms) - A / b c"
    assert len(lines) == 3


def test_labels_are_such_as_nagios_can_read() -> None:
    first, _ = nagios_lines([found(Status.PASSED, 0.5, "/mnt/it's=|x")])
    assert first.endswith("| 'cpu_usage /mnt/it''s_/x'=50%;;80;0;100")


def test_what_is_unknown_or_skipped_has_no_figure() -> None:
    first, unknown, skipped = nagios_lines([found(Status.UNKNOWN), found(Status.SKIPPED)])
    assert first == "BIGBROTHER UNKNOWN: 0 of 2 passed; cpu_usage unknown | 'cpu_usage'=U"
    assert (unknown, skipped) == ("cpu_usage UNKNOWN: (< 80%)", "cpu_usage OK: skipped (< 80%)")
