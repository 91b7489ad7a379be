"""A unit hangs, or does not run, and it is not the database's fault."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

_FACE, _WORKER, _OPS = "bigbrother-face", "bigbrother-worker", "bigbrother-ops"
SUSPECT = Suspect(
    "service_down",
    why="A unit that hangs or is down does nothing for anybody.",
    # They name any unit; the signs name those that are not the database, which has its own cause.
    symptoms={"hung_units": 0.3, "services_status": 0.1},
    # A process that stands still is the thing itself; one that is down may be starting just now.
    signs=(
        Sign("hung_units", Shows.FAILED, 0.7, "The face analyzer answers nobody.", _FACE),
        Sign("hung_units", Shows.FAILED, 0.7, "The worker's process stands still.", _WORKER),
        Sign("hung_units", Shows.FAILED, 0.7, "The watcher answers nobody.", _OPS),
        Sign("services_status", Shows.FAILED, 0.55, "The face analyzer does not serve.", _FACE),
        Sign("services_status", Shows.FAILED, 0.45, "The worker does not run.", _WORKER),
    ),
    explains=(
        "hung_units/bigbrother-worker",
        "workers",
        "golden_inference",
        "network_latency/bigbrother-face",
        "error_rate",
        "response_time",
        "inference_time",
        "batch_success",
        "log_errors",
    ),
)
