"""What a batch's result means for a photo."""

from bigbrother.client.batch_answers import ItemError, ItemResult
from bigbrother.client.errors import PictureUnreadable
from bigbrother.entrypoints.cli.bulk.people import Photo
from bigbrother.entrypoints.cli.bulk.report import Line, Outcome
from bigbrother.entrypoints.cli.bulk.under_way import UnderWay

_AGAIN = "Run the same command again."


def verdict(part: UnderWay, result: ItemResult) -> Line:
    """The report's line for one result of the part's batch."""
    if result.state == "erased":
        # Whoever was erased meanwhile does not come back with a second run.
        reason = "The person was erased while the batch was under way."
        return _line(part, result.number, "refused", code="erased", reason=reason)
    if (face := result.enrolment) is not None:
        outcome: Outcome = "already-enrolled" if face.already_enrolled else "enrolled"
        # The file may have changed between its reading and its sending.
        sha256 = face.image_sha256
        return _line(part, result.number, outcome, face_id=face.id, sha256=sha256)
    if result.error is None:
        return lost(part, result.number)
    return _line(
        part,
        result.number,
        "failed" if _tried_again(result.error) else "refused",
        code=result.error.code,
        reason=result.error.detail or result.error.title,
        remedy=result.error.remedy,
    )


def _tried_again(error: ItemError) -> bool:
    """Whether the next run tries the photo again by itself."""
    # A photo that killed workers is the service's fault, but would kill the next ones too.
    return error.service_fault and error.code != "image-kills-worker"


def lost(part: UnderWay, number: int) -> Line:
    """The line for a photo of a batch that was cancelled."""
    reason = "The batch was cancelled."
    return _line(part, number, "failed", code="cancelled", reason=reason, remedy=_AGAIN)


def unreadable(photo: Photo, collection: str, error: PictureUnreadable) -> Line:
    """The line for a photo that was there when the source was checked and is gone now."""
    return Line(
        external_id=photo.external_id,
        path=photo.path,
        outcome="failed",
        code=error.code,
        reason=error.detail,
        remedy=error.remedy,
        collection=collection,
    )


def _line(
    part: UnderWay,
    number: int,
    outcome: Outcome,
    *,
    code: str = "",
    reason: str = "",
    remedy: str = "",
    face_id: str = "",
    sha256: str = "",
) -> Line:
    sent = part.photos[number - 1]
    return Line(
        external_id=sent.external_id,
        path=sent.path,
        outcome=outcome,
        code=code,
        reason=reason,
        remedy=remedy,
        face_id=face_id,
        sha256=sha256 or sent.sha256,
        collection=part.collection,
        batch_id=str(part.batch_id),
    )
