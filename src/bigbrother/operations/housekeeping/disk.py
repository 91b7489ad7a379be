"""Steps measure_disk and verify_disk: how full our disks are, before and after, and with what."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.system.disk_space import folders, looked_at
from bigbrother.operations.housekeeping.said import share, size
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome, StepFailed

_MEASURE = "measure_disk"
_NAMED = 5
_BLOCK_BYTES = 512


def too_full(services: ActionServices, places: Sequence[Path]) -> tuple[Result, ...]:
    """What the check of the disks says of those that hold these places, where it is not passed."""
    results = looked_at(services.host, services.runbook, places)
    return tuple(result for result in results if result.status is not Status.PASSED)


def _used(services: ActionServices) -> dict[str, int]:
    """Bytes used, by mount."""
    mounts = services.host.mounts(folders(services.settings))
    return {str(mount.point): mount.used_bytes for mount in mounts}


def _measure(context: StepContext, _: Arguments) -> Outcome:
    used: dict[str, JsonValue] = {**_used(context.services)}
    return Outcome(_plan(context, _), {"used_bytes": used})


def _plan(context: StepContext, _: Arguments) -> str:
    results = looked_at(
        context.services.host, context.services.runbook, folders(context.services.settings)
    )
    return " ".join(str(result.evidence[0]) for result in results)


def _verify(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    after = _used(services)
    freed_bytes = sum(_before(context).get(point, used) - used for point, used in after.items())
    # Others write and delete meanwhile: it is not all this run's doing.
    told = f"{size(max(0, freed_bytes))} more are free than at the beginning."
    context.journal.say(told)
    full = too_full(services, folders(services.settings))
    if full:
        raise StepFailed(
            f"{told} {' '.join(str(result.evidence[0]) for result in full)} What takes most room: "
            f"{_largest(services)}.",
            remedy=full[0].remedy,
            again=False,
        )
    used: dict[str, JsonValue] = {**after}
    return Outcome(told, {"used_bytes": used, "freed_bytes": freed_bytes})


def _before(context: StepContext) -> Mapping[str, int]:
    earlier = context.earlier.get(_MEASURE)
    used = None if earlier is None else earlier.data.get("used_bytes")
    if not isinstance(used, Mapping):
        return {}
    return {point: count for point, count in used.items() if isinstance(count, int)}


def _largest(services: ActionServices) -> str:
    places = dict.fromkeys(folders(services.settings)[1:])
    sizes = {place: _occupied_bytes(place, set(places) - {place}) for place in places}
    total = sum(sizes.values()) or 1
    named = sorted(sizes.items(), key=lambda item: item[1], reverse=True)[:_NAMED]
    return ", ".join(f"{place} {size(held)} ({share(held / total)})" for place, held in named)


def _occupied_bytes(folder: Path, others: set[Path]) -> int:
    """Of everything below it, without what is counted as a place of its own."""
    return sum(_blocks(folder, others)) * _BLOCK_BYTES


def _blocks(folder: Path, others: set[Path]) -> Iterator[int]:
    for here, below, names in os.walk(folder):
        below[:] = [name for name in below if Path(here, name) not in others]
        for name in names:
            try:
                yield Path(here, name).lstat().st_blocks
            except OSError:
                # It is gone meanwhile.
                continue


MEASURE_DISK = Action(_MEASURE, Arguments, _measure, _plan, idempotent=True, changes=False)
VERIFY_DISK = Action("verify_disk", Arguments, _verify, _plan, idempotent=True, changes=False)
