"""Clean GPU memory: the engine's sessions made anew, on a GPU or without one."""

import json

from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome, StepFailed
from bigbrother.operations.troubleshooting.solutions.measurement import as_data, told
from bigbrother.operations.troubleshooting.solutions.requests import ask_for_a_while

_PATH = "/v1/admin/engine/renew"
_LARGEST_ANSWER_BYTES = 65536
_OK = 200


def inference(context: StepContext) -> Outcome:
    """How long one image takes, alone."""
    services = context.services
    answered = ask_for_a_while(services, fresh=True, at_once=1)
    figures = {"image_seconds": answered.median_seconds}
    gpus = [gpu.memory_used_ratio for gpu in services.host.gpus()]
    return Outcome(
        f"{told(figures).capitalize()}.", as_data(figures, gpu_memory_used_ratios=list(gpus))
    )


def _renew(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    within_seconds = services.runbook.client.timeout.value
    answer = services.face.post(_PATH, within_seconds, _LARGEST_ANSWER_BYTES)
    if answer.status != _OK:
        said = _problem(answer.body)
        raise StepFailed(
            f"The engine was not renewed: {said or f'status {answer.status}'}.",
            remedy="See `bigbrother logs bigbrother-face`; the old sessions work on.",
        )
    done = json.loads(answer.body)
    before, after = int(done["memory_bytes_before"]), int(done["memory_bytes_after"])
    return Outcome(
        f"The engine's sessions are new after {done['seconds']:.2g} s. The face unit has "
        f"{after / 1e6:.0f} MB, {before / 1e6:.0f} MB before.",
        {"memory_bytes_before": before, "memory_bytes_after": after},
    )


def _plan(_context: StepContext, _: Arguments) -> str:
    return "Would open the networks anew beside those in use, and drop these; no request fails."


def _problem(body: bytes) -> str:
    try:
        return str(json.loads(body).get("detail", "")).rstrip(".")
    except (ValueError, AttributeError):
        return ""


RENEW_ENGINE = Action("renew_engine", Arguments, _renew, _plan, idempotent=True)
