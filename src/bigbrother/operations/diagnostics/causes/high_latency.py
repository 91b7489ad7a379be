"""Callers wait longer than on a good day."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "high_latency",
    why="Callers wait longer than on a good day.",
    # Waiting is the thing itself; a busy processor or a longer queue may be a busy day.
    symptoms={"response_time": 0.65, "increasing queue_size": 0.15, "cpu_usage": 0.2},
    signs=(
        Sign("locks", Shows.BEYOND, 0.55, "Statements wait for each other in the database."),
        Sign("slow_queries", Shows.BEYOND, 0.5, "A statement of the database takes very long."),
        Sign("connections", Shows.BEYOND, 0.35, "Few connections to the database are left."),
        Sign("indexes", Shows.FAILED, 0.3, "Without its index a search reads everything."),
        Sign("database_answers", Shows.DEGRADED, 0.35, "The database answers slowly."),
        Sign("network_latency", Shows.DEGRADED, 0.35, "The network is slow or loses packets."),
        Sign("inference_time", Shows.BEYOND, 0.2, "Each inference takes long."),
        Sign("response_time", Shows.BEYOND, 0.3, "Answers take longer than their limit."),
        Sign("pressure", Shows.BEYOND, 0.1, "Processes wait for a processor.", "cpu"),
        Sign("top_users", Shows.BEYOND, 0.1, "Another program takes the processor.", "cpu"),
        Sign("cache_hits", Shows.BEYOND, 0.1, "The database reads much from the disk."),
        Sign("bloat", Shows.BEYOND, 0.1, "Tables hold many dead rows."),
    ),
    # A busy machine, which may be a good day's work; callers who wait are another thing.
    one_thing=frozenset({"cpu_usage", "pressure", "top_users", "inference_time", "queue_size"}),
)
