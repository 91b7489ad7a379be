"""The audit and the ledger of erasures as an operator looks at them."""

from pathlib import Path

from bigbrother.face.batch import erasure, erasure_records
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.statements import GalleryConnection
from bigbrother.kernel.clock import Clock
from bigbrother.security.keys import MasterKey
from bigbrother.telemetry.audit import chain, verification
from bigbrother.telemetry.audit.anchors import Anchors
from bigbrother.telemetry.audit.records import Verification


class Rights:
    """One transaction's view; whoever made it commits."""

    def __init__(
        self, conn: GalleryConnection, folder: Path, master_key: MasterKey, clock: Clock
    ) -> None:
        """`folder` is that of the ledger and the anchors."""
        self.conn = conn
        self.ledger = Ledger(folder, master_key.derive(b"ledger"))
        self.anchors = Anchors(folder, master_key.derive(b"anchors"))
        self._audit_key = master_key.derive(b"audit")
        self._clock = clock

    def verify_audit(self) -> Verification:
        """Looks at every record and anchor. Raises ChainedFileDamaged."""
        return verification.verify(self.conn, key=self._audit_key, anchors=self.anchors.read())

    def replay(self) -> int:
        """Carries out what the ledger says and the database has not; how many lines.

        Raises LedgerDamaged.
        """
        now = self._clock.now()
        done = erasure.replay(self.conn, ledger=self.ledger, now=now)
        entries = erasure_records.repeated(done)
        chain.append(self.conn, entries, key=self._audit_key, now=now)
        return len(done)
