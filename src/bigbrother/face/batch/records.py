"""What a batch is made of; plain values, no database handles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

Kind = Literal["analyze", "enrol", "identify"]
BatchState = Literal["running", "finished", "cancelled"]
ItemState = Literal["pending", "succeeded", "failed", "cancelled", "erased"]
Priority = Literal["low", "normal", "high"]
WebhookState = Literal["waiting", "delivered", "given-up"]


class NewSubjectConsent(BaseModel):
    """The consent of every subject that an enrolment makes on its way."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    legal_basis: str
    purpose: str
    reference: str = ""
    expires_at: AwareDatetime | None = None


class BatchOptions(BaseModel):
    """What is done with each image; kept as JSON beside the batch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    embeddings: bool = False
    """analyze: whether results carry embeddings."""
    max_faces: int | None = None
    min_size_pixels: float = 0.0
    limit: int | None = None
    """identify: matches of each face; None takes the document's `limits.matches`."""
    prominent: bool = False
    """enrol: take the most prominent of several faces instead of refusing the image."""
    new_subjects: NewSubjectConsent | None = None
    """enrol: make subjects that do not exist yet, with this consent; None fails their images."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asked; kept with the batch for fairness and for the audit."""

    token_id: UUID
    token_name: str
    request_id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an item has no result: the words of a problem document."""

    code: str
    title: str
    detail: str
    remedy: str
    service_fault: bool = False
    """The service's own failure, not the image's or its subject's: trying again may help."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """One image as it is taken in."""

    name: str
    """As the client calls it: a file's name, or its path within an archive or folder."""
    image: bytes | Refusal
    """The encoded image, or why it is refused before anybody looks at it."""
    external_id: str | None = None
    """enrol: whose face it is."""
    subject_name: str = ""
    """enrol: the name of a subject that is made on the way."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items are in each state."""

    items: int
    succeeded: int
    failed: int
    cancelled: int
    erased: int

    @property
    def pending(self) -> int:
        return self.items - self.succeeded - self.failed - self.cancelled - self.erased


@dataclass(frozen=True, slots=True)
class Batch:
    """One bulk request."""

    id: UUID
    kind: Kind
    state: BatchState
    """finished once no item is pending; cancelled once it was asked for."""
    priority: Priority
    collection_id: UUID | None
    collection: str | None
    client: Client
    options: BatchOptions
    counts: Counts
    last_position: int
    webhook_url: str | None
    webhook_state: WebhookState | None
    created_at: datetime
    started_at: datetime | None
    """When the first worker took a chunk of it."""
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How one item ended, as results list it."""

    position: int
    """1, 2, 3 … in the order in which items ended. What stands at a position never changes; an item
    that is tried again leaves its position empty and gets a new one."""
    number: int
    """The item's place in what was sent, from 1."""
    name: str
    external_id: str | None
    state: ItemState
    answer: dict[str, Any] | None
    """Of a success: what the same request for one image would have answered."""
    refusal: Refusal | None
    done_at: datetime
