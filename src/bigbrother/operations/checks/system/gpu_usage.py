"""How busy the GPUs are."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "gpu_usage"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(runbook.daily_checks.system.gpu_usage)


def look(observed: Observed) -> tuple[Result, ...]:
    """Each GPU; skipped where there is none, which is not the same as passed."""
    bounds = limits_of(observed.runbook)
    gpus = observed.host.gpus()
    if not gpus:
        return (
            Result(
                NAME,
                Status.SKIPPED,
                threshold=bounds.threshold(Status.SKIPPED),
                evidence=(sentence("This machine has no GPU, or no driver for it."),),
                limits=bounds,
            ),
        )
    return tuple(
        measured(
            NAME,
            gpu.busy_ratio,
            "ratio",
            bounds,
            target=f"{number} {gpu.name}",
            evidence=(
                sentence(
                    "{gpu} is {busy} busy, its memory {memory} full.",
                    gpu=gpu.name,
                    busy=Figure(gpu.busy_ratio, "ratio"),
                    memory=Figure(gpu.memory_used_ratio, "ratio"),
                ),
            ),
            remedy=sentence("See with `nvidia-smi` who uses it; lower the load or add a GPU."),
        )
        for number, gpu in enumerate(gpus)
    )
