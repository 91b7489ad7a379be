"""Carries the ledger of erasures out before anything is answered, and anchors the audit.

A database that was restored from an older copy holds people who were erased since. Nobody may be
found in it until the ledger has been carried out again.
"""

import threading
from collections.abc import Callable

import psycopg
import structlog

from bigbrother.face.api.database import Connection, Database
from bigbrother.face.api.errors import ErasuresPending
from bigbrother.face.batch import erasure, erasure_records
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import BigBrotherError, Unavailable
from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.audit.anchors import Anchors

_log = structlog.get_logger("bigbrother.face.rights")


class RightsKeeper:
    """A thread of the face unit. `refusal` is None once the ledger has been carried out."""

    def __init__(
        self,
        *,
        database: Database,
        ledger: Ledger,
        anchors: Anchors,
        audit_key: bytes,
        clock: Clock,
        runbook: Runbook,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._anchors = anchors
        self._audit_key = audit_key
        self._clock = clock
        self._runbook = runbook
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rights-keeper", daemon=True)
        self.refusal: Unavailable | None = ErasuresPending(
            "Erasures are being carried out again before anything is answered.",
            remedy="Try again after the time that Retry-After names.",
        )

    def start(self) -> None:
        """Begins to catch up."""
        self._thread.start()

    def follow(self, runbook: Runbook) -> None:
        """Pauses by this document from the next pause on."""
        self._runbook = runbook

    def stop(self) -> None:
        """Notes the newest audit record a last time and ends."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            caught_up = self._try(self._catch_up)
            if caught_up:
                self.refusal = None
                self._try(self._anchor)
            # As long as a refused caller is told to wait, so that the next try finds more.
            retry_after = self._runbook.limits.retry_after
            pause = self._runbook.audit.anchor_every if caught_up else retry_after
            self._stopping.wait(pause.value)
        self._try(self._anchor)

    def _try(self, work: Callable[[Connection], None]) -> bool:
        try:
            self._database.transaction(work)
        except BigBrotherError as error:
            _log.error("rights not kept", code=error.code, detail=error.detail)
            if self.refusal is not None and isinstance(error, Unavailable):
                self.refusal = error
            return False
        except (psycopg.Error, OSError):
            _log.exception("rights not kept")
            return False
        return True

    def _catch_up(self, conn: Connection) -> None:
        # Asked before anything is locked: as a rule there is nothing to do.
        if not erasure.pending(conn, self._ledger):
            return
        now = self._clock.now()
        done = erasure.replay(conn, ledger=self._ledger, now=now)
        chain.append(conn, erasure_records.repeated(done), key=self._audit_key, now=now)
        _log.warning("erasures carried out again", lines=len(done))

    def _anchor(self, conn: Connection) -> None:
        self._anchors.note(conn, self._clock.now())
