"""How long work has waited of which nobody does anything."""

from datetime import datetime

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import row
from bigbrother.operations.diagnostics.destinations import WORKER
from bigbrother.operations.diagnostics.scene import Scene

NAME = "queue_age"
_STATEMENT = """
SELECT min(b.created_at) AS oldest,
       coalesce(sum(b.items - b.succeeded - b.failed - b.cancelled - b.erased), 0)::bigint AS items,
       (SELECT max(i.done_at) FROM public.batch_item i WHERE i.done_at IS NOT NULL) AS progress
FROM public.batch b WHERE b.state = 'running'
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """Seconds since the oldest waiting work came, or since any image ended last; 0 without work.

    A large batch that is worked through waits long, and is not stuck.
    """
    found = row(scene, _STATEMENT)
    now, oldest, progress = scene.clock.now(), found["oldest"], found["progress"]
    waits = 0.0 if oldest is None else _age(now, max(oldest, progress or oldest))
    if oldest is None:
        seen = sentence("No image waits.")
    else:
        seen = sentence(
            "{images} images wait, the oldest for {oldest}; the last one ended {progress} ago.",
            images=Figure(found["items"], "count"),
            oldest=Figure(_age(now, oldest), "seconds"),
            progress=Figure(_age(now, progress or oldest), "seconds"),
        )
    return (
        measured(
            NAME,
            waits,
            "seconds",
            limits_of(scene.runbook.diagnostics.limits.queue_age),
            target=WORKER,
            evidence=(seen,),
            remedy=sentence(
                "See whether a worker lives, and bring it back: bigbrother run "
                "service_recovery.{unit}.",
                unit=WORKER,
            ),
        ),
    )


def _age(now: datetime, since: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
