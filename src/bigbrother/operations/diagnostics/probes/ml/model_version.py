"""Whether the face analyzer runs the model pack that the settings name, in its version on disk."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.scrapes import read_metrics
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics.destinations import FACE
from bigbrother.operations.diagnostics.scene import Scene

NAME = "model_version"
_METRIC = "bigbrother_model_info"


def look(scene: Scene) -> tuple[Result, ...]:
    """What runs, as its own metrics say, against what lies on the disk."""
    from bigbrother.models.store import PackStore  # noqa: PLC0415 - only a diagnosis needs it

    manifest = PackStore(scene.settings.models).manifest(scene.settings.pack)
    wanted = f"{manifest.name}@{manifest.version}"
    samples = read_metrics(scene.answering_face(), scene.runbook).named(_METRIC)
    if not samples:
        raise MetricPageInvalid("The face analyzer does not tell its model.")
    runs = f"{samples[0].label('name')}@{samples[0].label('version')}"
    if runs == wanted:
        same = sentence("It runs {model}, as the settings say.", model=runs)
        return (Result(NAME, Status.PASSED, target=FACE, evidence=(same,)),)
    return (
        Result(
            NAME,
            Status.FAILED,
            target=FACE,
            evidence=(
                sentence("It runs {model}; on the disk lies {wanted}.", model=runs, wanted=wanted),
            ),
            remedy=sentence(
                "Let it load what lies there: bigbrother run service_recovery.face_analyzer."
            ),
        ),
    )
