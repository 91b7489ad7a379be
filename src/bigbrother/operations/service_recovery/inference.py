"""A real inference, and whether it was right."""

import json
import math
from collections.abc import Sequence

from bigbrother.models.samples import reference_embedding, sample_photo
from bigbrother.models.store import PackStore
from bigbrother.operations.procedures.action import ActionServices

_LARGEST_ANSWER_BYTES = 65536
_UNIT_LENGTH_WITHIN = 1e-3


class WrongInference(Exception):
    """The analyzer answers, and wrongly; the text is a clause."""


def infer(services: ActionServices) -> float:
    """The sample photo's face, as the analyzer sees it now, against what is known of it.

    Returns the similarity, from -1 to 1. Of a pack that did not come with the product nothing is
    known beforehand: then the analyzer's own comparison counts, with its face as it was when the
    unit started. Raises WrongInference, FaceServiceUnreachable, PictureRefused, and what a damaged
    pack raises.
    """
    runbook, settings = services.runbook, services.settings
    manifest = PackStore(settings.models).manifest(settings.pack)
    within = runbook.health.answer_within.value
    embedding = services.face.embed(sample_photo(), within)
    if len(embedding) != manifest.dimension:
        raise WrongInference(
            f"an embedding has {len(embedding)} numbers; {manifest.name} has {manifest.dimension}"
        )
    if abs(math.sqrt(_dot(embedding, embedding)) - 1) > _UNIT_LENGTH_WITHIN:
        raise WrongInference("an embedding's length is not 1")
    known = reference_embedding(manifest.name, manifest.version)
    similarity = _own_word(services, within) if known is None else _dot(embedding, known)
    least = runbook.health.sample_similarity
    # `not >=` so that a similarity that is not a number fails too.
    if not similarity >= least:
        raise WrongInference(
            f"the sample photo's face is alike to what is known of it by {similarity:.3f}, and "
            f"must be by {least}"
        )
    return similarity


def _own_word(services: ActionServices, within_seconds: float) -> float:
    answer = services.face.get("/health", within_seconds, _LARGEST_ANSWER_BYTES)
    try:
        return float(json.loads(answer.body)["checks"]["model"]["similarity"])
    except (ValueError, KeyError, TypeError) as error:
        raise WrongInference(
            f"/health, with status {answer.status}, gives no similarity"
        ) from error


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))
