"""Findings on their way to the one thread that decides."""

import threading
from collections import deque
from collections.abc import Sequence

from bigbrother.operations.monitoring.finding import Finding


class Inbox:
    """Threads put findings in; one takes them out, and may be woken for other reasons."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._findings: deque[Finding] = deque()
        self._woken = False

    def put(self, findings: Sequence[Finding]) -> None:
        """Adds findings and wakes whoever waits."""
        with self._changed:
            self._findings.extend(findings)
            self._changed.notify()

    def put_back(self, findings: Sequence[Finding]) -> None:
        """Findings that were taken and could not be decided: they come first again."""
        with self._changed:
            self._findings.extendleft(reversed(findings))

    def wake(self) -> None:
        """Something besides findings has changed."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def take(self, most: int, within_seconds: float) -> list[Finding]:
        """The oldest findings, once there are some, or it is woken, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._findings or self._woken, within_seconds)
            self._woken = False
            return [self._findings.popleft() for _ in range(min(most, len(self._findings)))]
