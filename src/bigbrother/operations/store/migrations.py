"""Brings ops.db to the shape that this version works with."""

import sqlite3
from importlib import resources

from bigbrother.operations.store.errors import StoreUnusable

# In the order of their making; one that was published is never changed.
_STEPS = (
    "m0001_alerts.sql",
    "m0002_messages.sql",
    "m0003_readings.sql",
    "m0004_schedule.sql",
    "m0005_runs.sql",
    "m0006_diagnoses.sql",
)


def migrate(conn: sqlite3.Connection) -> None:
    """Applies the steps that are missing, each in a transaction; raises StoreUnusable."""
    (version,) = conn.execute("PRAGMA user_version").fetchone()
    if version > len(_STEPS):
        raise StoreUnusable(
            f"ops.db has version {version}, this product knows {len(_STEPS)}.",
            remedy="Run the version of the product that wrote it, or a newer one.",
        )
    folder = resources.files("bigbrother.operations.store").joinpath("steps")
    for number, name in enumerate(_STEPS[version:], version + 1):
        text = folder.joinpath(name).read_text("utf-8")
        # One script: a crash in its midst leaves the version before it.
        conn.executescript(f"BEGIN IMMEDIATE;\n{text}\nPRAGMA user_version = {number};\nCOMMIT;")
