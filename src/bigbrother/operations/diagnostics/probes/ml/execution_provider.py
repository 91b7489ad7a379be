"""Whether the networks run on the GPU where there is one."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.scrapes import read_metrics
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics.destinations import FACE
from bigbrother.operations.diagnostics.scene import Scene

NAME = "execution_provider"
_METRIC = "bigbrother_execution_provider_info"
_PROCESSORS = "CPUExecutionProvider"


def look(scene: Scene) -> tuple[Result, ...]:
    """What the face analyzer's own metrics say; skipped where there is no GPU."""
    cards = scene.host.gpus()
    if not cards:
        none = sentence("This machine has no GPU, or no driver for it.")
        return (Result(NAME, Status.SKIPPED, target=FACE, evidence=(none,)),)
    samples = read_metrics(scene.face, scene.runbook).named(_METRIC)
    if not samples:
        raise MetricPageInvalid("The face analyzer does not tell what its networks run on.")
    provider = samples[0].label("provider")
    seen = sentence("Its networks run on {provider}.", provider=provider)
    if provider != _PROCESSORS:
        return (Result(NAME, Status.PASSED, target=FACE, evidence=(seen,)),)
    idle = sentence("There is {gpu}, and nothing of it is used.", gpu=cards[0].name)
    remedy = sentence("Install the product with GPU support: pip install 'bigbrother-cnn[gpu]'.")
    return (Result(NAME, Status.WARNING, target=FACE, evidence=(seen, idle), remedy=remedy),)
