"""Whose points they are: a name, labels, and the number under which ops.db keeps them."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure at one moment."""

    name: str
    at: datetime
    value: float
    unit: str = ""
    """`ratio`, `seconds`, `bytes`, `count` or empty."""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """One figure over time."""

    id: int
    name: str
    labels: Mapping[str, str]
    unit: str


def all_series(conn: sqlite3.Connection, name: str | None = None) -> tuple[Series, ...]:
    """Every series, or those of a name; by name and labels."""
    chosen, values = ("", ()) if name is None else (" WHERE name = ?", (name,))
    rows = conn.execute(
        f"SELECT id, name, labels, unit FROM series{chosen} ORDER BY name, labels",  # noqa: S608
        values,
    )
    return tuple(
        Series(row["id"], row["name"], json.loads(row["labels"]), row["unit"]) for row in rows
    )


def series_id(conn: sqlite3.Connection, reading: Reading) -> int:
    """The number of a reading's series; a new one is made."""
    labels = json.dumps(dict(reading.labels), sort_keys=True, ensure_ascii=False)
    key = (reading.name, labels)
    row = conn.execute("SELECT id FROM series WHERE name = ? AND labels = ?", key).fetchone()
    if row is None:
        row = conn.execute(
            "INSERT INTO series (name, labels, unit) VALUES (?, ?, ?) RETURNING id",
            (*key, reading.unit),
        ).fetchone()
    return int(row["id"])
