"""Gallery: collections, subjects, faces, crops, model versions and `verify_integrity()`."""

from bigbrother.face.migrations.statements import run_file

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Creates the gallery's tables and function; each model's embeddings come with its model."""
    run_file("m0001_gallery.sql")
    run_file("m0001_verify_integrity.sql")
