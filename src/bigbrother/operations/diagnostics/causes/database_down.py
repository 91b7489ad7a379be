"""The database takes no connections, or does not answer on them."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

_UNIT = "bigbrother-db"
SUSPECT = Suspect(
    "database_down",
    why="Nothing is recognised without the database.",
    # Who was refused knows it; units and errors fail for other reasons too.
    symptoms={"database_answers": 0.88, "services_status": 0.1, "error_rate": 0.1},
    signs=(
        Sign("services_status", Shows.FAILED, 0.5, "The database's unit does not run.", _UNIT),
        Sign("hung_units", Shows.FAILED, 0.5, "The database's process stands still.", _UNIT),
        Sign("unit_restarts", Shows.BEYOND, 0.2, "The database dies again and again.", _UNIT),
        Sign(
            "network_latency",
            Shows.BROKEN,
            0.2,
            "Nothing answers at the database's address.",
            _UNIT,
        ),
    ),
    against=(Sign("database_answers", Shows.PASSED, 0.9, "The database answers."),),
    # A worker waits for a database that is away: one that does not run has a reason of its own.
    explains=(
        "services_status/bigbrother-db",
        "services_status/bigbrother-face",
        "hung_units/bigbrother-db",
        "hung_units/bigbrother-face",
        "golden_inference",
        "error_rate",
        "response_time",
        "queue_size",
        "queue_age",
        "workers",
        "batch_success",
        "inference_time",
        "log_errors",
    ),
)
