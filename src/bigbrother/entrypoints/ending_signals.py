"""The signals that ask a unit to leave."""

import os
import signal
from types import FrameType

_ENDINGS = (signal.SIGTERM, signal.SIGINT)


class EndingSignals:
    """SIGTERM and SIGINT, remembered from now on, whichever thread the kernel gives them to.

    Blocking them would not do: threads that libraries began while they were loaded do not block
    them, and would end the process in the default way. To be made in the main thread.
    """

    def __init__(self) -> None:
        self._heard, wakes = os.pipe()
        os.set_blocking(wakes, False)
        # Written to by the handler in C, so also when another thread was interrupted.
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        for ending in _ENDINGS:
            signal.signal(ending, _only_remembered)

    def wait(self) -> None:
        """Returns once one of them was heard; also if that was before."""
        while os.read(self._heard, 1)[0] not in _ENDINGS:
            continue


def _only_remembered(_number: int, _frame: FrameType | None) -> None:
    pass
