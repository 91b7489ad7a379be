"""Bodies of collections, subjects and faces."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field

from bigbrother.face.api.schemas.parts import (
    WHITE_PIXEL,
    AnswerBody,
    Base64,
    BoxBody,
    GivenSpan,
    GivenTime,
    LongText,
    QualityBody,
    RequestBody,
    ShortText,
    span_text,
)
from bigbrother.face.gallery import records

Item = TypeVar("Item")
LegalBasis = Literal[
    "consent",
    "contract",
    "legal-obligation",
    "vital-interests",
    "public-task",
    "legitimate-interests",
]
CollectionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
ExternalId = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^/\x00-\x1f\x7f-\x9f]+$")
]


class Listing(AnswerBody, Generic[Item]):
    """One page; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None


class CollectionRequest(RequestBody):
    """A new collection."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "staff", "description": "Doors", "retention": "365 days"}]
        }
    )

    name: CollectionName
    description: LongText = ""
    keep_crops: bool = Field(
        default=False, description="Keep aligned crops of enrolled faces, encrypted."
    )
    retention: GivenSpan | None = Field(
        default=None, description="How long a face is kept after enrolment; null: until deleted."
    )


class CollectionBody(AnswerBody):
    """A named set of subjects that is searched as one."""

    name: str
    description: str
    keep_crops: bool
    retention: str | None
    created_at: datetime

    @classmethod
    def of(cls, collection: records.Collection) -> "CollectionBody":
        """The body of a record."""
        retention = collection.retention
        return cls(
            name=collection.name,
            description=collection.description,
            keep_crops=collection.keep_crops,
            retention=None if retention is None else span_text(retention),
            created_at=collection.created_at,
        )


class GivenConsent(RequestBody):
    """Why a new subject may be held and matched."""

    legal_basis: LegalBasis = Field(description="Source: GDPR, article 6 (1).")
    purpose: Annotated[LongText, Field(min_length=1, pattern=r"\S")]
    reference: LongText = ""
    expires_at: GivenTime | None = Field(
        default=None, description="From then on the subject never matches."
    )

    def record(self) -> records.Consent:
        """The gallery's record of it."""
        return records.Consent(self.legal_basis, self.purpose, self.reference, self.expires_at)


class ChangedConsent(RequestBody):
    """What changes of a consent; what is left out stays."""

    legal_basis: LegalBasis | None = None
    purpose: Annotated[LongText, Field(min_length=1, pattern=r"\S")] | None = None
    reference: LongText | None = None
    expires_at: GivenTime | None = None
    withdrawn_at: GivenTime | None = Field(
        default=None, description="Withdraws the consent; from then on the subject never matches."
    )

    def applied_to(self, old: records.Consent) -> records.Consent:
        """The old consent with what was sent laid over it; only times may be set to null."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return records.Consent(
            legal_basis=sent.get("legal_basis") or old.legal_basis,
            purpose=sent.get("purpose") or old.purpose,
            reference=old.reference if sent.get("reference") is None else sent["reference"],
            expires_at=sent.get("expires_at", old.expires_at),
            withdrawn_at=sent.get("withdrawn_at", old.withdrawn_at),
        )


class SubjectRequest(RequestBody):
    """A new subject."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "external_id": "ana",
                    "name": "Ana",
                    "metadata": {"department": "reception"},
                    "consent": {
                        "legal_basis": "consent",
                        "purpose": "opening the front door",
                        "reference": "form 17",
                        "expires_at": "2099-12-31T00:00:00Z",
                    },
                }
            ]
        }
    )

    external_id: ExternalId = Field(description="The application's own name of the subject.")
    name: ShortText = ""
    metadata: dict[str, Any] = Field(default_factory=dict)
    consent: GivenConsent


class SubjectChange(RequestBody):
    """What changes of a subject; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"consent": {"withdrawn_at": "2030-01-31T12:00:00Z"}}]}
    )

    name: ShortText | None = None
    metadata: dict[str, Any] | None = Field(default=None, description="Replaces all of it.")
    consent: ChangedConsent | None = None


class ConsentBody(AnswerBody):
    """Why a subject may be held and matched."""

    legal_basis: str
    purpose: str
    reference: str
    expires_at: datetime | None
    withdrawn_at: datetime | None


class SubjectBody(AnswerBody):
    """A person of one collection."""

    external_id: str
    name: str
    metadata: dict[str, Any]
    consent: ConsentBody
    faces: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, subject: records.Subject) -> "SubjectBody":
        """The body of a record."""
        consent = subject.consent
        return cls(
            external_id=subject.external_id,
            name=subject.name,
            metadata=subject.metadata,
            consent=ConsentBody(
                legal_basis=consent.legal_basis,
                purpose=consent.purpose,
                reference=consent.reference,
                expires_at=consent.expires_at,
                withdrawn_at=consent.withdrawn_at,
            ),
            faces=subject.faces,
            created_at=subject.created_at,
            updated_at=subject.updated_at,
        )


class EnrolSettings(RequestBody):
    """How to enrol."""

    prominent: bool = Field(
        default=False, description="Take the most prominent of several faces instead of refusing."
    )


class EnrolRequest(EnrolSettings):
    """An image with the subject's face."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"image": WHITE_PIXEL, "prominent": False}]}
    )

    image: Base64


class EnrolledFaceBody(AnswerBody):
    """One enrolled example of a subject."""

    id: UUID
    external_id: str
    box: BoxBody
    score: float
    quality: QualityBody
    image_sha256: str
    has_crop: bool
    models: list[str] = Field(description="`name@version` of each model with an embedding of it.")
    created_at: datetime

    @classmethod
    def of(cls, face: records.Face) -> "EnrolledFaceBody":
        """The body of a record."""
        return cls(
            id=face.id,
            external_id=face.external_id,
            box=BoxBody.of(face.box),
            score=face.score,
            quality=QualityBody.of(face.quality),
            image_sha256=face.image_sha256,
            has_crop=face.has_crop,
            models=list(face.models),
            created_at=face.created_at,
        )
