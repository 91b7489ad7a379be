"""What a diagnosis saw of each fault, and of none: as its probes say it, cut to what matters."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result

OK, WARN, BAD, UNKNOWN = Status.PASSED, Status.WARNING, Status.FAILED, Status.UNKNOWN
DB, FACE, WORKER = "bigbrother-db", "bigbrother-face", "bigbrother-worker"


def seen(
    check: str,
    status: Status,
    value: float | None = None,
    target: str = "",
    figures: dict[str, float] | None = None,
) -> Result:
    """One result."""
    return Result(
        check, status, value, target=target, evidence=(f"{check} said so.",), figures=figures or {}
    )


WELL: tuple[Result, ...] = (
    seen("network_latency", OK, 0.001, DB),
    seen("port_taken", OK, None, FACE),
    seen("cpu_usage", OK, 0.2),
    seen("memory_usage", OK, 0.4),
    seen("disk_space", OK, 0.3, "/"),
    seen("gpu_usage", Status.SKIPPED),
    seen("inodes", OK, 0.1, "/"),
    seen("oom_kills", OK, 0, "machine"),
    seen("clock_skew", OK, 0.001, DB),
    seen("certificates", Status.SKIPPED),
    *(seen("services_status", OK, None, unit) for unit in (DB, FACE, WORKER)),
    *(seen("unit_restarts", OK, 0, unit) for unit in (DB, FACE, WORKER)),
    *(seen("hung_units", OK, 0.01, unit) for unit in (DB, FACE, WORKER)),
    seen("error_rate", OK, 0),
    seen("response_time", OK, 0.05),
    seen("queue_size", OK, 0),
    seen("database_answers", OK, 0.002, DB),
    seen("locks", OK, 0, DB),
    seen("slow_queries", OK, 0, DB),
    seen("indexes", OK, 0),
    seen("model_files", OK, None, "detector.onnx"),
    seen("model_version", OK, None, FACE),
    seen("golden_inference", OK, 1.0, FACE),
    seen("inference_time", OK, 0.03),
    seen("batch_success", OK, 1.0),
    seen("model_accuracy", OK, 0.99, figures={"false_match_ratio": 0.001}),
    seen("queue_age", OK, 0, WORKER),
    seen("workers", OK, 1, WORKER),
    seen("poison_images", OK, 0, WORKER),
)
"""Nothing is wrong."""

_NEEDS_DATABASE = ("locks", "slow_queries", "indexes", "queue_age", "workers", "poison_images")

FAULTS: dict[str, tuple[Result, ...]] = {
    "high_latency": (
        seen("response_time", BAD, 1.2),
        seen("cpu_usage", BAD, 0.99),
        seen("inference_time", WARN, 0.3),
    ),
    "model_degradation": (seen("model_accuracy", BAD, 0.7, figures={"false_match_ratio": 0.2}),),
    "database_down": (
        seen("database_answers", BAD, None, DB),
        seen("network_latency", BAD, None, DB),
        seen("services_status", BAD, None, DB),
        seen("services_status", BAD, None, FACE),
        *(seen(check, UNKNOWN) for check in _NEEDS_DATABASE),
        seen("error_rate", BAD, 0.5),
        seen("golden_inference", UNKNOWN, None, FACE),
    ),
    "disk_full": (
        seen("disk_space", BAD, 0.999, "/data"),
        seen("database_answers", BAD, None, DB),
        seen("services_status", BAD, None, DB),
        *(seen(check, UNKNOWN) for check in _NEEDS_DATABASE),
    ),
    "queue_stuck": (
        seen("queue_age", BAD, 120, WORKER),
        seen("workers", BAD, 0, WORKER),
        seen("services_status", BAD, None, WORKER),
    ),
    "service_down": (
        seen("hung_units", BAD, None, FACE),
        seen("services_status", BAD, None, FACE),
        seen("golden_inference", UNKNOWN, None, FACE),
        seen("error_rate", BAD, 0.2),
    ),
    "corrupt_model": (
        seen("model_files", BAD, None, "embedder.onnx"),
        seen("golden_inference", BAD, None, FACE),
        seen("services_status", BAD, None, FACE),
        seen("unit_restarts", BAD, 9, FACE),
    ),
    "certificate_expiring": (seen("certificates", WARN, 5 * 86_400, "/etc/x.pem"),),
    "clock_skew": (
        seen("clock_skew", BAD, 10, DB),
        seen("workers", BAD, 0, WORKER),
        seen("queue_age", WARN, 300, WORKER),
    ),
    "memory_exhausted": (
        seen("memory_usage", BAD, 0.98),
        seen("response_time", WARN, 0.3),
        seen("inference_time", WARN, 0.2),
    ),
    "port_taken": (
        seen("port_taken", BAD, None, FACE),
        seen("services_status", BAD, None, FACE),
        seen("unit_restarts", BAD, 7, FACE),
        seen("golden_inference", UNKNOWN, None, FACE),
    ),
    "poison_batch": (
        seen("poison_images", BAD, 1, WORKER),
        seen("unit_restarts", BAD, 4, WORKER),
        seen("batch_success", WARN, 0.9),
        seen("workers", BAD, 0, WORKER),
    ),
}
"""What differs from WELL while the fault of that name is there."""


def with_faults(*names: str) -> tuple[Result, ...]:
    """What is seen while these faults are there together; the worse result of a thing wins."""
    order = [Status.SKIPPED, Status.PASSED, Status.WARNING, Status.UNKNOWN, Status.FAILED]
    found = {(result.check, result.target): result for result in WELL}
    for name in names:
        for result in FAULTS[name]:
            for key in [key for key in found if key[0] == result.check and not result.target]:
                del found[key]
            key = (result.check, result.target)
            known = found.get(key)
            if known is None or order.index(result.status) >= order.index(known.status):
                found[key] = result
    return tuple(found.values())
