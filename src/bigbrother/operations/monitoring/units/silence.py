"""When a unit that runs is called silent: pure, no input or output."""

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.units.life import Moment, Running
from bigbrother.runbook.model import Runbook


class Silence:
    """Counts one unit's silences in a row. Not for several threads at once.

    A process that is still starting owes no answer: until its first one, silence counts only
    once its time to start is over.
    """

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._misses = 0
        self._answered: int | None = None
        """The process that answered last."""
        self._told: Status | None = None

    def forget(self) -> None:
        """The machine slept: what was counted before says nothing."""
        self._misses = 0

    def heard(self, running: Running | None, now: Moment) -> list[Finding]:
        """It gave a sign of life."""
        self._misses = 0
        if running is not None:
            self._answered = running.process_id
        if self._told is Status.PASSED:
            return []
        self._told = Status.PASSED
        labels = {"unit": self._unit}
        summary = f"{self._unit} answers."
        return [Finding("unit_silent", Status.PASSED, now.at, labels, summary=summary)]

    def missed(
        self, running: Running | None, now: Moment, runbook: Runbook, *, most: int, why: str
    ) -> list[Finding]:
        """It was silent once more; `most` silences in a row are a finding, `why` is a clause.

        One that does not run is silent for a reason that is told already.
        """
        if running is None or not self._owes_an_answer(running, now, runbook):
            self._misses = 0
            return []
        self._misses += 1
        if self._misses < most or self._told is Status.FAILED:
            return []
        self._told = Status.FAILED
        return [
            Finding(
                "unit_silent",
                Status.FAILED,
                now.at,
                {"unit": self._unit},
                summary=f"{self._unit} runs as process {running.process_id}, but {why}.",
                remedy=f"See `bigbrother logs {self._unit}`; "
                f"then end process {running.process_id}: its manager starts it anew.",
                grace_seconds=runbook.units[self._unit].grace.value,
            )
        ]

    def _owes_an_answer(self, running: Running, now: Moment, runbook: Runbook) -> bool:
        up_seconds = now.monotonic_seconds - running.since_monotonic_seconds
        return (
            self._answered == running.process_id
            or up_seconds > runbook.units[self._unit].start_within.value
        )
