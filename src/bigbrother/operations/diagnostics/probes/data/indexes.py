"""Whether every index is there, and is valid: without one searches read whole tables."""

from importlib import resources

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, Sentence, sentence
from bigbrother.operations.diagnostics.database import line
from bigbrother.operations.diagnostics.scene import Scene

NAME = "indexes"
_THERE = """
SELECT n.nspname || '.' || c.relname AS name, x.indisvalid AND x.indisready AS valid,
       t.relname AS of
FROM pg_index x
JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'queue')
"""
_EMBEDDINGS = """
SELECT t.relname AS of, count(*) FILTER (WHERE m.amname = 'hnsw') AS searched
FROM pg_class t
LEFT JOIN pg_index x ON x.indrelid = t.oid
LEFT JOIN pg_class c ON c.oid = x.indexrelid
LEFT JOIN pg_am m ON m.oid = c.relam
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
  AND t.relname ~ '^embedding_[0-9]+$'
GROUP BY t.relname
"""


def expected() -> frozenset[str]:
    """The indexes that the migrations make, as `schema.index`."""
    package = resources.files("bigbrother.operations.diagnostics.probes.data")
    lines = package.joinpath("indexes.txt").read_text("utf-8").splitlines()
    return frozenset(text for text in lines if text and not text.startswith("#"))


def look(scene: Scene) -> tuple[Result, ...]:
    """Each index that is missing or broken; one result when all is well."""
    with line(scene) as conn:
        there = conn.execute(_THERE).fetchall()
        embeddings = conn.execute(_EMBEDDINGS).fetchall()
    names = {str(each["name"]) for each in there}
    broken = [
        _bad(
            str(each["name"]),
            sentence("It is not valid: its making was broken off."),
            sentence("Make it anew: REINDEX INDEX CONCURRENTLY {index}.", index=str(each["name"])),
        )
        for each in there
        if not each["valid"]
    ]
    again = sentence("Make it anew: bigbrother run solutions.optimize_queries.")
    missing = [_bad(name, sentence("It is missing."), again) for name in sorted(expected() - names)]
    unsearched = [
        _bad(f"public.{each['of']}", sentence("It has no index to search embeddings by."), again)
        for each in embeddings
        if not each["searched"]
    ]
    if bad := (*broken, *missing, *unsearched):
        return bad
    well = sentence("All {count} indexes are there and valid.", count=Figure(len(names), "count"))
    return (Result(NAME, Status.PASSED, evidence=(well,)),)


def _bad(target: str, seen: Sentence, remedy: Sentence) -> Result:
    return Result(NAME, Status.FAILED, target=target, evidence=(seen,), remedy=remedy)
