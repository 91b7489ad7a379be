"""Bodies of batches."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from bigbrother.face.api.schemas.gallery import CollectionName, GivenConsent
from bigbrother.face.api.schemas.images import Positive
from bigbrother.face.api.schemas.parts import AnswerBody, RequestBody, ShortText
from bigbrother.face.batch import records


class BatchSettings(RequestBody):
    """What is done with each image; what does not concern the kind of batch has no effect."""

    embeddings: bool = Field(default=False, description="analyze: results carry embeddings.")
    max_faces: Positive | None = Field(
        default=None, description="analyze, identify: keep the most prominent only."
    )
    min_size_pixels: float = Field(
        default=0.0,
        ge=0,
        le=100_000,
        description="analyze: leave out faces whose shorter side is below this.",
    )
    limit: Positive | None = Field(default=None, description="identify: most matches of a face.")
    prominent: bool = Field(
        default=False, description="enrol: take the most prominent of several faces."
    )
    new_subjects: GivenConsent | None = Field(
        default=None,
        description="enrol: make subjects that do not exist, with this consent; null: their "
        "images fail.",
    )

    def record(self) -> records.BatchOptions:
        """The options as they are kept."""
        consent = self.new_subjects
        kept = None if consent is None else records.NewSubjectConsent(**consent.model_dump())
        return records.BatchOptions(
            embeddings=self.embeddings,
            max_faces=self.max_faces,
            min_size_pixels=self.min_size_pixels,
            limit=self.limit,
            prominent=self.prominent,
            new_subjects=kept,
        )


class GivenWebhook(RequestBody):
    """Who is told of the end."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    secret: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="The key of the signature X-BigBrother-Signature."
    )


class GivenItem(RequestBody):
    """What is said of one image."""

    name: ShortText | None = Field(default=None, description="Instead of the part's filename.")
    external_id: ShortText | None = Field(
        default=None, description="enrol: whose face it is; else the first folder of the name."
    )
    subject_name: ShortText = Field(
        default="", description="enrol: the name of a subject that is made on the way."
    )


class BatchRequest(RequestBody):
    """What to do with many images; the part `request` of a form, before the images."""

    kind: records.Kind
    collection: CollectionName | None = Field(
        default=None, description="enrol, identify: which one."
    )
    priority: records.Priority = "normal"
    chunk: Positive | None = Field(
        default=None, description="Images that a worker takes at a time; null: as the runbook says."
    )
    options: BatchSettings = BatchSettings()
    webhook: GivenWebhook | None = None
    items: list[GivenItem] | None = Field(
        default=None, description="With parts `image`: one for each, in their order."
    )


class FolderBatchRequest(BatchRequest):
    """A batch of the images in a folder of the server."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "analyze", "folder": "/srv/photos"}]}
    )

    folder: Annotated[str, Field(min_length=1, max_length=4000)] = Field(
        description="The whole path; the operator allows it by the setting `batch_folders`."
    )


class WebhookBody(AnswerBody):
    """Who is told of the end, and whether that was done."""

    url: str
    state: records.WebhookState


class BatchBody(AnswerBody):
    """Many images, and how far they are."""

    id: UUID
    kind: records.Kind
    state: records.BatchState
    priority: records.Priority
    collection: str | None
    options: BatchSettings
    items: int
    pending: int
    succeeded: int
    failed: int
    cancelled: int
    erased: int = Field(description="Items of subjects that were erased.")
    last_position: int = Field(description="Position of the newest result; 0 before the first.")
    webhook: WebhookBody | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, batch: records.Batch) -> "BatchBody":
        """The body of a record."""
        counts = batch.counts
        webhook = None
        if batch.webhook_url is not None and batch.webhook_state is not None:
            webhook = WebhookBody(url=batch.webhook_url, state=batch.webhook_state)
        options = batch.options.model_dump(mode="json")
        return cls(
            id=batch.id,
            kind=batch.kind,
            state=batch.state,
            priority=batch.priority,
            collection=batch.collection,
            options=BatchSettings.model_validate(options),
            items=counts.items,
            pending=counts.pending,
            succeeded=counts.succeeded,
            failed=counts.failed,
            cancelled=counts.cancelled,
            erased=counts.erased,
            last_position=batch.last_position,
            webhook=webhook,
            created_at=batch.created_at,
            started_at=batch.started_at,
            finished_at=batch.finished_at,
        )
