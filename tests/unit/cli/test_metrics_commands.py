"""Figures over time on the terminal, whether the watcher runs or not."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.entrypoints.cli.chart import Drawing, draw
from bigbrother.operations.monitoring.plans import (
    Ended,
    Outcome,
    save_beginning,
    save_ends,
    save_plan,
)
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.monitoring.schedule import Plan
from bigbrother.operations.store.store import Store
from bigbrother.settings import load_settings
from tests.unit.cli.conftest import Cli

WEEK = timedelta(days=7)


@pytest.fixture
def watched(home: Path) -> Path:
    """A home whose watcher read the disks for half an hour, and is dead now."""
    now = SystemClock().now()
    file = load_settings().ops_store
    file.parent.mkdir(parents=True)
    store = Store(file)
    readings = [
        Reading(
            "disk_space", now - timedelta(minutes=minute), 0.5 + minute / 100, "ratio", {"mount": m}
        )
        for minute in range(30)
        for m in ("/", "/data")
    ]
    store.write(lambda conn: record(conn, readings, now, WEEK))
    store.close()
    return home


def test_every_series_is_listed_with_its_newest_figure(bare_cli: Cli, watched: Path) -> None:
    listed = bare_cli("metrics", "list")
    assert listed.exit_code == 0
    assert "mount=/data" in listed.stdout
    assert "50%" in listed.stdout
    items = json.loads(bare_cli("metrics", "list", "-o", "json").stdout)["items"]
    assert [item["labels"] for item in items] == [{"mount": "/"}, {"mount": "/data"}]
    assert items[0]["value"] == 0.5


def test_a_query_draws_a_chart_for_each_series(bare_cli: Cli, watched: Path) -> None:
    shown = bare_cli("metrics", "query", "disk_space", COLUMNS="60")
    assert shown.exit_code == 0
    assert "disk_space mount=/: last 50%" in shown.stdout
    assert "disk_space mount=/data" in shown.stdout
    assert "greatest 79%" in shown.stdout
    assert max(map(len, shown.stdout.splitlines()[1:9])) == 60


def test_a_label_chooses_one_series(bare_cli: Cli, watched: Path) -> None:
    found = bare_cli("metrics", "query", "disk_space", "-l", "mount=/data", "-o", "json")
    (item,) = json.loads(found.stdout)["items"]
    assert item["labels"] == {"mount": "/data"}
    assert (item["unit"], item["resolution_seconds"], len(item["points"])) == ("ratio", 0, 30)


def test_a_time_in_which_nothing_was_read_is_said_to_be_so(bare_cli: Cli, watched: Path) -> None:
    shown = bare_cli("metrics", "query", "disk_space", "--since", "3 days", "--until", "2 days")
    assert shown.exit_code == 0
    assert "nothing was read" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("disk_spac",), "Did you mean disk_space?"),
        (("weather",), "Known are: disk_space."),
        (("disk_space", "-l", "mount=/x"), "Labels there are: mount=/; mount=/data."),
        (("disk_space", "-l", "mount"), "is not a label"),
        (("disk_space", "--since", "yesterday"), "neither a time"),
        (("disk_space", "--since", "99999999 years"), "neither a time"),
        (("disk_space", "--since", "1h", "--until", "2h"), "no span of time"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_remedy(
    bare_cli: Cli, watched: Path, arguments: tuple[str, ...], reason: str
) -> None:
    refused = bare_cli("metrics", "query", *arguments)
    assert refused.exit_code == 4
    assert reason in refused.stderr


def test_the_tasks_are_shown_with_what_they_missed(bare_cli: Cli, watched: Path) -> None:
    now = SystemClock().now()
    store = Store(load_settings().ops_store)

    def lay_down(conn: sqlite3.Connection) -> None:
        save_plan(conn, "scrape", Plan("every 15 s", now))
        save_beginning(conn, "scrape", now, Outcome.RUNNING, missed=7)
        save_ends(conn, {"scrape": Ended(now, Outcome.FAILED, "no such thing")})

    store.write(lay_down)
    store.close()
    shown = bare_cli("metrics", "tasks").stdout
    assert "every 15 s" in shown
    assert "failed: no such thing" in shown
    (item,) = json.loads(bare_cli("metrics", "tasks", "-o", "json").stdout)["items"]
    assert (item["missed"], item["overrun"], item["outcome"]) == (7, 0, "failed")
    assert item["due_at"] == now.isoformat()


def test_where_no_watcher_ever_ran_that_is_said(bare_cli: Cli, home: Path) -> None:
    refused = bare_cli("metrics", "list")
    assert refused.exit_code == 4
    assert "no watcher ran here yet" in refused.stderr
    assert not load_settings().ops_store.exists()


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def drawn(values: list[tuple[float, float]], columns: int = 40) -> list[str]:
    """A chart of an hour; values at shares of it."""
    points = [(NOON + share * HOUR, value) for share, value in values]
    return draw(Drawing(points, NOON, NOON + HOUR, 60, columns, 4), lambda value: f"{value:g}")


def test_a_rising_figure_rises_from_left_to_right() -> None:
    lines = drawn([(share / 60, share) for share in range(61)])
    assert lines[0].startswith("60 ┤")
    assert lines[3].startswith(" 0 ┤")
    assert lines[0].rstrip()[-1] not in " ┤│"
    assert lines[3][4] != " "
    assert lines[0][4:20].strip() == ""
    assert lines[-1].split() == ["12:00", "12:30", "13:00"]
    assert {len(line) for line in lines[:5]} == {40}


def test_a_figure_that_never_changes_is_a_line_in_the_middle() -> None:
    lines = drawn([(share / 60, 5) for share in range(61)])
    assert [bool(line[5:].strip()) for line in lines[:4]].count(True) == 1


def test_points_far_apart_are_not_joined() -> None:
    lines = drawn([(0, 1), (1, 1)])
    dots = "".join(line[5:] for line in lines[:4]).replace(" ", "")
    assert len(dots) == 2


@pytest.mark.parametrize("columns", [1, 20, 500])
def test_a_chart_fits_terminals_of_any_width(columns: int) -> None:
    lines = drawn([(0, -1e12), (0.5, 0), (1, 1e12)], columns)
    assert len(lines) == 6
    assert all(len(line) <= max(columns, 30) for line in lines)
