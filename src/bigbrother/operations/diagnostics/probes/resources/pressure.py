"""How much work waits for processors, memory and disks, as the kernel measures it (PSI)."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.machine import Pressure

NAME = "pressure"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each of the three; skipped where the kernel does not measure it."""
    found = scene.machine.pressure()
    if not found:
        nothing = sentence("This kernel does not measure pressure.")
        return (Result(NAME, Status.SKIPPED, evidence=(nothing,)),)
    return tuple(_one(scene, each) for each in found)


def _one(scene: Scene, pressure: Pressure) -> Result:
    # Where some wait for a processor others have it; waiting for the rest nobody works.
    ratio = pressure.some_ratio if pressure.what == "cpu" else pressure.full_ratio
    return measured(
        NAME,
        ratio,
        "ratio",
        limits_of(scene.runbook.diagnostics.limits.pressure),
        target=pressure.what,
        evidence=(
            sentence(
                "Of the last 10 s some work waited for {what} in {some}, and all of it in {full}.",
                what=sentence(pressure.what),
                some=Figure(pressure.some_ratio, "ratio"),
                full=Figure(pressure.full_ratio, "ratio"),
            ),
        ),
        remedy=sentence("See who takes it: bigbrother diagnose, top_users."),
    )
