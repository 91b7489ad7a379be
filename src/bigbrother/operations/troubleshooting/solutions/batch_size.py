"""Adjust batch size: the chunk with the best measured throughput, in real batches."""

from collections.abc import Mapping

from pydantic import JsonValue

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.samples import sample_photo
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.operations.troubleshooting.solutions import levers
from bigbrother.operations.troubleshooting.solutions.measurement import as_data
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.tuned import bounds_of, value_of

_FIGURE = "chunk"
_SIZES = "sizes"


def batch_sizes(context: StepContext) -> Outcome:
    """Images of a batch in a second: with the chunk in force, and with others."""
    runbook = levers.document(context.services)
    now = value_of(_FIGURE, runbook)
    pace = {size: _pace(context, size, runbook) for size in candidates(runbook)}
    for size, per_second in pace.items():
        context.journal.say(f"In chunks of {size}: {per_second:.1f} images a second.")
    sizes: dict[str, JsonValue] = {str(size): per_second for size, per_second in pace.items()}
    return Outcome(
        f"{pace[now]:.1f} images a second in chunks of {now}; the best is "
        f"{max(pace.values()):.1f}.",
        as_data({"batch_images_per_second": pace[now]}, **{_SIZES: sizes}),
    )


def batch_pace(context: StepContext) -> Outcome:
    """Images of a batch in a second, with the chunk in force."""
    runbook = levers.document(context.services)
    per_second = _pace(context, value_of(_FIGURE, runbook), runbook)
    return Outcome(
        f"{per_second:.1f} images a second.", as_data({"batch_images_per_second": per_second})
    )


def candidates(runbook: Runbook) -> list[int]:
    """The chunk in force, half of it and twice as much, as far as the document allows."""
    now, bounds = value_of(_FIGURE, runbook), bounds_of(_FIGURE, runbook)
    most = min(bounds.most, runbook.batch.largest_chunk)
    others = {size for size in (now // 2, now * 2) if bounds.least <= size <= most}
    return sorted({now, *others})


def best(pace: Mapping[int, float], now: int, worth: float) -> int:
    """The fastest chunk; the one in force unless another is faster by this share."""
    fastest = max(pace, key=lambda size: pace[size])
    return fastest if pace[fastest] > (1 + worth) * pace[now] else now


def _keep_best(context: StepContext, _: Arguments) -> Outcome:
    runbook = levers.document(context.services)
    now = value_of(_FIGURE, runbook)
    sizes = context.earlier["measure_batch_sizes"].data[_SIZES]
    if not isinstance(sizes, Mapping):
        raise TypeError("no chunk was measured")
    pace = {int(size): float(str(per_second)) for size, per_second in sizes.items()}
    chosen = best(pace, now, runbook.tuning.worth.value)
    if chosen == now:
        return Outcome(f"Chunks of {now} images are right.", skipped=True)
    why = f"{pace[chosen]:.1f} images a second, {pace[now]:.1f} in chunks of {now}."
    data = levers.put_in_force(context, _FIGURE, chosen, why)
    return Outcome(f"Batches go in chunks of {chosen} images from now on. {why}", data)


def _plan(context: StepContext, _: Arguments) -> str:
    runbook = levers.document(context.services)
    sizes = ", ".join(map(str, candidates(runbook)))
    return f"Would keep the fastest of chunks of {sizes} images; {value_of(_FIGURE, runbook)} now."


def _pace(context: StepContext, chunk: int, runbook: Runbook) -> float:
    # The command line's client is heavy, and this process is this step's own.
    from bigbrother.client.face_client import FaceClient  # noqa: PLC0415

    services = context.services
    images = max(runbook.tuning.measured_images, 2 * chunk)
    try:
        with FaceClient(services.settings.face_url, _token(services)) as client:
            batch = client.batches.submit(
                "analyze",
                [sample_photo()] * images,
                chunk=chunk,
                priority="high",
                purpose="measuring the batch size",
            )
            try:
                ended = client.batches.wait(batch.id)
            finally:
                client.batches.delete(batch.id)
    except BigBrotherError as error:
        raise StepFailed(
            f"A batch could not be measured: {error.detail}", remedy=error.remedy
        ) from error
    if ended.succeeded < images or ended.started_at is None or ended.finished_at is None:
        raise StepFailed(
            f"{ended.failed} of {images} images of the measured batch failed.",
            remedy="See `bigbrother logs bigbrother-worker`.",
        )
    return images / (ended.finished_at - ended.started_at).total_seconds()


def _token(services: ActionServices) -> str:
    try:
        return services.settings.admin_token_file.read_text("ascii").strip()
    except OSError as error:
        raise StepFailed(
            f"There is no credential in {services.settings.admin_token_file}.",
            remedy="Run as its owner, or start the service with 'bigbrother up'.",
            again=False,
        ) from error


KEEP_BEST_BATCH_SIZE = Action(
    "keep_best_batch_size",
    Arguments,
    _keep_best,
    _plan,
    idempotent=True,
    verify=lambda context, _: levers.was_put(context, _FIGURE),
    undo=levers.take_out,
)
