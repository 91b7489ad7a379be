"""Takes the looks of a diagnosis side by side, all within one budget."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.checks.result import Result, unknown
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics.catalogue import chosen
from bigbrother.operations.diagnostics.records import Probe
from bigbrother.operations.diagnostics.scene import Scene

_log = logging.getLogger(__name__)
_FIRST_SHARE = 0.25
"""Of the budget: those that come first must not take it from the others when they hang."""
Told = Callable[[str], None]
_Answer = tuple[str, tuple[Result, ...]]


def diagnose(
    scene: Scene,
    within_seconds: float,
    probes: Sequence[Probe] | None = None,
    told: Told = lambda _: None,
) -> tuple[Result, ...]:
    """What every look found, in the catalogue's order; `told` hears each name as it comes back.

    Without `probes` those that the document names. What is not back within the time is unknown,
    and left to itself: its thread keeps neither the caller nor the process's end waiting.
    """
    asked = chosen(scene.runbook) if probes is None else tuple(probes)
    began = scene.clock.monotonic_seconds()
    found: dict[str, tuple[Result, ...]] = {}
    for first, share in ((True, _FIRST_SHARE), (False, 1.0)):
        group = [probe for probe in asked if probe.first is first]
        found |= _side_by_side(scene, group, began + share * within_seconds, told)
    return tuple(
        result
        for probe in asked
        for result in found.get(probe.name) or _cut(probe, scene, within_seconds)
    )


def _side_by_side(
    scene: Scene, probes: Sequence[Probe], deadline: float, told: Told
) -> dict[str, tuple[Result, ...]]:
    answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
    for probe in probes:
        # Not joined at the process's end: it may hang for ever.
        threading.Thread(
            target=_look, args=(probe, scene, answers), name=f"probe-{probe.name}", daemon=True
        ).start()
    found: dict[str, tuple[Result, ...]] = {}
    while len(found) < len(probes):
        try:
            left = max(0.0, deadline - scene.clock.monotonic_seconds())
            name, results = answers.get(timeout=left)
        except queue.Empty:
            break
        found[name] = results
        told(name)
    return found


def _look(probe: Probe, scene: Scene, answers: "queue.SimpleQueue[_Answer]") -> None:
    try:
        results = probe.look(scene)
    except BigBrotherError as error:
        text = sentence("It could not be looked at: {reason}", reason=error.detail)
        results = (unknown(probe.name, None, text, remedy=error.remedy),)
    except Exception as error:  # noqa: BLE001 - the others go on
        _log.exception("probe broke", extra={"probe": probe.name})
        text = sentence("The check itself broke: {reason}", reason=type(error).__name__)
        remedy = sentence("Report it: it is an error of the product.")
        results = (unknown(probe.name, None, text, remedy=remedy),)
    answers.put((probe.name, results))


def _cut(probe: Probe, scene: Scene, within_seconds: float) -> tuple[Result, ...]:
    _log.info("probe was cut", extra={"probe": probe.name, "at": scene.clock.now().isoformat()})
    text = sentence(
        "It did not come back within {within}, and was cut.", within=f"{within_seconds:g} s"
    )
    return (unknown(probe.name, None, text),)
