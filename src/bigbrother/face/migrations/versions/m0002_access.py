"""Access: bearer tokens, and what was answered to creations that carry an Idempotency-Key."""

from bigbrother.face.migrations.statements import run_file

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Creates the tables api_token and idempotency."""
    run_file("m0002_access.sql")
