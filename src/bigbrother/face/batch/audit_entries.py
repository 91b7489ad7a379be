"""What the audit keeps of a batch's items: whoever made the batch did it."""

from uuid import UUID

from bigbrother.face.batch.records import Batch
from bigbrother.telemetry.audit.records import Action, AuditEntry


def entry_of(
    batch: Batch, action: Action, subject_ids: tuple[UUID, ...], result: str, *, agreed: str = ""
) -> AuditEntry:
    """The record of one item; `agreed` is the purpose where the client named none."""
    client = batch.client
    return AuditEntry(
        action=action,
        token_id=client.token_id,
        token_name=client.token_name,
        collection_id=batch.collection_id,
        subject_ids=subject_ids,
        purpose=client.purpose or agreed,
        result=result,
        request_id=client.request_id,
    )
