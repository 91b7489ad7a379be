"""What warns and what fails, where sections 2.1 and 2.2 both set a figure."""

from dataclasses import dataclass

from bigbrother.kernel.quantity import Quantity
from bigbrother.kernel.status import Status
from bigbrother.runbook.figures import Threshold


@dataclass(frozen=True, slots=True)
class Limits:
    """Each is what passes; beyond `warning` is a warning, beyond `failure` a failure."""

    failure: Threshold
    warning: Threshold | None = None

    def judge(self, value: float) -> Status:
        """What a value, in the base unit (seconds, bytes, ratio), is."""
        if not self.failure.passes(value):
            return Status.FAILED
        if self.warning is not None and not self.warning.passes(value):
            return Status.WARNING
        return Status.PASSED

    def threshold(self, status: Status) -> str:
        """What would have passed, in the document's words."""
        if status is Status.FAILED or self.warning is None:
            return str(self.failure)
        return str(self.warning)


def limits(daily: Threshold, alert: Quantity | None = None) -> Limits:
    """The figure of a good day (2.1) and that of an alert (2.2): the stricter warns.

    `alert` is on the same side as `daily`.
    """
    if alert is None or alert.value == daily.bound.value:
        return Limits(daily)
    other = Threshold(daily.comparison, alert)
    upper = daily.comparison in ("<", "<=")
    daily_is_stricter = (daily.bound.value < alert.value) is upper
    return Limits(other, daily) if daily_is_stricter else Limits(daily, other)
