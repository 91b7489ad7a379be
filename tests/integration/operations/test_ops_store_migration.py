"""ops.db of an earlier version is brought to the present one, and nothing of it is lost."""

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

from bigbrother.operations.store.migrations import migrate
from bigbrother.operations.store.store import Store

STEPS = resources.files("bigbrother.operations.store").joinpath("steps")
BEFORE_RUNS = (
    "m0001_alerts.sql",
    "m0002_messages.sql",
    "m0003_readings.sql",
    "m0004_schedule.sql",
)


def old_file(path: Path) -> None:
    """A file as the version before procedures left it, with one message on its way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for name in BEFORE_RUNS:
            conn.executescript(STEPS.joinpath(name).read_text("utf-8"))
        conn.execute(
            "INSERT INTO message (key, kind, channel, address, content, urgency, state, due_at,"
            " made_at) VALUES ('k', 'page', 'email', 'a@example.org', '{}', 1, 'waiting', 1, 1)"
        )
        conn.execute("INSERT INTO message_alert VALUES ('alert', 1)")
        conn.execute(f"PRAGMA user_version = {len(BEFORE_RUNS)}")


def test_messages_and_what_points_to_them_are_carried_over(tmp_path: Path) -> None:
    old_file(tmp_path / "ops.db")
    with closing(Store(tmp_path / "ops.db")) as store:
        (message,) = store.read(lambda conn: conn.execute("SELECT * FROM message").fetchall())
        assert (message["key"], message["state"]) == ("k", "waiting")
        store.write(lambda conn: conn.execute("DELETE FROM message"))
        left = store.read(
            lambda conn: conn.execute("SELECT count(*) FROM message_alert").fetchone()[0]
        )
        assert left == 0
        broken = store.read(lambda conn: conn.execute("PRAGMA foreign_key_check").fetchall())
        assert broken == []


def test_a_new_file_and_a_migrated_one_have_the_same_tables(tmp_path: Path) -> None:
    old_file(tmp_path / "old.db")
    shapes = []
    for name in ("old.db", "new.db"):
        with closing(sqlite3.connect(tmp_path / name, isolation_level=None)) as conn:
            migrate(conn)
            shapes.append(
                conn.execute(
                    "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY 1, 2"
                ).fetchall()
            )
    assert shapes[0] == shapes[1]
