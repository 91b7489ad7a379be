"""What the audit keeps of a batch's items."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from bigbrother.face.batch.audit_entries import entry_of
from bigbrother.face.batch.records import Batch, BatchOptions, Client, Counts


@pytest.mark.parametrize(
    ("named", "kept"), [("a door", "a door"), ("", "what the person agreed to")]
)
def test_an_enrolment_is_for_what_its_client_said_or_else_for_what_the_person_agreed_to(
    named: str, kept: str
) -> None:
    batch = Batch(
        id=UUID(int=1),
        kind="enrol",
        state="running",
        priority="normal",
        collection_id=UUID(int=2),
        collection="staff",
        client=Client(UUID(int=3), "till", "request-1", named),
        options=BatchOptions(),
        counts=Counts(1, 0, 0, 0, 0),
        last_position=0,
        webhook_url=None,
        webhook_state=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        started_at=None,
        finished_at=None,
    )
    entry = entry_of(batch, "enrol", (UUID(int=4),), "enrolled", agreed="what the person agreed to")
    assert (entry.purpose, entry.token_name, entry.request_id) == (kept, "till", "request-1")
