"""How many descriptors our units and the machine have left."""

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.families import families
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.machine import OpenFiles

NAME = "open_files"
SYSTEM = "system"


def look(scene: Scene) -> tuple[Result, ...]:
    """The machine, and of each unit the process that is nearest to its limit."""
    results = [_judged(scene, SYSTEM, scene.machine.system_files())]
    for unit, family in families(scene).items():
        found = [scene.machine.open_files(process_id) for process_id in family]
        readable = [each for each in found if each is not None]
        if readable:
            fullest = max(readable, key=lambda each: each.used / each.most)
            results.append(_judged(scene, unit, fullest))
    return tuple(results)


def _judged(scene: Scene, target: str, files: OpenFiles) -> Result:
    return measured(
        NAME,
        files.used / files.most,
        "ratio",
        limits_of(scene.runbook.diagnostics.limits.open_files),
        target=target,
        evidence=(
            sentence(
                "{used} of {most} files and connections are open.",
                used=Figure(files.used, "count"),
                most=Figure(files.most, "count"),
            ),
        ),
        remedy=sentence(
            "See what holds them open: ls -l /proc/<process>/fd; raise the limit (ulimit -n), or "
            "restart the unit."
        ),
    )
