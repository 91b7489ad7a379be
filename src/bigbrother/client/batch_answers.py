"""What the face analyzer answers about batches, typed."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from bigbrother.client.results import EnrolledFace, Identification, ImageAnalysis, Result

Kind = Literal["analyze", "enrol", "identify"]
Priority = Literal["low", "normal", "high"]
BatchState = Literal["running", "finished", "cancelled"]
ItemState = Literal["succeeded", "failed", "cancelled", "erased"]


class BatchWebhook(Result):
    """Where the end of a batch is told, and whether it was."""

    url: str
    state: Literal["waiting", "delivered", "given-up"]


class Batch(Result):
    """One bulk request and how far it is."""

    id: str
    kind: Kind
    state: BatchState
    """finished once no item is pending; cancelled once that was asked for."""
    priority: Priority
    collection: str | None = None
    options: dict[str, Any]
    items: int
    pending: int
    succeeded: int
    failed: int
    cancelled: int
    erased: int
    last_position: int
    """Of the newest result."""
    webhook: BatchWebhook | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether there is still something to come."""
        return self.state == "running"

    @property
    def done(self) -> int:
        """Items that have ended, in whichever way."""
        return self.items - self.pending


class ItemError(Result):
    """Why an item has no answer, in the service's words."""

    code: str
    title: str = ""
    detail: str = ""
    remedy: str = ""
    service_fault: bool = False
    """The service's own failure, not the picture's: trying again may help."""


class BatchEnrolment(EnrolledFace):
    """The face that an item enrolled."""

    already_enrolled: bool = False
    """The subject had this very picture before; nothing was added."""
    subject_created: bool = False


class ItemResult(Result):
    """How one item of a batch ended."""

    position: int
    """1, 2, 3 … in the order in which items ended."""
    number: int
    """The item's place in what was sent, from 1."""
    name: str
    external_id: str | None = None
    state: ItemState
    answer: dict[str, Any] | None = Field(default=None, repr=False)
    """Of a success; typed, after the batch's kind: `analysis`, `identification`, `enrolment`."""
    error: ItemError | None = None
    done_at: datetime

    @property
    def analysis(self) -> ImageAnalysis | None:
        """The faces of an image, of a batch that analyzes; None without an answer."""
        return None if self.answer is None else ImageAnalysis.model_validate(self.answer)

    @property
    def identification(self) -> Identification | None:
        """Who is in an image, of a batch that identifies; None without an answer."""
        return None if self.answer is None else Identification.model_validate(self.answer)

    @property
    def enrolment(self) -> BatchEnrolment | None:
        """The enrolled face, of a batch that enrols; None without an answer."""
        return None if self.answer is None else BatchEnrolment.model_validate(self.answer)
