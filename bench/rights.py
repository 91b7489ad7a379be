"""Forgetting one person among 100,000, and verifying the audit.

Starts a database of its own. The people are synthetic; the disk's work is real.
"""

import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from tests.gallery_crowd import NOW, load_crowd

from bench.gallery import embedded_database
from bench.report import Result, Row
from bigbrother.face.batch import erasure, erasure_records
from bigbrother.face.gallery import model_versions
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.security.keys import MasterKey
from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.audit.records import AuditEntry
from bigbrother.telemetry.audit.verification import verify

SUBJECTS, ERASED, RECORDS, ENTRIES_OF_A_BATCH = 100_000, 50, 10_000, 16
DIMENSION = 128
TARGET_ERASURE_SECONDS = TARGET_VERIFICATION_SECONDS = 1.0
_KEY = MasterKey(bytes(32))
_QUEUE = "-c search_path=public,queue"


def erasures(owner_dsn: str, face_dsn: str, folder: Path) -> Row:
    """One after the other, each committed and recorded, as DELETE does it."""
    with psycopg.connect(owner_dsn) as owner:
        model = model_versions.register(owner, "bench", "1", DIMENSION, now=NOW)
        owner.commit()
        load_crowd(
            owner, model, collections=1, subjects=SUBJECTS, examples=1, expired_share=0, seed=1
        )
    ledger, seconds = Ledger(folder, _KEY.derive(b"ledger")), []
    with psycopg.connect(face_dsn, options=_QUEUE) as conn:
        for number in range(ERASED):
            began = time.perf_counter()
            done = erasure.erase_subject(
                conn, "crowd-0", f"person-{number}", ledger=ledger, master_key=_KEY, now=NOW
            )
            entries = erasure_records.asked_for(
                done, token_id=uuid.UUID(int=1), token_name="", purpose="", request_id=""
            )
            chain.append(conn, entries, key=_KEY.derive(b"audit"), now=NOW)
            conn.commit()
            seconds.append(time.perf_counter() - began)
    return Row(
        f"erasure of one subject among {SUBJECTS:,}",
        f"p50 {statistics.median(seconds) * 1000:.0f} ms, max {max(seconds) * 1000:.0f} ms",
        "",
        "",
        f"<= {TARGET_ERASURE_SECONDS:g} s",
        max(seconds) <= TARGET_ERASURE_SECONDS,
    )


def audit(face_dsn: str) -> Iterator[Row]:
    """Appended by the chunk, as a worker does, then verified from the beginning."""
    subject = uuid.UUID(int=2)
    entry = AuditEntry(
        "identify", subject, "gate", subject, (subject,), "entry", "1 face, 1 match", "r"
    )
    key = _KEY.derive(b"audit")
    with psycopg.connect(face_dsn) as conn:
        held = verify(conn, key=key, anchors=()).records
        began = time.perf_counter()
        for _ in range((RECORDS - held) // ENTRIES_OF_A_BATCH):
            chain.append(conn, [entry] * ENTRIES_OF_A_BATCH, key=key, now=NOW)
            conn.commit()
        appended = time.perf_counter() - began
        chain.append(conn, [entry] * ((RECORDS - held) % ENTRIES_OF_A_BATCH), key=key, now=NOW)
        conn.commit()
        began = time.perf_counter()
        found = verify(conn, key=key, anchors=())
        verified = time.perf_counter() - began
    yield Row(
        f"audit records appended, {ENTRIES_OF_A_BATCH} a transaction",
        f"{(RECORDS - held) / appended:,.0f} a second",
        "",
        "",
        "",
        None,
    )
    yield Row(
        f"{found.records:,} audit records verified",
        f"{verified:.2f} s",
        "",
        "",
        f"<= {TARGET_VERIFICATION_SECONDS:g} s",
        not found.findings and verified <= TARGET_VERIFICATION_SECONDS,
    )


def measure() -> Iterator[Result]:
    """Erasures first; their records are part of the audit."""
    with embedded_database() as server, tempfile.TemporaryDirectory(prefix="bb-") as folder:
        yield erasures(server.owner_dsn, server.face_dsn, Path(folder))
        yield from audit(server.face_dsn)
