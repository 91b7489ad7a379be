"""The enrolled gallery, compared with itself: each example against the others."""

import re
from array import array
from datetime import datetime
from importlib import resources
from typing import LiteralString, cast

from bigbrother.operations.checks.accuracy.pairs import Embedding
from bigbrother.operations.checks.accuracy.source import Labelled
from bigbrother.operations.checks.errors import AccuracyUnknown
from bigbrother.operations.checks.sentences import sentence

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def enrolled_gallery(
    dsn: str, model: str, version: str, *, most_pairs: int, within_seconds: float, now: datetime
) -> Labelled | None:
    """Examples of subjects that have several, of one model version; None where there is nobody.

    Read only. Faces that may not be matched any more are left out. Raises AccuracyUnknown when
    the database does not answer.
    """
    # The driver takes 25 MB, and this runs once a day.
    import psycopg  # noqa: PLC0415
    from psycopg import sql  # noqa: PLC0415

    statements = _statements()
    milliseconds = max(1, round(1000 * within_seconds))
    collections: dict[str, dict[str, list[Embedding]]] = {}
    try:
        with psycopg.connect(
            dsn,
            connect_timeout=max(2, round(within_seconds)),
            options="-c default_transaction_read_only=on -c search_path=public"
            f" -c statement_timeout={milliseconds}",
        ) as conn:
            found = conn.execute(
                sql.SQL(statements["model_version"]), {"name": model, "version": version}
            ).fetchone()
            if found is None:
                return None
            table = sql.Identifier(f"embedding_{found[0]}")
            # Each genuine pair needs two faces, so more faces than pairs are of no use.
            figures = {"subjects": most_pairs // 4, "faces": most_pairs // 2, "now": now}
            statement = sql.SQL(statements["examples"]).format(embeddings=table)
            for collection, subject, text in conn.cursor().stream(statement, figures):
                faces = collections.setdefault(collection, {}).setdefault(subject, [])
                faces.append(array("f", map(float, text[1:-1].split(","))))
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()
        raise AccuracyUnknown(
            f"The gallery cannot be read: {reason[0] if reason else type(error).__name__}.",
            remedy="See `bigbrother status` and `bigbrother logs bigbrother-db`.",
        ) from error
    if not collections:
        return None
    groups = tuple(collections.values())
    faces_count = sum(len(faces) for group in groups for faces in group.values())
    note = sentence(
        "Source: the gallery itself, {count} examples of {people} subjects with several.",
        count=faces_count,
        people=sum(map(len, groups)),
    )
    return Labelled(groups, (note,))


def _statements() -> dict[str, LiteralString]:
    package = resources.files("bigbrother.operations.checks.accuracy")
    _, *parts = _NAME.split(package.joinpath("gallery.sql").read_text("utf-8"))
    # The text is the package's own, so it is as literal as a string in the code.
    texts = (cast("LiteralString", body.strip().removesuffix(";")) for body in parts[1::2])
    return dict(zip(parts[::2], texts, strict=True))
