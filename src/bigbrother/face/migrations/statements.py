"""Runs a migration's SQL."""

from importlib import resources
from typing import Any, cast

import psycopg
from alembic import op


def run_file(name: str) -> None:
    """Executes every statement of `versions/<name>` inside the migration's transaction."""
    folder = resources.files("bigbrother.face.migrations") / "versions"
    run_text((folder / name).read_text("utf-8"))


def run_text(text: str) -> None:
    """Executes every statement of the text inside the migration's transaction."""
    # The driver's own connection takes many statements at once and leaves % and : alone.
    connection = cast("psycopg.Connection[Any]", op.get_bind().connection.driver_connection)
    connection.execute(text.encode())
