"""Every check, in the order of section 2.1. A new check is a module and a line here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from bigbrother.kernel.quantity import Quantity
from bigbrother.operations.checks.application import (
    error_rate,
    queue_size,
    response_time,
    services_status,
)
from bigbrother.operations.checks.errors import CheckUnknown
from bigbrother.operations.checks.limits import Limits
from bigbrother.operations.checks.ml import batch_success, inference_time, model_accuracy
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.system import cpu_usage, disk_space, gpu_usage, memory_usage
from bigbrother.runbook.model import Runbook

Group = Literal["system", "application", "ml"]
DAILY = "daily"
"""The name for all of them."""


def _look_within(runbook: Runbook) -> Quantity:
    return runbook.watching.look_within


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is called and how it looks."""

    name: str
    group: Group
    look: Callable[[Observed], tuple[Result, ...]]
    """Raises a BigBrotherError where what it needs is away."""
    limits_of: Callable[[Runbook], Limits] | None = None
    """None: what it finds is no figure."""
    within: Callable[[Runbook], Quantity] = _look_within
    """The time for one look."""
    alone: bool = False
    """It works the machine so hard that others would see it: it runs after them."""


CATALOGUE: tuple[Check, ...] = (
    Check("cpu_usage", "system", cpu_usage.look, cpu_usage.limits_of),
    Check("memory_usage", "system", memory_usage.look, memory_usage.limits_of),
    Check("disk_space", "system", disk_space.look, disk_space.limits_of),
    Check("gpu_usage", "system", gpu_usage.look, gpu_usage.limits_of),
    Check("services_status", "application", services_status.look),
    Check("error_rate", "application", error_rate.look, error_rate.limits_of),
    Check("response_time", "application", response_time.look, response_time.limits_of),
    Check("queue_size", "application", queue_size.look, queue_size.limits_of),
    Check(
        "model_accuracy",
        "ml",
        model_accuracy.look,
        model_accuracy.limits_of,
        model_accuracy.within,
        alone=True,
    ),
    Check("inference_time", "ml", inference_time.look, inference_time.limits_of),
    Check("batch_success", "ml", batch_success.look, batch_success.limits_of),
)


def names() -> tuple[str, ...]:
    """What `chosen` takes."""
    return (DAILY, *get_args(Group), *(check.name for check in CATALOGUE))


def chosen(wanted: Iterable[str]) -> tuple[Check, ...]:
    """The checks of these names and groups, each once, in the catalogue's order.

    Raises CheckUnknown.
    """
    known = names()
    asked = set(wanted)
    if missing := sorted(asked.difference(known)):
        raise CheckUnknown(
            f"There is no check '{missing[0]}'.", remedy=f"Choose of {', '.join(known)}."
        )
    return tuple(check for check in CATALOGUE if asked & {DAILY, check.group, check.name})
