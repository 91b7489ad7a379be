"""What has outlived its time goes by itself, and nothing else."""

from datetime import timedelta
from uuid import UUID

from bigbrother.face.gallery import faces, integrity, retention, statistics, subjects
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.telemetry.audit.listing import newest_records
from tests.integration.gallery.people import NOW, enrol, new_collection, new_subject, vectors
from tests.integration.rights.conftest import Connection

KEY = bytes(32)
DAYS = timedelta(days=1)


def test_faces_beyond_their_retention_are_purged_recorded_and_no_others(
    conn: Connection, model: ModelVersion
) -> None:
    for collection, kept in (("short", 30 * DAYS), ("long", 60 * DAYS), ("ever", None)):
        new_collection(conn, collection, retention=kept)
        for subject in ("ann", "bob"):
            new_subject(conn, subject, collection=collection)
            enrol(conn, subject, vectors(model, 1)[0], model, collection=collection)
    early = retention.purge(conn, NOW + 30 * DAYS - timedelta(microseconds=1), audit_key=KEY)
    assert (early.faces, newest_records(conn, limit=9)) == (0, ())
    gone = retention.purge(conn, NOW + 30 * DAYS, audit_key=KEY)
    assert (gone.faces, gone.more) == (2, False)
    assert subjects.get(conn, "short", "ann").faces == 0
    assert statistics.counts(conn).embeddings == 4
    (record,) = newest_records(conn, limit=9)
    held = {subjects.get(conn, "short", one).id for one in ("ann", "bob")}
    assert set(record.entry.subject_ids) == held
    assert (record.entry.action, record.entry.result) == ("erase", "erased 2 faces")
    assert (record.entry.purpose, record.entry.token_id) == ("retention", None)
    assert retention.purge(conn, NOW + 9000 * DAYS, audit_key=KEY).faces == 2
    assert subjects.get(conn, "ever", "ann").faces == 1
    assert integrity.verify(conn) == ()


def test_one_call_destroys_so_much_and_says_that_more_is_left(
    conn: Connection, model: ModelVersion
) -> None:
    new_collection(conn, retention=DAYS)
    new_subject(conn, "ann")
    first = enrol(conn, "ann", vectors(model, 1)[0], model)
    conn.execute(
        "INSERT INTO face SELECT gen_random_uuid(), subject_id, sha256(int4send(n)), box_x, box_y,"
        " box_width, box_height, score, quality_size, quality_sharpness, quality_pose,"
        " quality_brightness, quality_overall, quality_reasons, created_at"
        " FROM face, generate_series(1, 1500) n WHERE id = %s",
        (first.id,),
    )
    counted = []
    while (gone := retention.purge(conn, NOW + 2 * DAYS, audit_key=KEY)).faces:
        counted.append((gone.faces, gone.more))
    assert counted == [(1000, True), (501, False)]


def test_expired_idempotency_keys_are_forgotten(conn: Connection) -> None:
    conn.execute(
        "INSERT INTO api_token (id, name, role, secret_sha256, created_at)"
        " VALUES (%s, 'till', 'writer', sha256('a'), %s)",
        (UUID(int=1), NOW),
    )
    for key, days in (("old", 1), ("new", 3)):
        conn.execute(
            "INSERT INTO idempotency (token_id, key, request_sha256, created_at, expires_at)"
            " VALUES (%s, %s, sha256('b'), %s, %s)",
            (UUID(int=1), key, NOW, NOW + days * DAYS),
        )
    assert retention.purge(conn, NOW + DAYS, audit_key=KEY).idempotency_keys == 1
    assert conn.execute("SELECT key FROM idempotency").fetchall() == [("new",)]


def test_a_purged_face_matches_nobody_and_the_subject_stays(
    conn: Connection, model: ModelVersion
) -> None:
    new_collection(conn, retention=DAYS)
    new_subject(conn, "ann")
    enrol(conn, "ann", vectors(model, 1)[0], model)
    retention.purge(conn, NOW + DAYS, audit_key=KEY)
    assert faces.page(conn, "staff", "ann", cursor=None, limit=9).items == ()
    assert subjects.get(conn, "staff", "ann").name == "Name of ann"
