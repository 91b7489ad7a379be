"""Scale resources: threads of the face unit and chunks of the worker, by what is measured."""

import os
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from bigbrother.operations.housekeeping.database import connected
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.operations.troubleshooting.solutions import levers
from bigbrother.operations.troubleshooting.solutions.measurement import (
    GIVEN_UP,
    as_data,
    measured,
    told,
)
from bigbrother.operations.troubleshooting.solutions.requests import ask_for_a_while
from bigbrother.runbook.tuned import bounds_of, value_of

if TYPE_CHECKING:
    import psycopg

_WAITING = "SELECT count(*) AS items FROM batch_item WHERE state = 'pending'"
_DONE = "SELECT count(*) AS items FROM batch_item WHERE done_at >= %s AND state <> 'cancelled'"


def load(context: StepContext) -> Outcome:
    """How many requests are answered and how many images of batches done, in a second."""
    services = context.services
    with connected(services) as conn:
        waiting_before = _count(conn, _WAITING)
        began = services.clock.now()
        answered = ask_for_a_while(
            services, fresh=True, at_once=services.runbook.tuning.measure_requests
        )
        done = _count(conn, _DONE, began)
        waiting = _count(conn, _WAITING)
    figures = {"answers_per_second": answered.per_second}
    if waiting_before and waiting:
        # Otherwise the work ran out, and its pace says nothing.
        figures["items_per_second"] = done / answered.seconds
    return Outcome(
        f"{told(figures).capitalize()}. The processors are busy by "
        f"{answered.cpu_busy_ratio:.0%}; {waiting} images of batches wait.",
        as_data(
            figures,
            cpu_busy_ratio=answered.cpu_busy_ratio,
            median_seconds=answered.median_seconds,
            failures=answered.failures,
            waiting_items=waiting,
        ),
    )


def _threads(context: StepContext) -> tuple[int | None, str]:
    """How many images are to be in the engine at once, and why; None: as many as now."""
    services = context.services
    runbook = levers.document(services)
    now = value_of("images_at_once", runbook) or _cores(services)
    processors = os.cpu_count() or 1
    busy = _figure(context, "cpu_busy_ratio")
    if now >= processors and busy >= services.runbook.tuning.busy_processors.value:
        return None, f"The processors are busy by {busy:.0%}; more threads would only wait."
    wanted = bounds_of("images_at_once", runbook).nearest(max(processors, now + 1))
    if wanted <= now:
        return None, f"{now} images at once are as many as the document allows."
    return wanted, f"The processors are busy by {busy:.0%} with {now} images at once."


def _chunks(context: StepContext) -> tuple[int | None, str]:
    """How many chunks a worker is to have in hand, and why; None: as many as now."""
    services = context.services
    runbook = levers.document(services)
    now = value_of("chunks_at_once", runbook) or _cores(services) + 1
    waiting, busy = _figure(context, "waiting_items"), _figure(context, "cpu_busy_ratio")
    if not waiting:
        return None, "No image of a batch waits."
    bounds = bounds_of("chunks_at_once", runbook)
    if busy < services.runbook.tuning.busy_processors.value:
        wanted = bounds.nearest(max((os.cpu_count() or 1) + 1, now + 1))
        if wanted <= now:
            return None, f"{now} chunks at once are as many as the document allows."
        return wanted, f"{waiting:g} images wait, and the processors are busy by {busy:.0%}."
    slow = not runbook.daily_checks.application.response_time.passes(
        _figure(context, "median_seconds")
    )
    wanted = bounds.nearest(now // 2)
    if slow and wanted < now:
        return wanted, "The processors are busy with batches while requests wait."
    return None, f"The processors are busy by {busy:.0%}; more chunks would only wait."


def _scale_threads(context: StepContext, _: Arguments) -> Outcome:
    wanted, why = _threads(context)
    if wanted is None:
        return Outcome(why, skipped=True)
    data = levers.put_in_force(context, "images_at_once", wanted, why)
    return Outcome(f"{data['after']} images at once, {data['before']} before. {why}", data)


def _plan_threads(context: StepContext, _: Arguments) -> str:
    wanted, why = _threads(_measured_now(context))
    return why if wanted is None else f"Would let {wanted} images into the engine at once. {why}"


def _scale_workers(context: StepContext, _: Arguments) -> Outcome:
    wanted, why = _chunks(context)
    if wanted is None:
        return Outcome(why, skipped=True)
    now = value_of("chunks_at_once", levers.document(context.services))
    fewer: list[JsonValue] = []
    if wanted < (now or _cores(context.services) + 1):
        fewer.append("items_per_second")
    data = levers.put_in_force(context, "chunks_at_once", wanted, why)
    return Outcome(
        f"{data['after']} chunks at once, {data['before']} before. {why}",
        {**data, GIVEN_UP: fewer},
    )


def _plan_workers(context: StepContext, _: Arguments) -> str:
    wanted, why = _chunks(_measured_now(context))
    return why if wanted is None else f"Would give each worker {wanted} chunks at once. {why}"


def _measured_now(context: StepContext) -> StepContext:
    """A plan is made before anything ran: it measures by itself."""
    if measured(context.earlier.get("measure_load", Outcome(""))):
        return context
    earlier = {**context.earlier, "measure_load": load(context)}
    return StepContext(context.services, context.run_id, context.journal, earlier, context.reason)


def _figure(context: StepContext, name: str) -> float:
    found = context.earlier["measure_load"].data[name]
    if not isinstance(found, int | float):
        raise TypeError(f"{name} is no figure")
    return found


def _cores(services: ActionServices) -> int:
    return services.settings.engine_threads or os.cpu_count() or 1


def _count(conn: "psycopg.Connection[dict[str, Any]]", query: str, *given: object) -> int:
    found = conn.execute(query.encode(), given).fetchone()
    return 0 if found is None else int(found["items"])


SCALE_THREADS = Action(
    "scale_threads",
    Arguments,
    _scale_threads,
    _plan_threads,
    idempotent=True,
    verify=lambda context, _: levers.was_put(context, "images_at_once"),
    undo=levers.take_out,
)
SCALE_WORKERS = Action(
    "scale_workers",
    Arguments,
    _scale_workers,
    _plan_workers,
    idempotent=True,
    verify=lambda context, _: levers.was_put(context, "chunks_at_once"),
    undo=levers.take_out,
)
