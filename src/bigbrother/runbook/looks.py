"""Where to look: the phrases of section 3.1, and the checks and probes that they stand for."""

from collections.abc import Mapping

LOOKS: Mapping[str, tuple[str, ...]] = {
    # Of the source
    "verify system resources": (
        "cpu_usage",
        "memory_usage",
        "disk_space",
        "pressure",
        "top_users",
        "open_files",
    ),
    "check network latency": ("network_latency", "dns", "route"),
    "analyze DB performance": (
        "database_answers",
        "connections",
        "locks",
        "slow_queries",
        "cache_hits",
        "indexes",
        "bloat",
    ),
    "verify model version": ("model_files", "model_version"),
    "check input data": ("model_accuracy", "batch_success", "poison_images"),
    "analyze GPU usage": ("gpu_usage", "execution_provider"),
    # Of the issues beside it
    "verify services": ("services_status", "hung_units", "unit_restarts"),
    "check service logs": ("log_errors",),
    "check database connection": ("database_answers", "connections"),
    "check disk space": ("disk_space", "inodes", "database_growth"),
    "check waiting work": ("queue_size", "queue_age", "workers"),
    "check inference": ("golden_inference", "inference_time"),
    "check certificates": ("certificates",),
    "compare clocks": ("clock_skew",),
    "check memory": ("memory_usage", "oom_kills", "top_users", "pressure"),
    "check ports": ("port_taken",),
    "check batch images": ("poison_images", "batch_success"),
}
"""By the phrase; the order is that in which a person would look."""


GROUP_LOOKS: tuple[str, ...] = (
    "check_network",
    "check_resources",
    "check_services",
    "check_database",
    "check_models",
)
"""What section 3.2 lets a diagnosis look at, by the source's own names."""


def known_looks() -> frozenset[str]:
    """What an issue may name: a phrase, or one check or probe by its own name."""
    return frozenset(LOOKS).union(*LOOKS.values())


def checks_of(phrase: str) -> tuple[str, ...]:
    """The checks and probes behind a phrase; a check's own name stands for itself."""
    return LOOKS.get(phrase, (phrase,))
