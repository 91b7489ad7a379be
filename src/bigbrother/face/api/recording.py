"""Writes what a request did with whose face into the audit, in the transaction that did it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request

from bigbrother.face.api.database import Connection
from bigbrother.face.api.services import FaceServices
from bigbrother.face.batch import erasure_records
from bigbrother.face.batch.erasure import CarriedOut
from bigbrother.security.tokens import Token
from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.audit.records import Action, AuditEntry


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records in the name of one request. Call it last in a transaction: see `chain.append`."""

    services: FaceServices
    token: Token
    request_id: str
    purpose: str

    def record(
        self,
        conn: Connection,
        action: Action,
        *,
        collection_id: UUID,
        subject_ids: Iterable[UUID],
        result: str,
    ) -> None:
        """Appends one record."""
        entry = AuditEntry(
            action=action,
            token_id=self.token.id,
            token_name=self.token.name,
            collection_id=collection_id,
            subject_ids=tuple(subject_ids),
            purpose=self.purpose,
            result=result,
            request_id=self.request_id,
        )
        self._append(conn, [entry])

    def record_erasure(self, conn: Connection, carried_out: Sequence[CarriedOut]) -> None:
        """Appends what an erasure did, and what it had to repeat before."""
        self._append(
            conn,
            erasure_records.asked_for(
                carried_out,
                token_id=self.token.id,
                token_name=self.token.name,
                purpose=self.purpose,
                request_id=self.request_id,
            ),
        )

    def _append(self, conn: Connection, entries: Sequence[AuditEntry]) -> None:
        key = self.services.audit_key
        chain.append(conn, entries, key=key, now=self.services.clock.now())


def recorder(request: Request, services: FaceServices, caller: Token, purpose: str) -> Recorder:
    """For one request and the purpose that it gave, or that stands for it."""
    return Recorder(services, caller, request.state.request_id, purpose)
