"""An image of a batch kills the workers that look at it."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

_UNIT = "bigbrother-worker"
SUSPECT = Suspect(
    "poison_batch",
    why="Workers died while they looked at one and the same image.",
    # Deaths are counted with the image at which they happened.
    symptoms={"poison_images": 0.85, "batch_success": 0.15},
    signs=(
        Sign("unit_restarts", Shows.BEYOND, 0.3, "The worker dies again and again.", _UNIT),
        Sign("services_status", Shows.FAILED, 0.1, "The worker does not run.", _UNIT),
    ),
    against=(Sign("poison_images", Shows.PASSED, 0.6, "No image is known to kill."),),
    explains=(
        "unit_restarts/bigbrother-worker",
        "services_status/bigbrother-worker",
        "hung_units/bigbrother-worker",
        "workers",
        "queue_age",
        "queue_size",
        "batch_success",
        "log_errors",
    ),
)
