"""`bigbrother diagnose` where nothing runs, and what is refused before anything is looked at."""

import json
import typing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bigbrother.entrypoints.cli.diagnose import diagnose


@pytest.fixture
def cli(home: Path) -> typing.Callable[..., Result]:
    """The command, in a home where nothing was ever started."""
    app = typer.Typer()
    app.command()(diagnose)
    env = {"BIGBROTHER_PORT": "1"}
    return lambda *arguments: CliRunner().invoke(app, arguments, env=env)


def test_where_nothing_runs_it_says_so_and_what_is_unknown(
    cli: typing.Callable[..., Result], home: Path
) -> None:
    done = cli("--within", "8s")
    assert done.exit_code == 2, done.output
    assert "bigbrother up --detach" in done.stdout
    assert "database_answers bigbrother-db" in done.stdout
    first_bad, first_unknown = done.stdout.index("failed"), done.stdout.index("unknown")
    assert first_bad < first_unknown
    assert "passed" not in done.stdout
    # To look is not to make anything.
    assert list(home.iterdir()) == []


def test_programs_get_all_that_was_seen(cli: typing.Callable[..., Result]) -> None:
    done = cli("-o", "json", "database_down")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["status"]) == (2, "failed")
    assert told["causes"][0]["cause"] == "database_down"
    assert told["causes"][0]["procedures"] == ["service_recovery.bigbrother-db"]
    assert {"passed", "failed", "unknown", "skipped"} <= {r["status"] for r in told["results"]}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("high_latncy",), 4, "Did you mean 'high_latency'?"),
        (("unit_dwn",), 4, "Did you mean 'unit_down'?"),
        (("--within", "soon"), 4, "'soon'"),
        (("--within", "0s"), 4, "--within 5s"),
        (("--bundle", "x.rar"), 4, ".tar.gz"),
        (("--bundle", "no/such/folder/x.zip"), 1, "There is no folder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_looked_at(
    cli: typing.Callable[..., Result], arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = cli(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Looked" not in done.stderr


def test_a_bundle_replaces_nothing_and_is_made_also_of_what_is_dead(
    cli: typing.Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "found.tar.gz"
    assert cli("--bundle", str(file)).exit_code == 2
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    again = cli("--bundle", str(file))
    assert (again.exit_code, again.stdout) == (7, "")
    assert file.read_bytes() == before
    link = tmp_path / "link.zip"
    link.symlink_to(tmp_path / "nowhere")
    assert cli("--bundle", str(link)).exit_code == 7
