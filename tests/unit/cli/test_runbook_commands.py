"""`bigbrother runbook`: what is in force, what would change, and whether it holds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bigbrother.entrypoints.cli import runbook
from bigbrother.runbook.tuning_file import TunedFile
from bigbrother.settings import load_settings
from tests.unit.cli.conftest import Cli


@pytest.fixture
def set_by_operator(home: Path) -> Path:
    file = home / "etc" / "runbook.yaml"
    file.parent.mkdir()
    file.write_text("limits:\n  image_size: 5 MB\n", "utf-8")
    return file


def test_what_the_operator_set_is_shown_with_its_place(
    bare_cli: Cli, set_by_operator: Path
) -> None:
    shown = bare_cli("runbook", "show", "limits").stdout.splitlines()
    assert f"  image_size: 5 MB  # {set_by_operator}:2" in shown
    assert "  image_pixels: 64000000" in shown
    as_json = json.loads(bare_cli("runbook", "show", "limits.image_size", "-o", "json").stdout)
    assert as_json["values"] == {"limits": {"image_size": "5 MB"}}
    assert as_json["from_overlay"] == {"limits.image_size": f"{set_by_operator}:2"}


def test_a_section_that_is_not_there_is_refused_with_the_nearest(bare_cli: Cli) -> None:
    ended = bare_cli("runbook", "show", "limts")
    assert ended.exit_code == 4
    assert "Did you mean 'limits'?" in ended.stderr


def test_the_shipped_document_holds(bare_cli: Cli) -> None:
    assert bare_cli("runbook", "validate").exit_code == 0


def test_a_document_that_does_not_hold_is_refused_with_its_lines(
    bare_cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("limits:\n  image_siez: 5 MB\n", "utf-8")
    for command in ("validate", "diff"):
        ended = bare_cli("runbook", command, str(file))
        assert ended.exit_code == 4
        assert f"{file}:2: " in ended.stderr


def test_a_level_that_nobody_answers_at_night_is_refused(bare_cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    names = ("ops", "engineering", "management", "deputy", "director")
    file.write_text(
        "contacts:\n"
        + "".join(f"  {name}: {{schedule: 8x5}}\n" for name in names)
        + "escalation:\n  quiet_channels: [email, slack, webhook]\n",
        "utf-8",
    )
    ended = bare_cli("runbook", "validate", str(file))
    assert ended.exit_code == 4
    assert str(file) in ended.stderr


def test_a_file_that_is_not_there_is_refused(bare_cli: Cli) -> None:
    for command in ("validate", "diff"):
        assert bare_cli("runbook", command, "nowhere.yaml").exit_code == 4


def test_what_would_change_is_shown_leaf_by_leaf(
    bare_cli: Cli, set_by_operator: Path, tmp_path: Path
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("limits:\n  image_size: 6 MB\n  matches: 7\n", "utf-8")
    lines = bare_cli("runbook", "diff", str(file)).stdout.splitlines()
    assert lines[2:] == [
        "-limits.image_size: 5 MB",
        "+limits.image_size: 6 MB",
        "-limits.matches: 5",
        "+limits.matches: 7",
    ]
    items = json.loads(bare_cli("runbook", "diff", str(file), "-o", "json").stdout)["items"]
    assert items[1] == {
        "path": "limits.matches",
        "before": 5,
        "after": 7,
        "waits_for_a_start": None,
    }
    assert "Nothing" in bare_cli("runbook", "diff", str(set_by_operator)).stdout


def test_what_takes_effect_at_the_next_start_only_is_named(bare_cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("limits: {matches: 7}\nserving: {keep_alive: 20s}\n", "utf-8")
    for command in ("validate", "diff"):
        said = bare_cli("runbook", command, str(file)).stdout
        assert said.splitlines()[-2].startswith("Not before the next start")
        assert said.splitlines()[-1].startswith("  serving.keep_alive: ")
    told = json.loads(bare_cli("runbook", "validate", str(file), "-o", "json").stdout)
    assert [*told["waits_for_a_start"]] == ["serving.keep_alive"]
    file.write_text("limits: {matches: 7}\n", "utf-8")
    assert "Not before" not in bare_cli("runbook", "diff", str(file)).stdout


def test_the_schema_is_json(bare_cli: Cli) -> None:
    assert "limits" in json.loads(bare_cli("runbook", "schema").stdout)["properties"]


def test_the_human_runbook_is_printed_or_written(bare_cli: Cli, tmp_path: Path) -> None:
    assert bare_cli("runbook", "render").stdout.startswith("# Runbook of Big Brother CNN")
    out = tmp_path / "runbook.html"
    arguments = ("runbook", "render", "--format", "html", "--lang", "pt_BR", "--out")
    assert bare_cli(*arguments, str(out)).exit_code == 0
    assert "Visão geral" in out.read_text("utf-8")
    assert bare_cli(*arguments, str(tmp_path / "nowhere" / "x.html")).exit_code == 4


def test_every_command_has_examples() -> None:
    assert [
        command.name
        for command in runbook.app.registered_commands
        if "$ bigbrother runbook" not in (command.epilog or "")
    ] == []


def test_tuned_figures_are_shown_as_such_and_taken_back(bare_cli: Cli, home: Path) -> None:
    settings = load_settings()
    TunedFile(settings.tuned_runbook, settings.runbook_overlay).tune(
        "chunk", 64, run_id="run-1", reason="faster", now=datetime(2030, 5, 1, tzinfo=UTC)
    )
    shown = bare_cli("runbook", "show", "batch.chunk").stdout
    assert f"  chunk: 64  # {settings.tuned_runbook}:3\n" in shown
    as_json = json.loads(bare_cli("runbook", "show", "batch.chunk", "-o", "json").stdout)
    assert as_json["tuned"]["batch.chunk"]["reason"] == "faster"
    file = home / "new.yaml"
    file.write_text("batch: {chunk: 20}\n", "utf-8")
    told = bare_cli("runbook", "diff", str(file)).stdout
    assert "-batch.chunk: 64\n+batch.chunk: 20\n" in told
    assert "batch.chunk would not be tuned any more: it stood in for 16" in told
    ended = bare_cli("runbook", "untune", "batch.chonk")
    assert ended.exit_code == 4
    assert "Did you mean 'batch.chunk'?" in ended.stderr
    assert bare_cli("runbook", "untune", "batch.chunk").stdout == "Took back batch.chunk.\n"
    assert bare_cli("runbook", "untune").stdout == "Nothing was tuned.\n"
    assert "64" not in bare_cli("runbook", "show", "batch.chunk").stdout
