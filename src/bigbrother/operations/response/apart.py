"""Parts of the watcher that page nobody: one that fails keeps neither the others nor the pager."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding

T = TypeVar("T")
_log = structlog.get_logger("bigbrother.ops")


def own_finding(part: str, status: Status, now: datetime, what: str = "") -> Finding:
    """How a part of the watcher itself stands."""
    return Finding(
        "watcher_failing",
        status,
        now,
        labels={"part": part},
        summary=f"The watcher itself has trouble: {what}",
        remedy="See: bigbrother logs bigbrother-ops.",
    )


class Apart:
    """Runs them; what goes wrong is logged and found once, and so is that it is over."""

    def __init__(self, report: Callable[[Sequence[Finding]], None]) -> None:
        self._report = report
        # By part, its trouble. What a watcher before this one found ends with the first success.
        self._troubles: dict[str, str] = {}

    def run(self, part: str, work: Callable[[], T], otherwise: T, now: datetime) -> T:
        """What `work` returns, or `otherwise` where it fails."""
        try:
            done = work()
        except Exception as error:  # noqa: BLE001 - whoever pages goes on
            trouble = f"{type(error).__name__}: {error}"
            if self._troubles.get(part) != trouble:
                self._troubles[part] = trouble
                _log.error("a part of the watcher failed", part=part, exc_info=error)
                self._report([own_finding(part, Status.FAILED, now, trouble)])
            return otherwise
        if self._troubles.get(part, "unknown"):
            self._troubles[part] = ""
            self._report([own_finding(part, Status.PASSED, now)])
        return done
