"""Erasing people: nothing stays, nothing comes back, nobody else is touched."""

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from bigbrother.face.batch import erasure
from bigbrother.face.batch.erasure import CarriedOut
from bigbrother.face.batch.records import NewItem
from bigbrother.face.gallery import faces, integrity, subjects
from bigbrother.face.gallery.errors import (
    CollectionNotFound,
    FaceNotFound,
    LedgerDamaged,
    LedgerUnwritable,
    SubjectNotFound,
)
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.face.gallery.vectors import vector_text
from tests.conftest import Cluster, Database
from tests.integration.gallery.people import (
    MASTER_KEY,
    NOW,
    Vector,
    digest_of,
    enrol,
    face_of,
    found,
    new_collection,
    new_subject,
    vectors,
)
from tests.integration.rights.batches import item_states, submit
from tests.integration.rights.conftest import QUEUE, Connection
from tests.integration.rights.everywhere import tables_that_hold
from tests.waiting import until

LATER = NOW + timedelta(hours=1)
NAME, EXTERNAL_ID = "Joaquina Setembrino", "matricula-58211"


def forget(conn: Connection, ledger: Ledger, external_id: str = "ann") -> CarriedOut:
    *_, last = erasure.erase_subject(
        conn, "staff", external_id, ledger=ledger, master_key=MASTER_KEY, now=LATER
    )
    return last


def crowd(conn: Connection, model: ModelVersion, people: tuple[str, ...] = ("ann", "bob")) -> None:
    """A collection in which everybody has two faces."""
    new_collection(conn, keep_crops=True)
    for number, one in enumerate(people):
        new_subject(conn, one)
        for embedding in vectors(model, 2, seed=number):
            enrol(conn, one, embedding, model)
    conn.commit()


def older_copy(cluster: Cluster, database: Database) -> Database:
    """The database as it is now, as a restore would bring it back."""
    made = f"{_name(database.face_dsn)}_copy"
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER bigbrother").format(
                sql.Identifier(made), sql.Identifier(_name(database.face_dsn))
            )
        )
    roles = ("postgres", "bigbrother", "bigbrother_face")
    return Database(*(cluster.dsn(role, made) for role in roles))


def _name(dsn: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])


def test_after_an_erasure_no_table_of_any_schema_holds_anything_of_the_subject(
    conn: Connection, superuser: Connection, model: ModelVersion, ledger: Ledger, database: Database
) -> None:
    crowd(conn, model)
    subject = subjects.create(
        conn,
        "staff",
        EXTERNAL_ID,
        name=NAME,
        metadata={"nickname": f"{NAME} junior"},
        consent=new_subject(conn, "cat").consent,
        master_key=MASTER_KEY,
        now=NOW,
    )
    embeddings = vectors(model, 3, seed=9)
    kept = [enrol(conn, EXTERNAL_ID, one, model) for one in embeddings]
    crop = faces.crop(conn, "staff", EXTERNAL_ID, kept[0].id, master_key=MASTER_KEY)
    sealed: Any = conn.execute("SELECT sealed_png FROM crop WHERE face_id = %s", (kept[0].id,))
    key: Any = conn.execute(
        "SELECT wrapped_key FROM subject_key WHERE subject_id = %s", (subject.id,)
    )
    conn.execute(
        "INSERT INTO api_token (id, name, role, secret_sha256, created_at)"
        " VALUES (%s, 'till', 'writer', sha256('a'), %s)",
        (UUID(int=1), NOW),
    )
    conn.execute(
        "INSERT INTO idempotency (token_id, key, request_sha256, created_at, expires_at, status,"
        " body, location, subject_id) VALUES (%s, 'k', sha256('b'), %s, %s, 201, %s, %s, %s)",
        (UUID(int=1), NOW, LATER, NAME.encode(), f"/{EXTERNAL_ID}", subject.id),
    )
    photo = embeddings[0].tobytes()
    items = [NewItem(f"{EXTERNAL_ID}.jpg", photo, EXTERNAL_ID, NAME)]
    batch = submit(conn, "enrol", items)
    looked_at = submit(conn, "analyze", [NewItem("gate.jpg", photo)], collection=None)
    wanted = {
        "name": [NAME, NAME.encode().hex()],
        "external id": [EXTERNAL_ID, EXTERNAL_ID.encode().hex()],
        "crop": [crop[-100:].hex(), sealed.fetchone()[0][:100].hex()],
        "key": [key.fetchone()[0].hex()],
        "embedding": [_stored(conn, one, model) for one in embeddings],
        "image": [digest_of(embeddings[0])],
    }
    conn.commit()
    # The planner's samples are part of what is held.
    superuser.execute("ANALYZE")
    before = tables_that_hold(superuser, wanted)
    assert before["name"] == {"public.subject", "public.idempotency"}
    assert "public.embedding_1" in before["embedding"]
    assert all(before.values())
    assert "pg_catalog.pg_statistic" not in set().union(*before.values())

    gone = forget(conn, ledger, EXTERNAL_ID)
    conn.commit()
    assert (gone.subject_ids, gone.faces) == ((subject.id,), 3)
    superuser.execute("ANALYZE")
    assert tables_that_hold(superuser, wanted) == {what: set() for what in wanted}
    assert item_states(conn, batch) == item_states(conn, looked_at) == ["erased"]
    assert not found(conn, embeddings[0], model)
    assert integrity.verify(conn) == ()
    said = ledger.path.read_text()
    assert not [text for text in (NAME, EXTERNAL_ID) if text in said]
    assert _name(database.face_dsn) not in said


def _stored(conn: Connection, embedding: Vector, model: ModelVersion) -> str:
    """As the database writes this embedding."""
    row = conn.execute("SELECT %s::vector::text", (vector_text(embedding, model),)).fetchone()
    assert row is not None
    return str(row[0])


def test_an_older_copy_forgets_again_once_the_ledger_is_carried_out(
    conn: Connection, cluster: Cluster, database: Database, model: ModelVersion, ledger: Ledger
) -> None:
    crowd(conn, model, ("ann", "bob", "cat", "dan", "eve"))
    (spare,) = vectors(model, 1, seed=50)
    new_collection(conn, "visitors")
    new_subject(conn, "guest", collection="visitors")
    guest = enrol(conn, "guest", spare, model, collection="visitors")
    bobs = faces.page(conn, "staff", "bob", cursor=None, limit=9).items
    (ann_s, _) = vectors(model, 2, seed=0)
    batch = submit(conn, "enrol", [NewItem("1", b"one", "ann"), NewItem("2", b"two", "eve")])
    conn.commit()
    conn.close()
    copy = older_copy(cluster, database)
    with psycopg.connect(database.face_dsn, options=QUEUE) as live:
        forget(live, ledger)
        erasure.erase_face(live, "staff", "bob", bobs[0].id, ledger=ledger, now=LATER)
        cat = subjects.get(live, "staff", "cat")
        erasure.withdraw(live, cat, LATER, ledger=ledger, now=LATER)
        erasure.erase_collection(live, "visitors", ledger=ledger, now=LATER)
        # Enrolled anew later, under the same external id: another subject.
        new_subject(live, "ann")
        enrol(live, "ann", vectors(model, 1, seed=60)[0], model, now=LATER)
    with psycopg.connect(copy.face_dsn, options=QUEUE) as restored:
        assert subjects.get(restored, "staff", "ann").faces == 2
        done = erasure.replay(restored, ledger=ledger, now=LATER)
        restored.commit()
        assert [one.erasure.kind for one in done] == ["subject", "face", "withdrawal", "collection"]
        with pytest.raises(SubjectNotFound):
            subjects.get(restored, "staff", "ann")
        assert not found(restored, ann_s, model)
        left = faces.page(restored, "staff", "bob", cursor=None, limit=9).items
        assert [one.id for one in left] == [bobs[1].id]
        assert subjects.get(restored, "staff", "cat").consent.withdrawn_at == LATER
        with pytest.raises(CollectionNotFound):
            faces.get(restored, "visitors", "guest", guest.id)
        assert item_states(restored, batch) == ["erased", "pending"]
        assert subjects.get(restored, "staff", "dan").faces == 2
        assert erasure.replay(restored, ledger=ledger, now=LATER) == ()
        assert integrity.verify(restored) == ()
    with psycopg.connect(database.face_dsn, options=QUEUE) as live:
        assert erasure.pending(live, ledger) == 0
        assert subjects.get(live, "staff", "ann").faces == 1
    cluster.drop(copy)


def test_a_subject_enrolled_anew_is_not_erased_with_the_former_one(
    conn: Connection, model: ModelVersion, ledger: Ledger
) -> None:
    crowd(conn, model)
    forget(conn, ledger)
    new_subject(conn, "ann")
    anew = submit(conn, "enrol", [NewItem("1", b"one", "ann")], now=LATER + timedelta(seconds=1))
    # As in a copy that knows nothing of the erasure and everything of what came after.
    conn.execute("UPDATE erasure_position SET sequence = 0")
    erasure.replay(conn, ledger=ledger, now=LATER)
    assert subjects.get(conn, "staff", "ann").faces == 0
    assert item_states(conn, anew) == ["pending"]


def test_an_erased_subject_does_not_come_back_with_a_pending_batch(
    conn: Connection, model: ModelVersion, ledger: Ledger
) -> None:
    crowd(conn, model)
    batch = submit(
        conn,
        "enrol",
        [NewItem(f"{n}", b"%d" % n, who) for n, who in enumerate(("ann", "bob", "ann"))],
    )
    forget(conn, ledger)
    assert item_states(conn, batch) == ["erased", "pending", "erased"]
    sealed = conn.execute("SELECT count(*) FROM batch_image WHERE batch_id = %s", (batch.id,))
    assert sealed.fetchone() == (1,)


def test_an_erasure_whose_commit_failed_is_made_up_for_by_the_next_one(
    conn: Connection, model: ModelVersion, ledger: Ledger
) -> None:
    crowd(conn, model, ("ann", "bob", "cat"))
    forget(conn, ledger, "ann")
    conn.rollback()
    assert subjects.get(conn, "staff", "ann").faces == 2
    assert erasure.pending(conn, ledger) == 1
    done = erasure.erase_subject(
        conn, "staff", "bob", ledger=ledger, master_key=MASTER_KEY, now=LATER
    )
    conn.commit()
    assert [one.erasure.sequence for one in done] == [1, 2]
    assert [
        one.external_id for one in subjects.page(conn, "staff", cursor=None, limit=9).items
    ] == ["cat"]


@pytest.mark.parametrize("before", ["rollback", "nothing"])
def test_a_consent_given_anew_is_not_withdrawn_by_an_older_line(
    conn: Connection, model: ModelVersion, ledger: Ledger, before: str
) -> None:
    crowd(conn, model)
    ann = subjects.get(conn, "staff", "ann")
    erasure.withdraw(conn, ann, LATER, ledger=ledger, now=LATER)
    if before == "rollback":
        conn.rollback()
        erasure.replay(conn, ledger=ledger, now=LATER)
    assert subjects.get(conn, "staff", "ann").consent.withdrawn_at == LATER
    subjects.update(conn, "staff", "ann", consent=ann.consent, now=LATER)
    assert erasure.replay(conn, ledger=ledger, now=LATER) == ()
    assert subjects.get(conn, "staff", "ann").consent.withdrawn_at is None


def test_what_is_not_there_leaves_no_line(
    conn: Connection, model: ModelVersion, ledger: Ledger
) -> None:
    crowd(conn, model)
    with pytest.raises(SubjectNotFound):
        forget(conn, ledger, "nobody")
    with pytest.raises(CollectionNotFound):
        erasure.erase_collection(conn, "nowhere", ledger=ledger, now=LATER)
    with pytest.raises(FaceNotFound):
        erasure.erase_face(conn, "staff", "ann", UUID(int=3), ledger=ledger, now=LATER)
    assert ledger.newest() == 0


def test_a_full_disk_refuses_the_erasure_and_leaves_everything_as_it_was(
    conn: Connection, model: ModelVersion, ledger: Ledger
) -> None:
    crowd(conn, model)
    forget(conn, ledger, "bob")
    conn.commit()
    written = ledger.path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A file-size limit in mid-line is as near to a full disk as a test may come.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(written) + 10, limits[1]))
    try:
        with pytest.raises(LedgerUnwritable, match="nothing was erased"):
            forget(conn, ledger)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    conn.rollback()
    assert ledger.path.read_bytes() == written
    assert subjects.get(conn, "staff", "ann").faces == 2
    forget(conn, ledger)
    conn.commit()
    assert erasure.pending(conn, ledger) == 0


def test_a_ledger_that_ends_before_what_was_carried_out_is_refused(
    conn: Connection, model: ModelVersion, ledger: Ledger, tmp_path: Path
) -> None:
    crowd(conn, model)
    ledger.id()
    older = ledger.path.read_bytes()
    forget(conn, ledger)
    conn.commit()
    ledger.path.write_bytes(older)
    with pytest.raises(LedgerDamaged, match="put the newest one back"):
        erasure.replay(conn, ledger=Ledger(tmp_path, MASTER_KEY.derive(b"ledger")), now=LATER)


def test_a_new_ledger_begins_anew_and_an_old_one_is_carried_out_where_it_stopped(
    conn: Connection, model: ModelVersion, ledger: Ledger, tmp_path: Path
) -> None:
    crowd(conn, model, ("ann", "bob", "cat"))
    forget(conn, ledger, "ann")
    (tmp_path / "other").mkdir()
    other = Ledger(tmp_path / "other", MASTER_KEY.derive(b"ledger"))
    forget(conn, other, "bob")
    assert erasure.pending(conn, ledger) == erasure.pending(conn, other) == 0
    assert face_of(vectors(model, 1)[0]).embedding is not None


class ArrivingSlowly(list[NewItem]):
    """Images between whose arrival something happens."""

    def __init__(self, items: list[NewItem], meanwhile: Callable[[], object]) -> None:
        super().__init__(items)
        self._meanwhile = meanwhile

    def __iter__(self) -> Iterator[NewItem]:
        first, *rest = super().__iter__()
        yield first
        self._meanwhile()
        yield from rest


def test_who_is_erased_while_a_batch_arrives_is_not_kept_waiting_and_does_not_come_back(
    conn: Connection, model: ModelVersion, ledger: Ledger, database: Database
) -> None:
    crowd(conn, model)

    def erase_ann() -> None:
        with psycopg.connect(database.face_dsn, options=QUEUE) as other:
            other.execute("SET lock_timeout = '1s'")
            assert forget(other, ledger).faces == 2

    items = [NewItem(one, one.encode(), one) for one in ("ann", "bob")]
    batch = submit(conn, "enrol", ArrivingSlowly(items, erase_ann), ledger=ledger)
    conn.commit()
    assert item_states(conn, batch) == ["erased", "pending"]


def test_a_collection_erased_while_a_batch_arrives_takes_the_batch_along(
    conn: Connection, model: ModelVersion, ledger: Ledger, database: Database
) -> None:
    crowd(conn, model)

    def erase() -> None:
        with psycopg.connect(database.face_dsn, options=QUEUE) as other:
            # It waits for the batch, which holds the collection, and the batch for it.
            other.execute("SET lock_timeout = '300ms'")
            erasure.erase_collection(other, "staff", ledger=ledger, now=LATER)

    with ThreadPoolExecutor(1) as others:
        erasing: list[Future[None]] = []

        def begin() -> None:
            erasing.append(others.submit(erase))
            # The line is written once the erasure has its lock.
            until(lambda: ledger.newest() == 1)

        items = [NewItem(one, one.encode(), one) for one in ("ann", "bob")]
        submit(conn, "enrol", ArrivingSlowly(items, begin), ledger=ledger)
        conn.commit()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            erasing[0].result(30)
    # What was asked for is not forgotten: the face unit carries it out a moment later.
    erasure.replay(conn, ledger=ledger, now=LATER)
    assert conn.execute("SELECT count(*) FROM batch").fetchone() == (0,)
