"""What the gallery refuses, and what it cannot find."""

from typing import Any

from bigbrother.kernel.errors import (
    BigBrotherError,
    Conflict,
    InvalidInput,
    NotFound,
    Unavailable,
)


class CollectionNotFound(NotFound):
    """No collection has this name."""

    code = "collection-not-found"
    title = "No such collection"


class CollectionExists(Conflict):
    """The name is taken."""

    code = "collection-exists"
    title = "The collection exists already"


class SubjectNotFound(NotFound):
    """The collection has no subject with this external id."""

    code = "subject-not-found"
    title = "No such subject"


class SubjectExists(Conflict):
    """The external id is taken in this collection."""

    code = "subject-exists"
    title = "The subject exists already"


class FaceNotFound(NotFound):
    """The subject has no face with this id."""

    code = "face-not-found"
    title = "No such face"


class FaceAlreadyEnrolled(Conflict):
    """The same image was enrolled for this subject before."""

    code = "face-already-enrolled"
    title = "The face is enrolled already"


class ConsentNotInForce(Conflict):
    """The subject's consent has expired or was withdrawn; nothing may be added."""

    code = "consent-not-in-force"
    title = "The consent is not in force"


class CropNotKept(NotFound):
    """The face was enrolled while its collection kept no crops."""

    code = "crop-not-kept"
    title = "No crop was kept"


class ModelNotRegistered(NotFound):
    """The gallery holds no embeddings of this model version."""

    code = "model-not-registered"
    title = "The model is not registered"


class ModelDimensionConflict(Conflict):
    """The model version is registered with another dimension."""

    code = "model-dimension-conflict"
    title = "The model has another dimension"


class SubjectKeyMissing(BigBrotherError):
    """A subject has lost its key; `verify_integrity()` reports it as subject-without-key."""

    code = "subject-key-missing"
    title = "The subject's key is missing"


class InvalidCursor(InvalidInput):
    """The cursor did not come from a listing."""

    code = "invalid-cursor"
    title = "The cursor is not valid"


class InvalidPageSize(InvalidInput):
    """A page holds one item at least."""

    code = "invalid-page-size"
    title = "The page size is not valid"


class InvalidCollectionName(InvalidInput):
    """The name cannot be a collection's."""

    code = "invalid-collection-name"
    title = "The collection's name is not valid"


class InvalidRetention(InvalidInput):
    """The time span cannot be a retention."""

    code = "invalid-retention"
    title = "The retention is not valid"


class InvalidExternalId(InvalidInput):
    """The text cannot be a subject's external id."""

    code = "invalid-external-id"
    title = "The external id is not valid"


class InvalidText(InvalidInput):
    """The text holds characters that cannot be stored."""

    code = "invalid-text"
    title = "The text is not valid"


class InvalidMetadata(InvalidInput):
    """The metadata cannot be stored as JSON."""

    code = "invalid-metadata"
    title = "The metadata is not valid"


class InvalidConsent(InvalidInput):
    """The consent is incomplete or names no known legal basis."""

    code = "invalid-consent"
    title = "The consent is not valid"


class InvalidEmbedding(InvalidInput):
    """The vector is not an embedding of this model."""

    code = "invalid-embedding"
    title = "The embedding is not valid"


class InvalidImageDigest(InvalidInput):
    """The text is not a SHA-256."""

    code = "invalid-image-digest"
    title = "The image's digest is not valid"


class LedgerDamaged(Unavailable):
    """The ledger of erasures was changed or cut off, or cannot be read; nothing may be answered."""

    code = "ledger-damaged"
    title = "The ledger of erasures is damaged"


class LedgerUnwritable(Unavailable):
    """The ledger of erasures takes no line; what was asked for was not begun."""

    code = "ledger-unwritable"
    title = "The ledger of erasures cannot be written"


class NoFace(InvalidInput):
    """An image that must show a face shows none."""

    code = "no-face"
    title = "No face was found"


class SeveralFaces(InvalidInput):
    """An image that must show one face shows several."""

    code = "several-faces"
    title = "Several faces were found"


class QualityTooLow(InvalidInput):
    """A face is not good enough to be enrolled; says which scores fall short of which figures."""

    code = "quality-too-low"
    title = "The face's quality is too low to enrol it"

    def __init__(
        self,
        detail: str,
        *,
        remedy: str,
        reasons: list[str],
        quality: dict[str, Any],
        required: dict[str, float],
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.reasons = reasons
        self.quality = quality
        self.required = required
