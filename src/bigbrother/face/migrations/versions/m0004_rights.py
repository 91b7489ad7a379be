"""Rights: the audit chain, and how far the ledger of erasures was carried out."""

from bigbrother.face.migrations.statements import run_file

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Creates the tables audit_record and erasure_position."""
    run_file("m0004_rights.sql")
