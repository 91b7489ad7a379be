"""Whether the face analyzer sees in the sample photo what its model is known to see."""

from dataclasses import replace

from bigbrother.kernel.quantity import Quantity
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.limits import Limits
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.destinations import FACE
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.face_service import PictureRefused
from bigbrother.runbook.figures import Threshold
from bigbrother.runbook.model import Runbook

NAME = "golden_inference"


def limits_of(runbook: Runbook) -> Limits:
    """The similarity that the face analyzer's own health asks for."""
    least = runbook.health.sample_similarity
    return Limits(Threshold(">=", Quantity(least, "ratio", f"{least:g}")))


def look(scene: Scene) -> tuple[Result, ...]:
    """One real inference, compared with the embedding that came with the product."""
    from bigbrother.models.samples import reference_embedding, sample_photo  # noqa: PLC0415
    from bigbrother.models.store import PackStore  # noqa: PLC0415 - only a diagnosis needs them

    bounds = limits_of(scene.runbook)
    manifest = PackStore(scene.settings.models).manifest(scene.settings.pack)
    model = f"{manifest.name}@{manifest.version}"
    known = reference_embedding(manifest.name, manifest.version)
    if known is None:
        new = sentence("What {model} sees in the sample photo is not known.", model=model)
        return (replace(unknown(NAME, bounds, new), target=FACE),)
    remedy = sentence(
        "Check the model's files: bigbrother models verify {pack}; then let it load them anew: "
        "bigbrother run service_recovery.face_analyzer.",
        pack=manifest.name,
    )
    try:
        seen = scene.answering_face().embed(
            sample_photo(), scene.runbook.health.answer_within.value
        )
    except PictureRefused as error:
        return (
            Result(
                NAME,
                Status.FAILED,
                threshold=bounds.threshold(Status.FAILED),
                target=FACE,
                evidence=(sentence("It finds nobody in the sample photo."), error.detail),
                remedy=remedy,
                limits=bounds,
            ),
        )
    alike = (
        sum(a * b for a, b in zip(seen, known, strict=False)) if len(seen) == len(known) else 0.0
    )
    return (
        measured(
            NAME,
            alike,
            "ratio",
            bounds,
            target=FACE,
            evidence=(
                sentence(
                    "The sample photo's face is alike to what {model} is known to see by {alike}.",
                    model=model,
                    alike=Figure(alike, "ratio"),
                ),
            ),
            remedy=remedy,
        ),
    )
