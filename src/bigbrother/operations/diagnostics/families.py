"""Which processes are ours: each unit's own and those that it began."""

from collections.abc import Iterable, Mapping

from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.machine import Process
from bigbrother.ports.service_manager import ServiceManagerUnavailable


def main_processes(scene: Scene) -> dict[str, int]:
    """The process of every unit that runs; none where nobody knows."""
    try:
        return {each.unit: each.process_id for each in scene.manager.processes()}
    except ServiceManagerUnavailable:
        return {}


def families(scene: Scene) -> dict[str, frozenset[int]]:
    """Every unit that runs, with its process and all below it."""
    return families_in(scene.machine.processes(0), main_processes(scene))


def families_in(
    processes: Iterable[Process], units: Mapping[str, int]
) -> dict[str, frozenset[int]]:
    """The same among processes that were read already."""
    children: dict[int, list[int]] = {}
    for process in processes:
        children.setdefault(process.parent_id, []).append(process.process_id)
    return {unit: frozenset(_below(root, children)) for unit, root in units.items()}


def _below(root: int, children: Mapping[int, list[int]]) -> set[int]:
    found, waiting = set[int](), [root]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children.get(one, ())
    return found
