"""Somebody takes an alert on, or gives it back. Pure."""

from dataclasses import replace

from bigbrother.operations.alerts.errors import AlertOver, AlertPending
from bigbrother.operations.alerts.life import Course, Step
from bigbrother.operations.alerts.records import Alert, AlertEvent, AlertState


def after_hand(meant: Alert, course: Course, event: AlertEvent) -> Step:
    """The step of an `acknowledged` or `unacknowledged`; what is so already stays as it is.

    Raises AlertPending or AlertOver.
    """
    alert = course.alert
    if alert is None or alert.id != meant.id:
        raise AlertOver(
            f"The alert {meant.name} ({meant.id}) is over.",
            remedy="Nothing is left to do; see what happened: bigbrother alerts show ID.",
        )
    if alert.state is AlertState.PENDING:
        raise AlertPending(
            f"The alert {alert.name} ({alert.id}) does not fire yet, and nobody is paged.",
            remedy="To keep it from paging, silence it: bigbrother alerts silence.",
        )
    if (alert.acknowledged_at is not None) is (event.kind == "acknowledged"):
        return Step(course, "taken-already")
    taken = event.kind == "acknowledged"
    after = replace(
        alert,
        acknowledged_at=event.at if taken else None,
        acknowledged_by=event.who if taken else None,
    )
    return Step(replace(course, alert=after), "taken" if taken else "given-back", (event,))
