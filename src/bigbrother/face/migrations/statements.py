"""Runs a migration's SQL file."""

from importlib import resources

from alembic import op


def run_file(name: str) -> None:
    """Executes every statement of `versions/<name>` inside the migration's transaction."""
    folder = resources.files("bigbrother.face.migrations") / "versions"
    text = (folder / name).read_text("utf-8")
    # The driver's own connection takes many statements at once and leaves % and : alone.
    op.get_bind().connection.driver_connection.execute(text)
