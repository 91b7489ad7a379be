"""The units, and what each needs from the others."""

from bigbrother.operations.procedures.action import ActionServices
from bigbrother.ports.service_manager import UnitStatus, UnitUnknown
from bigbrother.runbook.validation.mistake import nearest

DATABASE = "bigbrother-db"
FACE = "bigbrother-face"
WORKER = "bigbrother-worker"
OPS = "bigbrother-ops"

_NEEDS = {FACE: (DATABASE,), WORKER: (DATABASE,)}


def needs(unit: str) -> tuple[str, ...]:
    """The units without which it cannot work, in the order in which they are mended."""
    return _NEEDS.get(unit, ())


def managed(services: ActionServices, unit: str) -> bool:
    """Whether our manager runs it: a database of the operator's own is nobody's unit here."""
    return any(status.name == unit for status in services.manager.status())


def status_of(services: ActionServices, unit: str) -> UnitStatus:
    """What the manager says of it; raises UnitUnknown with the nearest right name."""
    units = services.manager.status()
    for status in units:
        if status.name == unit:
            return status
    raise UnitUnknown(
        f"There is no unit '{unit}'.", remedy=nearest(unit, [status.name for status in units])
    )


def port_of(services: ActionServices, unit: str) -> int | None:
    """The TCP port on which it listens, if it does."""
    return {FACE: services.settings.port, OPS: services.settings.watcher_port}.get(unit)
