"""No room is left on a file system that holds data of ours."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "disk_full",
    why="Without room nothing can be written.",
    # Room is a figure of the kernel: there is nothing to doubt about it.
    symptoms={"disk_space": 0.85, "inodes": 0.85, "increasing disk_space": 0.1},
    signs=(
        Sign(
            "disk_space",
            Shows.FAILED,
            0.3,
            "A disk beyond its limit fills up soon.",
        ),
        Sign(
            "database_growth",
            Shows.BEYOND,
            0.2,
            "At this growth the room is soon used up.",
        ),
    ),
    against=(Sign("disk_space", Shows.PASSED, 0.5, "There is room."),),
    # PostgreSQL stops when it cannot write, units cannot log, and all that needs them follows.
    explains=(
        "database_answers",
        "services_status",
        "hung_units",
        "unit_restarts",
        "log_errors",
        "integrity",
        "error_rate",
        "batch_success",
        "response_time",
        "queue_size",
        "queue_age",
        "workers",
        "golden_inference",
        "inference_time",
    ),
)
