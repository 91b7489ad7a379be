"""A database connection that answers what a test lays down, and keeps what it was asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

Answer = Callable[[str], list[Any]]


def nothing(_: str) -> list[Any]:
    """No rows, whatever is asked."""
    return []


@dataclass
class FakeConnection:
    """A `psycopg.Connection`, its own cursor and the pool that gives it, as far as they are used.

    `answer` gives the rows for the text of a statement.
    """

    answer: Answer = nothing
    asked: list[tuple[str, object]] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    rowcount: int = 0
    max_size: int = 1

    def __enter__(self) -> "FakeConnection":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def connection(self) -> "FakeConnection":
        """As of a pool."""
        return self

    def cursor(self, **_: object) -> "FakeConnection":
        """Itself."""
        return self

    @contextmanager
    def transaction(self, **_: object) -> Iterator[None]:
        """Nothing is ever written, so nothing is rolled back."""
        yield

    def execute(self, statement: str | sql.Composable, given: object = None) -> "FakeConnection":
        text = statement if isinstance(statement, str) else statement.as_string(None)
        self.asked.append((text, given))
        self.rows = list(self.answer(text))
        return self

    def fetchone(self) -> object:
        return self.rows.pop(0) if self.rows else None

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self.rows))

    def fetchmany(self, most: int) -> list[Any]:
        found, self.rows = self.rows[:most], self.rows[most:]
        return found
