"""What is not well is looked at more often."""

from collections.abc import Iterable
from dataclasses import dataclass

from bigbrother.kernel.quantity import Quantity
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.runbook.model import Runbook

_ILL = (Status.WARNING, Status.FAILED)


@dataclass(slots=True)
class Attention:
    """While it is high, looks come as often as the metrics are read.

    An interval may be as long as an alert's `for`: one look would fire it, and a machine that is
    busy while everything starts would page somebody.
    """

    high: bool = False

    def note(self, results: Iterable[Result]) -> None:
        """Sets it by what a look found."""
        self.high = any(result.status in _ILL for result in results)

    def every(self, usual: Quantity, runbook: Runbook) -> Every:
        """When the next look is due."""
        interval = usual.duration
        often = runbook.watching.scrape_every.duration
        return Every(min(interval, often) if self.high else interval)
