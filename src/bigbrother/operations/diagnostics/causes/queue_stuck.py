"""Work waits and nobody takes any."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

_UNIT = "bigbrother-worker"
SUSPECT = Suspect(
    "queue_stuck",
    why="Batches do not go on.",
    # Waiting while none is taken is the thing itself; a queue that grows may only be busy.
    symptoms={"queue_age": 0.6, "workers": 0.5, "increasing queue_size": 0.2},
    # Nobody else takes work: a worker that does not run is a queue that stands.
    signs=(
        Sign("queue_age", Shows.BEYOND, 0.4, "Work has waited long, and nobody took any."),
        Sign("hung_units", Shows.FAILED, 0.6, "The worker's process stands still.", _UNIT),
        Sign("services_status", Shows.FAILED, 0.55, "The worker does not run.", _UNIT),
        Sign("queue_size", Shows.BEYOND, 0.2, "More waits than on a good day."),
    ),
    against=(Sign("workers", Shows.PASSED, 0.2, "A worker lives."),),
    explains=("queue_size", "batch_success"),
)
