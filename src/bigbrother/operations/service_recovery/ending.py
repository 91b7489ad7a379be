"""Ends a unit's process for sure, whatever state it is in."""

import threading

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.procedures.action import StepContext
from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.operations.service_recovery.looks import process_of
from bigbrother.operations.service_recovery.process import family, find, kill, resume
from bigbrother.operations.service_recovery.waiting import becomes
from bigbrother.ports.service_manager import ProcessIdentity


def stop_for_sure(context: StepContext, unit: str) -> None:
    """Has the manager stop the unit; what outlives its patience is killed by its number.

    Somebody who does not answer seldom ends well: the patience is the document's
    `procedures.patience`, not the whole time that a unit may take to leave. Raises StepFailed.
    """
    services = context.services
    identity = process_of(services, unit)
    if identity is None:
        services.manager.stop(unit)
        return
    processes = family(identity)
    refused: list[BigBrotherError] = []

    def ask() -> None:
        try:
            services.manager.stop(unit)
        except BigBrotherError as error:
            refused.append(error)

    # In a thread, since the manager answers only once the process has ended.
    asking = threading.Thread(target=ask, name=f"stop-{unit}", daemon=True)
    asking.start()
    resume(processes)
    patience = services.runbook.procedures.patience
    if not _gone(context, identity, patience.value):
        context.journal.say(
            f"Process {identity.process_id} of {unit} does not end within {patience}; killing it."
        )
        kill(processes)
        if not _gone(context, identity, services.runbook.units[unit].stop_within.value):
            raise StepFailed(
                f"Process {identity.process_id} of {unit} does not end, even when it is killed.",
                remedy="It waits for a disk or a device that does not answer: mend that, or "
                "restart the machine.",
            )
    # Whatever it had started must not hold its port or its files.
    kill(processes)
    asking.join(services.runbook.units[unit].stop_within.value)
    if refused and process_of(services, unit) is not None:
        raise refused[0]


def end_and_let_restart(context: StepContext, unit: str) -> None:
    """Kills the unit's process; its manager starts it anew.

    For the unit whose process may drive this very step: a stop followed by a start would be cut
    off between the two.
    """
    identity = process_of(context.services, unit)
    if identity is not None:
        context.journal.say(f"Killing process {identity.process_id} of {unit}.")
        kill(family(identity)[:1])


def _gone(context: StepContext, identity: ProcessIdentity, within_seconds: float) -> bool:
    return becomes(context.services.clock, within_seconds, lambda: find(identity) is None)
