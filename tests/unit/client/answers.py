"""What a scripted face API answers."""

import json
from typing import Any

from tests.fakes.face_api import Answer

WHEN = "2027-01-01T00:00:00Z"
COLLECTION = {"name": "staff", "created_at": WHEN}
SUBJECT = {
    "external_id": "ana",
    "name": "Ana",
    "metadata": {"team": "night"},
    "consent": {"legal_basis": "consent", "purpose": "door", "reference": "f", "expires_at": WHEN},
    "faces": 2,
    "created_at": WHEN,
    "updated_at": WHEN,
    "a_field_of_a_newer_service": 1,
}
BATCH: dict[str, Any] = {
    "id": "b-1",
    "kind": "analyze",
    "state": "running",
    "priority": "normal",
    "collection": None,
    "options": {},
    "items": 3,
    "pending": 3,
    "succeeded": 0,
    "failed": 0,
    "cancelled": 0,
    "erased": 0,
    "last_position": 0,
    "webhook": None,
    "created_at": WHEN,
    "started_at": None,
    "finished_at": None,
}


def batch(**changes: Any) -> Answer:  # noqa: ANN401 - any field
    """A batch that differs in some fields."""
    return Answer(200, {**BATCH, **changes})


def line(position: int, **changes: Any) -> bytes:  # noqa: ANN401 - any field
    """A result as it stands in the stream, with its end of line."""
    result = {
        "position": position,
        "number": position,
        "name": f"{position}.jpg",
        "external_id": None,
        "state": "succeeded",
        "answer": {"width": 3, "height": 2, "faces_found": 0, "faces": []},
        "error": None,
        "done_at": WHEN,
        **changes,
    }
    return json.dumps(result).encode() + b"\n"
