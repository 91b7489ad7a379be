"""The whole road once, as a user goes it: analyse, enrol and identify the shipped photograph."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bigbrother.client.errors import ResourceConflict, ResourceMissing
from bigbrother.client.face_client import FaceClient
from bigbrother.client.results import Box, Consent
from bigbrother.installation.errors import BringUpFailed
from bigbrother.kernel.clock import Clock

_T = TypeVar("_T")
_COLLECTION = "sample"
_SUBJECT = "sample-person"
_NAME = "Eileen Collins"
_LOOK = "Look at `bigbrother logs bigbrother-face` and run `bigbrother models verify`."
_CONSENT = Consent(
    legal_basis="legitimate-interests",
    purpose="proof that this installation works",
    reference="public-domain photograph shipped with Big Brother CNN",
)


@dataclass(frozen=True, slots=True)
class SampleResult:
    """What was found. Times in seconds, as the caller of the HTTP API felt them."""

    model: str
    box: Box
    """Pixels of the photograph."""
    quality: float
    subject: str
    similarity: float
    threshold: float
    analyze_seconds: float
    identify_seconds: float


def walk(client: FaceClient, photo: bytes, clock: Clock) -> SampleResult:
    """Raises BringUpFailed when the photograph's face is not found or not recognised."""
    analysis, analyze_seconds = _timed(clock, lambda: client.analyze(photo))
    faces = analysis.images[0].faces
    if not faces:
        raise BringUpFailed("No face was found in the sample photograph.", remedy=_LOOK)
    _enrol(client, photo)
    identification, identify_seconds = _timed(
        clock, lambda: client.identify(_COLLECTION, photo, limit=1)
    )
    matches = identification.faces[0].matches if identification.faces else ()
    if not matches or matches[0].external_id != _SUBJECT:
        raise BringUpFailed("The sample photograph was not recognised.", remedy=_LOOK)
    quality = faces[0].quality
    return SampleResult(
        model=f"{analysis.model.name} {analysis.model.version}",
        box=faces[0].box,
        quality=0.0 if quality is None else quality.overall,
        subject=matches[0].name,
        similarity=matches[0].similarity,
        threshold=identification.threshold,
        analyze_seconds=analyze_seconds,
        identify_seconds=identify_seconds,
    )


def _enrol(client: FaceClient, photo: bytes) -> None:
    try:
        client.collections.get(_COLLECTION)
    except ResourceMissing:
        client.collections.create(
            _COLLECTION, description="Holds the photograph that each start proves itself with."
        )
    try:
        client.subjects.get(_COLLECTION, _SUBJECT)
    except ResourceMissing:
        client.subjects.create(_COLLECTION, _SUBJECT, name=_NAME, consent=_CONSENT)
    try:
        client.faces.enrol(_COLLECTION, _SUBJECT, photo)
    except ResourceConflict as conflict:
        if conflict.code != "face-already-enrolled":
            raise


def _timed(clock: Clock, act: Callable[[], _T]) -> tuple[_T, float]:
    began = clock.monotonic_seconds()
    result = act()
    return result, clock.monotonic_seconds() - began
