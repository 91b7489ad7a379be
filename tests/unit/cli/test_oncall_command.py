"""Whom an alert would page, asked on the command line."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bigbrother.entrypoints.cli.oncall import oncall


def ask(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(oncall)
    return CliRunner().invoke(app, arguments)


def test_sunday_at_three_in_sao_paulo(home: Path) -> None:
    (home / "etc").mkdir()
    (home / "etc" / "runbook.yaml").write_text(
        "contacts: {engineering: {time_zone: America/Sao_Paulo}}", "utf-8"
    )
    answer = ask("--at", "2026-11-22 03:00", "--zone", "America/Sao_Paulo", "-s", "critical")
    assert answer.exit_code == 0
    lines = [" ".join(line.split()) for line in answer.stdout.splitlines()[1:]]
    after = "deputy (L3) at 2026-11-22 03:05"
    assert lines == [
        f"critical L1 routine ops NOC yes always console {after}",
        f"critical L2 technical engineering ML Eng no 2026-11-23 09:00 quietly: console {after}",
        f"critical L3 critical management John Doe yes always console {after}",
    ]


def test_a_program_gets_every_severity_with_times_and_addresses(home: Path) -> None:
    answer = json.loads(ask("--at", "2026-11-23T10:00:00+00:00", "-o", "json").stdout)
    assert answer["at"] == "2026-11-23T10:00:00+00:00"
    by_severity = {each["severity"]: each for each in answer["severities"]}
    assert by_severity["low"] == {
        "severity": "low",
        "broadcast": ["console"],
        "at_once": [],
        "then": [],
    }
    assert by_severity["high"]["at_once"][1] == {
        "at": "2026-11-23T10:00:00+00:00",
        "level": "L2",
        "condition": "technical",
        "contact": "engineering",
        "who": "ML Eng",
        "reason": "entry",
        "quiet": False,
        "works": True,
        "until": "2026-11-23T17:00:00+00:00",
        "over": [{"channel": "console", "type": "console", "address": "console"}],
    }


def test_without_a_time_it_is_now(home: Path) -> None:
    answer = ask()
    assert answer.exit_code == 0
    assert "nobody in person" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at", "yesterday"), "is not a time"),
        (("--at", "0001-01-01 00:00"), "too far away"),
        (("--at", "9999-12-31 23:59"), "too far away"),
        (("--zone", "Mars/Olympus"), "is not a time zone"),
        (("--zone", "../../etc/passwd"), "is not a time zone"),
        (("--severity", "mild"), "is not a severity"),
    ],
)
def test_what_cannot_be_asked_is_refused(home: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = ask(*arguments)
    assert (answer.exit_code, said in answer.stderr) == (4, True)
