"""How full the file systems are that hold data of ours."""

from collections.abc import Sequence
from pathlib import Path

from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.ports.host import Host, Mount
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

NAME = "disk_space"


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(
        runbook.daily_checks.system.disk_space,
        runbook.monitoring_tasks.system.resources.alert_threshold,
    )


def look(observed: Observed) -> tuple[Result, ...]:
    """Each mount that holds data of ours: bytes and inodes, whichever is scarcer."""
    return looked_at(observed.host, observed.runbook, folders(observed.settings))


def looked_at(host: Host, runbook: Runbook, places: Sequence[Path]) -> tuple[Result, ...]:
    """The same of the mounts that hold these places alone."""
    bounds = limits_of(runbook)
    return tuple(_mount(mount, bounds) for mount in host.mounts(places))


def folders(settings: Settings) -> tuple[Path, ...]:
    """Where data of ours lie; some may be mounts of their own."""
    database = settings.data / "postgres"
    places = (settings.home, settings.data, database, settings.models, settings.log)
    return (*places, settings.home / "backup", settings.spool, settings.ledger, settings.ops)


def _mount(mount: Mount, bounds: Limits) -> Result:
    # As df counts it: what is kept back for root is neither used nor free.
    available_bytes = mount.used_bytes + mount.free_bytes
    used_ratio = mount.used_bytes / available_bytes if available_bytes else 1.0
    if not mount.total_bytes:
        # A tmpfs without a limit tells of no blocks at all.
        used_ratio = 0.0
    return measured(
        NAME,
        max(used_ratio, mount.inodes_used_ratio),
        "ratio",
        bounds,
        target=str(mount.point),
        evidence=(
            sentence(
                "{mount} is {used} full; {free} are left.",
                mount=str(mount.point),
                used=Figure(used_ratio, "ratio"),
                free=Figure(mount.free_bytes, "bytes"),
            ),
            sentence(
                "{inodes} of its inodes are used.",
                inodes=Figure(mount.inodes_used_ratio, "ratio"),
            ),
        ),
        remedy=sentence(
            "Find what grew: du -xh --max-depth=2 {mount} | sort -h; move or remove it, or "
            "enlarge the disk.",
            mount=str(mount.point),
        ),
    )
