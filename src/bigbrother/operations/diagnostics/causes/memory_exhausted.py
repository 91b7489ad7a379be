"""The machine, or a unit's share of it, has no memory left."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "memory_exhausted",
    why="Without memory units are killed, or wait for it.",
    # A kill says that it happened; a high figure alone may be a full machine that copes.
    symptoms={"memory_usage": 0.7, "oom_kills": 0.7},
    signs=(
        Sign(
            "memory_usage",
            Shows.FAILED,
            0.3,
            "Memory is used beyond its limit.",
        ),
        Sign(
            "pressure",
            Shows.BEYOND,
            0.4,
            "Processes stand still because they wait for memory.",
            target="memory",
        ),
        Sign(
            "top_users",
            Shows.BEYOND,
            0.2,
            "A process that is not ours takes much memory.",
            target="memory",
        ),
        Sign("unit_restarts", Shows.BEYOND, 0.15, "A unit that is killed for memory starts anew."),
    ),
    explains=(
        "unit_restarts",
        "services_status",
        "hung_units",
        "workers",
        "response_time",
        "inference_time",
        "error_rate",
        "pressure/io",
    ),
)
