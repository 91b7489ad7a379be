"""What the audit says of erasures that were carried out."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from bigbrother.face.batch.erasure import CarriedOut
from bigbrother.telemetry.audit.records import AuditEntry
from bigbrother.telemetry.audit.results import counted, erased

_SUBJECTS_OF_A_RECORD = 1000


def asked_for(
    carried_out: Sequence[CarriedOut],
    *,
    token_id: UUID,
    token_name: str,
    purpose: str,
    request_id: str,
) -> tuple[AuditEntry, ...]:
    """Records of an erasure that a caller asked for, and of what had to be repeated before it."""
    *before, last = carried_out
    own = _entries(
        last,
        token_id=token_id,
        token_name=token_name,
        purpose=purpose,
        result=_result(last),
        request_id=request_id,
    )
    return (*repeated(before), *own)


def repeated(carried_out: Sequence[CarriedOut]) -> tuple[AuditEntry, ...]:
    """Records of what was carried out because the ledger says so; nobody asked just now."""
    return tuple(
        entry
        for one in carried_out
        if one.subject_ids and one.erasure.kind != "withdrawal"
        for entry in _entries(
            one,
            token_id=None,
            token_name="",
            purpose="",
            result=f"{_result(one)}, repeated from the ledger",
            request_id="",
        )
    )


def _entries(
    one: CarriedOut,
    *,
    token_id: UUID | None,
    token_name: str,
    purpose: str,
    result: str,
    request_id: str,
) -> Iterator[AuditEntry]:
    for first in range(0, max(1, len(one.subject_ids)), _SUBJECTS_OF_A_RECORD):
        yield AuditEntry(
            action="erase",
            token_id=token_id,
            token_name=token_name,
            collection_id=one.erasure.collection_id,
            subject_ids=one.subject_ids[first : first + _SUBJECTS_OF_A_RECORD],
            purpose=purpose,
            result=result,
            request_id=request_id,
        )


def _result(one: CarriedOut) -> str:
    if one.erasure.kind == "collection":
        people = counted(len(one.subject_ids), "subject")
        return f"{erased(one.faces)} of {people}"
    return erased(one.faces)
