"""A process takes memory until the document's figure is passed: the figure is lowered to now."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import psutil

from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.runbook.symptoms import parse_symptom
from tests.faults.fault import CannotInject, View
from tests.faults.place import FaultPlace

_LARGEST_BYTES = 1_500_000_000
_BALLOON = """
import sys
held = bytearray(int(sys.argv[1]))
for at in range(0, len(held), 4096):
    held[at] = 1
print("full", flush=True)
sys.stdin.read()
"""


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """The balloon is a tenth of what is free at most, so that nobody else suffers."""
    free_bytes = psutil.virtual_memory().available
    balloon_bytes = int(min(_LARGEST_BYTES, free_bytes / 10) * chance.uniform(0.7, 1))
    if balloon_bytes < 100_000_000:
        raise CannotInject("too little memory is free for a balloon")
    before = place.scene().host.memory()
    command = (sys.executable, "-c", _BALLOON, str(balloon_bytes))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as balloon:
        try:
            assert balloon.stdout is not None
            assert balloon.stdout.readline() == "full\n"
            figure = (before.used_bytes + balloon_bytes / 3) / before.total_bytes
            yield lambda scene: _lowered(scene, 100 * figure)
        finally:
            balloon.kill()


def _lowered(scene: Scene, percent: float) -> Scene:
    issues = dict(scene.runbook.common_issues)
    issue = issues["memory_exhausted"]
    used, *others = issue.symptoms
    assert used.check == "memory_usage"
    lowered = (parse_symptom(f"memory usage > {percent:.4f}%"), *others)
    issues["memory_exhausted"] = issue.model_copy(update={"symptoms": lowered})
    return replace(scene, runbook=scene.runbook.model_copy(update={"common_issues": issues}))
