"""Images at which workers die."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.database import Row, rows
from bigbrother.operations.diagnostics.destinations import WORKER
from bigbrother.operations.diagnostics.scene import Scene

NAME = "poison_images"
# A name in a batch is sealed; batch and number say enough to find it again.
_STATEMENT = """
SELECT i.batch_id, i.number, i.state, i.deaths
FROM public.batch_item i
JOIN public.batch b ON b.id = i.batch_id
WHERE i.deaths > 0
  AND ((i.state = 'pending' AND b.state = 'running') OR i.done_at > %(since)s)
  AND i.state IN ('pending', 'failed')
ORDER BY i.deaths DESC, i.batch_id, i.number
LIMIT 1000
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """Those that wait for another try, and those that were given up lately."""
    looks = scene.runbook.diagnostics.looks
    found = rows(scene, _STATEMENT, {"since": scene.clock.now() - looks.lately.duration})
    if not found:
        none = sentence("No worker died at an image lately.")
        return (Result(NAME, Status.PASSED, 0.0, "count", target=WORKER, evidence=(none,)),)
    pending = any(each["state"] == "pending" for each in found)
    return (
        Result(
            NAME,
            # Given up it does no more harm.
            Status.FAILED if pending else Status.WARNING,
            float(len(found)),
            "count",
            target=WORKER,
            evidence=tuple(_image(each) for each in found[: looks.named]),
            remedy=sentence(
                "Each is given up after {deaths} deaths, alone; or end it now: bigbrother batch "
                "cancel {batch}.",
                deaths=scene.runbook.batch.deaths,
                batch=str(found[0]["batch_id"]),
            ),
        ),
    )


def _image(found: Row) -> str:
    return sentence(
        "Image {number} of batch {batch}: {deaths} deaths, {state}.",
        number=str(found["number"]),
        batch=str(found["batch_id"]),
        deaths=Figure(found["deaths"], "count"),
        state=sentence(str(found["state"])),
    )
