"""One round: a fault is put in, diagnosed, and taken out."""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random

from tests.faults.catalogue import FAULTS
from tests.faults.fault import CannotInject
from tests.faults.place import FaultPlace

from bigbrother.kernel.status import Status
from bigbrother.models.samples import sample_photo
from bigbrother.operations.diagnostics.records import Diagnosis

_FIRST = 3


@dataclass(frozen=True)
class Round:
    """How one went."""

    right: bool
    seconds: float
    """Of the diagnosis."""
    left_out: str = ""
    """Why the fault could not be put in."""


def single(place: FaultPlace, name: str, seed: int) -> Round:
    """One fault: its cause comes first."""
    return _round(place, (name,), seed, 1)


def compound(place: FaultPlace, names: Sequence[str], seed: int) -> Round:
    """Two at once: both causes are among the first three."""
    return _round(place, names, seed, _FIRST)


def without(place: FaultPlace, seed: int) -> Round:
    """No fault, and what happens on a good day: nothing, a few requests, or a batch."""
    chance = Random(seed)  # noqa: S311 - a seed, not a secret
    batch_id = ""
    day = chance.choice(("nothing", "requests", "batch"))
    if day == "requests":
        place.analyze(chance.randint(1, 40))
    elif day == "batch":
        batch_id = place.submit([sample_photo()] * chance.randint(1, 20))
    found = place.diagnosis()
    if batch_id:
        place.forget_batch(batch_id)
    right = not found.causes
    _tell(f"no fault, {day}", seed, right, 0.0, found)
    return Round(right, found.seconds)


def _round(place: FaultPlace, names: Sequence[str], seed: int, most: int) -> Round:
    chance = Random(seed)  # noqa: S311 - a seed, not a secret
    began = time.perf_counter()
    try:
        with place.settling(), ExitStack() as faults:
            # What needs everything else to work comes first.
            views = [
                faults.enter_context(FAULTS[name](place, chance))
                for name in sorted(names, key=_ORDER.index)
            ]
            scene = place.scene()
            for view in views:
                scene = view(scene)
            found = place.diagnosis(scene)
    except CannotInject as reason:
        return Round(False, 0.0, str(reason))
    right = {*names} <= {cause.name for cause in found.causes[:most]}
    _tell(" + ".join(names), seed, right, time.perf_counter() - began, found)
    return Round(right, found.seconds)


_ORDER = (
    "model_degradation",
    "poison_batch",
    "queue_stuck",
    "high_latency",
    "certificate_expiring",
    "clock_skew",
    "memory_exhausted",
    "corrupt_model",
    "disk_full",
    "port_taken",
    "service_down",
    "database_down",
)


def _tell(what: str, seed: int, right: bool, seconds: float, found: Diagnosis) -> None:
    named = ", ".join(f"{cause.name} {cause.likelihood:.2f}" for cause in found.causes) or "none"
    verdict = "right" if right else "MISSED"
    print(f"{verdict}: {what} (seed {seed}, {seconds:.1f} s): {named}", file=sys.stderr, flush=True)
    if right:
        return
    for cause in found.causes:
        for reason in cause.reasons:
            print(f"    for {cause.name}: {reason}", file=sys.stderr)
    for result in found.results:
        if result.status in (Status.WARNING, Status.FAILED, Status.UNKNOWN):
            said = " ".join(result.evidence)
            print(
                f"    {result.check} {result.target} {result.status}: {said}",
                file=sys.stderr,
                flush=True,
            )
