"""What `systemctl show` says of a unit, in the port's words."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from bigbrother.ports.service_manager import UnitState, UnitStatus

Properties = Mapping[str, str]
_NAMES = (
    *("Id", "LoadState", "ActiveState", "SubState", "Result", "Job", "MainPID"),
    *("StateChangeTimestamp", "NRestarts"),
)
SHOW = ("show", "--timestamp=us+utc", f"--property={','.join(_NAMES)}")
_TIME = "%a %Y-%m-%d %H:%M:%S.%f UTC"
_WELL = "success"


def parsed(text: str) -> Iterator[Properties]:
    """One mapping a unit, in the order in which they were asked for."""
    for block in text.strip().split("\n\n"):
        pairs = (line.partition("=") for line in block.splitlines())
        yield {name: value for name, _, value in pairs}


def unit_status(name: str, shown: Properties) -> UnitStatus:
    """One unit at one moment."""
    state = _state(shown)
    return UnitStatus(
        name=name,
        state=state,
        process_id=process_id(shown),
        since=_time(shown["StateChangeTimestamp"]),
        reason=_reason(state, shown),
    )


def process_id(shown: Properties) -> int | None:
    """The unit's main process; None while it has none."""
    return int(shown["MainPID"]) or None


def _state(shown: Properties) -> UnitState:
    match shown["ActiveState"]:
        case "active" | "reloading" | "refreshing":
            return UnitState.RUNNING
        case "activating":
            waits = shown["SubState"] == "auto-restart"
            return UnitState.RESTARTING if waits else UnitState.STARTING
        case "deactivating":
            # Nobody asked for its end: what is left of it is cleared away before it comes again.
            return UnitState.STOPPING if shown["Result"] == _WELL else UnitState.RESTARTING
        case "failed":
            return UnitState.FAILED
    # It may wait for those that are to be started before it.
    return UnitState.STARTING if shown["Job"] not in ("", "0") else UnitState.STOPPED


def _reason(state: UnitState, shown: Properties) -> str:
    if shown["LoadState"] not in ("loaded", ""):
        return (
            f"systemd has no such unit ({shown['LoadState']}). Run: "
            "bigbrother render systemd /etc/systemd/system && systemctl daemon-reload."
        )
    if state in (UnitState.RUNNING, UnitState.STARTING) or shown["Result"] == _WELL:
        return ""
    return f"systemd says: {shown['Result']}, restarted {shown['NRestarts']} times."


def _time(text: str) -> datetime | None:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC) if text else None
