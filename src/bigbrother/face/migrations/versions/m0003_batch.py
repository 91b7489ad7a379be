"""Batch: what is to be done in bulk, and the queue that hands it to workers."""

from procrastinate.schema import SchemaManager

from bigbrother.face.migrations.statements import run_file, run_text

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Creates the tables of batches, and the queue's own schema beside them."""
    run_file("m0003_batch.sql")
    # The queue brings its schema along; in a place of its own it meets nobody else's names.
    run_text("CREATE SCHEMA queue")
    run_text("SET LOCAL search_path = queue")
    run_text(SchemaManager.get_schema())
    run_file("m0003_queue_grants.sql")
