"""One process of a unit, never another that was given its number later."""

from collections.abc import Sequence
from contextlib import suppress

import psutil

from bigbrother.ports.service_manager import ProcessIdentity

# The system tells a start to the hundredth of a second.
_SAME_START_SECONDS = 0.05


def find(identity: ProcessIdentity) -> psutil.Process | None:
    """The process itself; None when it is gone, or only waits to be reaped."""
    with suppress(psutil.Error):
        process = psutil.Process(identity.process_id)
        apart = abs(process.create_time() - identity.started_at.timestamp())
        if apart < _SAME_START_SECONDS and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def is_suspended(identity: ProcessIdentity) -> bool:
    """Whether somebody stopped it (SIGSTOP, a debugger): it lives and does nothing."""
    process = find(identity)
    with suppress(psutil.Error):
        return process is not None and process.status() in (
            psutil.STATUS_STOPPED,
            psutil.STATUS_TRACING_STOP,
        )
    return False


def family(identity: ProcessIdentity) -> tuple[psutil.Process, ...]:
    """It and all that it started and that lives, itself first."""
    process = find(identity)
    if process is None:
        return ()
    with suppress(psutil.Error):
        return (process, *process.children(recursive=True))
    return (process,)


def resume(processes: Sequence[psutil.Process]) -> None:
    """Lets those that were stopped go on, so that they can take the signal to end."""
    for process in processes:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                process.resume()


def kill(processes: Sequence[psutil.Process]) -> None:
    """Ends them at once; those that are gone already are passed over."""
    for process in processes:
        # psutil compares the start time: a later process with the number is never hit.
        with suppress(psutil.Error):
            process.kill()
