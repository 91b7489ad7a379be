"""This machine's clock and another's do not agree."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "clock_skew",
    why="Two clocks differ, so ages and expiries are wrong.",
    # The difference is measured; only a slow answer could feign a little of it.
    symptoms={"clock_skew": 0.9},
    signs=(
        Sign(
            "clock_skew",
            Shows.FAILED,
            0.3,
            "The clocks differ by more than the limit.",
        ),
    ),
    # Heartbeats look old, waiting looks long, and certificates look expired.
    explains=("workers", "queue_age", "certificates"),
)
