"""Who takes the processors and the memory, beside our own units."""

import os
from collections.abc import Callable

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.families import families_in, main_processes
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.machine import Process
from bigbrother.runbook.sections.diagnosis import Bounds

NAME = "top_users"


def look(scene: Scene) -> tuple[Result, ...]:
    """The greatest stranger at each; the evidence names ours, too."""
    diagnostics = scene.runbook.diagnostics
    processes = scene.machine.processes(diagnostics.looks.busy_for.value)
    units = families_in(processes, main_processes(scene))
    owner = {process_id: unit for unit, family in units.items() for process_id in family}
    # Whoever looks takes something, too, and is gone when it matters.
    owner.setdefault(os.getpid(), sentence("this diagnosis"))
    total_bytes = scene.host.memory().total_bytes
    return (
        _users(
            scene,
            "cpu",
            processes,
            owner,
            lambda each: each.cpu_ratio,
            diagnostics.limits.stranger_cpu,
        ),
        _users(
            scene,
            "memory",
            processes,
            owner,
            lambda each: each.memory_bytes / total_bytes,
            diagnostics.limits.stranger_memory,
        ),
    )


def _users(
    scene: Scene,
    what: str,
    processes: tuple[Process, ...],
    owner: dict[int, str],
    share: Callable[[Process], float],
    bounds: Bounds,
) -> Result:
    ranked = sorted(processes, key=share, reverse=True)
    strangers = [share(each) for each in ranked if each.process_id not in owner]
    named = ranked[: scene.runbook.diagnostics.looks.named]
    return measured(
        NAME,
        max(strangers, default=0.0),
        "ratio",
        limits_of(bounds),
        target=what,
        evidence=tuple(_named(each, owner, share(each)) for each in named),
        remedy=sentence(
            "See whether what takes so much must run here, and now: end it, or give it less."
        ),
    )


def _named(process: Process, owner: dict[int, str], share: float) -> str:
    unit = owner.get(process.process_id)
    return sentence(
        "{name} (process {id}, {whose}): {share}.",
        name=process.name,
        id=str(process.process_id),
        whose=unit or sentence("not ours"),
        share=Figure(share, "ratio"),
    )
