"""How often the database finds in memory what it needs."""

from dataclasses import replace

from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import UNIT, row
from bigbrother.operations.diagnostics.scene import Scene

NAME = "cache_hits"
_STATEMENT = """
SELECT blks_hit AS hits, blks_read AS reads, current_setting('shared_buffers') AS buffers
FROM pg_stat_database WHERE datname = current_database()
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """Since the database's figures were begun; unknown after few reads."""
    diagnostics = scene.runbook.diagnostics
    bounds = limits_of(diagnostics.limits.cache_hits)
    found = row(scene, _STATEMENT)
    total = found["hits"] + found["reads"]
    seen = sentence(
        "{hits} of {total} blocks were in memory; the cache has {buffers}.",
        hits=Figure(found["hits"], "count"),
        total=Figure(total, "count"),
        buffers=str(found["buffers"]),
    )
    if total < diagnostics.looks.least_reads:
        few = sentence(
            "A share needs {least} reads at least.",
            least=Figure(diagnostics.looks.least_reads, "count"),
        )
        return (replace(unknown(NAME, bounds, seen, few), target=UNIT),)
    return (
        measured(
            NAME,
            found["hits"] / total,
            "ratio",
            bounds,
            target=UNIT,
            evidence=(seen,),
            remedy=sentence("Give it more memory: bigbrother run solutions.increase_caching."),
        ),
    )
