"""When a failed try is repeated, and after which pause. Pure decisions."""

from dataclasses import dataclass

from bigbrother.client.errors import ServiceUnavailable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a caller is. Source: the runbook document's section `client`."""

    attempts: int
    """Tries of one request in all."""
    first_pause_seconds: float
    longest_pause_seconds: float
    after_timeouts: bool = False
    """Whether a service that did not answer in time is asked again."""

    def pause_seconds(self, tries: int, asked_seconds: float | None) -> float | None:
        """The pause after so many failed tries, or None when trying again is over.

        `asked_seconds` is the service's Retry-After. One that asks for more than the longest pause
        is not waited for: a caller rather hears at once that the service is unavailable.
        """
        if tries >= self.attempts:
            return None
        pause = min(self.first_pause_seconds * 2.0 ** (tries - 1), self.longest_pause_seconds)
        if asked_seconds is None:
            return pause
        if asked_seconds > self.longest_pause_seconds:
            return None
        return max(pause, asked_seconds)

    def pause_before_next(self, tries: int, failure: ServiceUnavailable) -> float:
        """The pause after so many failed tries. Raises the failure when trying again is over."""
        pause = self.pause_seconds(tries, failure.retry_after_seconds)
        if pause is None:
            raise failure
        return pause
