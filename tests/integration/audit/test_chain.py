"""The audit's chain: it takes every record, and shows whatever was done to it afterwards."""

import random
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from bigbrother.telemetry.audit import chain, listing
from bigbrother.telemetry.audit.anchors import Anchors
from bigbrother.telemetry.audit.records import Action, AuditEntry, Finding
from bigbrother.telemetry.audit.verification import verify
from tests.conftest import Database

Connection = psycopg.Connection[Any]
KEY, ANCHOR_KEY = bytes(range(32)), bytes(range(1, 33))
NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
RECORDS = 40
ACTIONS: tuple[Action, ...] = ("identify", "enrol", "export", "erase")


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """A connection with the service's own rights."""
    with psycopg.connect(database.face_dsn) as connection:
        yield connection


@pytest.fixture
def superuser(database: Database) -> Iterator[Connection]:
    """Somebody who may do anything to the database, and has no key."""
    with psycopg.connect(database.superuser_dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


@pytest.fixture
def anchors(tmp_path: Path) -> Anchors:
    return Anchors(tmp_path, ANCHOR_KEY)


def entry(number: int) -> AuditEntry:
    rng = random.Random(number)  # noqa: S311 - not a secret
    subjects = tuple(uuid.UUID(int=rng.getrandbits(128)) for _ in range(number % 4))
    return AuditEntry(
        action=ACTIONS[number % 4],
        token_id=None if number % 7 == 0 else uuid.UUID(int=rng.getrandbits(128)),
        token_name=f"porta {number}",
        collection_id=None if number % 5 == 0 else uuid.UUID(int=rng.getrandbits(128)),
        subject_ids=subjects,
        purpose="opening the door" if number % 2 else "",
        result=f"{number} faces",
        request_id=f"request-{number}",
    )


def filled(conn: Connection, records: int = RECORDS, first: int = 1) -> None:
    for number in range(first, first + records):
        chain.append(conn, [entry(number)], key=KEY, now=NOW + timedelta(seconds=number))
    conn.commit()


def findings(conn: Connection, anchors: Anchors) -> tuple[Finding, ...]:
    found = verify(conn, key=KEY, anchors=anchors.read()).findings
    conn.rollback()
    return found


def test_a_chain_that_nobody_touched_has_no_findings(conn: Connection, anchors: Anchors) -> None:
    assert verify(conn, key=KEY, anchors=()).records == 0
    filled(conn)
    assert anchors.note(conn, NOW)
    assert not anchors.note(conn, NOW)
    chain.append(conn, [entry(n) for n in range(RECORDS + 1, 2 * RECORDS)], key=KEY, now=NOW)
    conn.commit()
    sound = verify(conn, key=KEY, anchors=anchors.read())
    assert (sound.records, sound.findings) == (2 * RECORDS - 1, ())
    assert verify(conn, key=bytes(32), anchors=()).findings != ()


def test_records_say_exactly_what_was_appended(conn: Connection) -> None:
    filled(conn, 12)
    read = listing.newest_records(conn, limit=100)
    assert [one.entry for one in reversed(read)] == [entry(number) for number in range(1, 13)]
    assert [one.sequence for one in read] == list(range(12, 0, -1))
    whom = entry(3).subject_ids[1]
    assert [one.sequence for one in listing.newest_records(conn, subject_id=whom, limit=9)] == [3]
    assert [one.sequence for one in listing.about(conn, whom)] == [3]
    since = NOW + timedelta(seconds=9)
    erased = listing.newest_records(conn, action="erase", since=since, limit=9)
    assert [one.sequence for one in erased] == [11]
    assert [one.sequence for one in listing.newest_records(conn, limit=2)] == [12, 11]


def test_many_who_append_at_once_leave_no_gap_and_nothing_of_a_rolled_back_one(
    database: Database,
) -> None:
    def work(seed: int) -> None:
        with psycopg.connect(database.face_dsn) as own:
            for number in range(10):
                chain.append(own, [entry(seed), entry(number)], key=KEY, now=NOW)
                if number % 3 == 0:
                    own.rollback()
                else:
                    own.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    with psycopg.connect(database.face_dsn) as own:
        sound = verify(own, key=KEY, anchors=())
    assert (sound.records, sound.findings) == (6 * 6 * 2, ())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET result = 'nothing'",
        "DELETE FROM audit_record",
        "TRUNCATE audit_record",
        "ALTER TABLE audit_record DISABLE TRIGGER ALL",
        "DROP TABLE audit_record",
    ],
)
def test_the_service_itself_cannot_change_a_record(conn: Connection, statement: str) -> None:
    filled(conn, 1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_record SET result = ''", "DELETE FROM audit_record", "TRUNCATE audit_record"],
)
def test_even_the_owner_is_refused_by_the_trigger(
    database: Database, conn: Connection, statement: str
) -> None:
    filled(conn, 1)
    with (
        psycopg.connect(database.owner_dsn) as owner,
        pytest.raises(psycopg.errors.RaiseException, match="never changed"),
    ):
        owner.execute(statement.encode())


CHANGES = {
    "at": "at = at + interval '1 microsecond'",
    "action": "action = CASE action WHEN 'erase' THEN 'enrol' ELSE 'erase' END",
    "token_id": "token_id = CASE WHEN token_id IS NULL THEN gen_random_uuid() END",
    "token_name": "token_name = token_name || ' '",
    "collection_id": "collection_id = CASE WHEN collection_id IS NULL THEN gen_random_uuid() END",
    "subject_ids": "subject_ids = subject_ids || gen_random_uuid()",
    "purpose": "purpose = purpose || '.'",
    "result": "result = upper(result)",
    "request_id": "request_id = ''",
    "mac": "mac = sha256(mac)",
    # The same bytes one after the other, and cut at another place.
    "fields": "purpose = purpose || left(result, 1), result = substr(result, 2)",
}


def change(what: str) -> Callable[[Connection, int], None]:
    def tamper(superuser: Connection, sequence: int) -> None:
        statement = f"UPDATE audit_record SET {CHANGES[what]} WHERE sequence = %s"  # noqa: S608
        superuser.execute(statement.encode(), (sequence,))

    return tamper


def remove(superuser: Connection, sequence: int) -> None:
    superuser.execute("DELETE FROM audit_record WHERE sequence = %s", (sequence,))


def remove_and_close_the_gap(superuser: Connection, sequence: int) -> None:
    remove(superuser, sequence)
    move(superuser, sequence, -1)


def move(superuser: Connection, sequence: int, by: int) -> None:
    """Moves all behind a record; in two steps, since a sequence stands once."""
    for offset in (1_000_000, by - 1_000_000):
        superuser.execute(
            "UPDATE audit_record SET sequence = sequence + %s WHERE sequence > %s",
            (offset, sequence),
        )


def swap(superuser: Connection, sequence: int) -> None:
    for old, new in ((sequence, 10**6), (sequence + 1, sequence), (10**6, sequence + 1)):
        superuser.execute("UPDATE audit_record SET sequence = %s WHERE sequence = %s", (new, old))


def insert(superuser: Connection, sequence: int) -> None:
    move(superuser, sequence, 1)
    superuser.execute(
        "INSERT INTO audit_record SELECT sequence + 1, at, action, token_id, token_name,"
        " collection_id, subject_ids, purpose, 'nothing', request_id, mac FROM audit_record"
        " WHERE sequence = %s",
        (sequence,),
    )


def recompute_without_the_key(superuser: Connection, sequence: int) -> None:
    """Changes a record and makes every digest behind it fit, with a key of the tamperer's own."""
    change("result")(superuser, sequence)
    before = chain.BEGINNING
    for record in reversed(listing.newest_records(superuser, limit=10**6)):
        if record.sequence >= sequence:
            mac = chain.mac_of(bytes(32), before, record.sequence, record.at, record.entry)
            superuser.execute(
                "UPDATE audit_record SET mac = %s WHERE sequence = %s", (mac, record.sequence)
            )
            before = mac
        else:
            before = record.mac


def cut_the_end(superuser: Connection, sequence: int) -> None:
    superuser.execute("DELETE FROM audit_record WHERE sequence > %s", (sequence,))


def everything(superuser: Connection, _sequence: int) -> None:
    superuser.execute("DELETE FROM audit_record")


Tamper = Callable[[Connection, int], None]
TAMPERINGS: list[tuple[str, Tamper, int, str]] = [
    *((f"change-{what}", change(what), 17, "changed") for what in CHANGES),
    ("change-first", change("result"), 1, "changed"),
    ("change-last", change("purpose"), RECORDS, "changed"),
    ("remove-first", remove, 1, "removed"),
    ("remove-middle", remove, 20, "removed"),
    ("remove-last", remove, RECORDS, "cut-off"),
    ("swap", swap, 11, "reordered"),
    ("swap-last", swap, RECORDS - 1, "reordered"),
    ("insert", insert, 9, "inserted"),
    ("remove-and-close-the-gap", remove_and_close_the_gap, 13, "changed"),
    ("recompute", recompute_without_the_key, 30, "changed"),
    ("cut-the-end", cut_the_end, 25, "cut-off"),
    ("everything", everything, 0, "cut-off"),
]


@pytest.mark.parametrize(
    ("tamper", "sequence", "kind"),
    [one[1:] for one in TAMPERINGS],
    ids=[one[0] for one in TAMPERINGS],
)
def test_every_tampering_is_found_and_named(
    conn: Connection,
    superuser: Connection,
    anchors: Anchors,
    tamper: Tamper,
    sequence: int,
    kind: str,
) -> None:
    filled(conn)
    anchors.note(conn, NOW)
    conn.rollback()
    tamper(superuser, sequence)
    found = {finding.kind: finding for finding in findings(conn, anchors)}
    assert kind in found
    where = found[kind]
    if tamper not in (cut_the_end, everything, remove_and_close_the_gap):
        assert where.first <= sequence + 1 <= where.last + 1
    if tamper is insert:
        assert (where.first, where.last) == (10, 10)
        assert (found["reordered"].first, found["reordered"].last) == (11, RECORDS + 1)


def test_a_random_change_of_a_random_record_is_found_where_it_is(
    conn: Connection, superuser: Connection
) -> None:
    filled(conn)
    for seed in range(20):
        rng = random.Random(seed)  # noqa: S311 - not a secret
        sequence = rng.randint(1, RECORDS)
        with superuser.transaction(force_rollback=True):
            change(rng.choice(sorted(CHANGES)))(superuser, sequence)
            (finding,) = verify(superuser, key=KEY, anchors=()).findings
        assert (finding.kind, finding.first, finding.last) == ("changed", sequence, sequence)


def test_an_older_copy_in_place_of_the_newest_is_found(
    conn: Connection, superuser: Connection, anchors: Anchors
) -> None:
    filled(conn)
    anchors.note(conn, NOW)
    conn.rollback()
    cut_the_end(superuser, 30)
    assert [(one.kind, one.first, one.last) for one in findings(conn, anchors)] == [
        ("cut-off", 31, RECORDS)
    ]
    # The service goes on with it: the chain is whole, and still not the one that was noted.
    for number in range(100, 120):
        chain.append(conn, [entry(number)], key=KEY, now=NOW)
    conn.commit()
    anchors.note(conn, NOW)
    conn.rollback()
    assert [(one.kind, one.first) for one in findings(conn, anchors)] == [("replaced", RECORDS)]


def test_a_table_dropped_and_filled_by_somebody_else_is_found(
    database: Database, conn: Connection, anchors: Anchors
) -> None:
    filled(conn)
    anchors.note(conn, NOW)
    conn.rollback()
    with psycopg.connect(database.superuser_dsn, autocommit=True) as other:
        other.execute(sql.SQL("ALTER TABLE audit_record RENAME TO kept"))
        other.execute(
            "CREATE TABLE audit_record AS SELECT sequence, at, action, token_id, 'me' AS"
            " token_name, collection_id, subject_ids, purpose, result, request_id, mac FROM kept"
        )
        other.execute("GRANT SELECT ON audit_record TO bigbrother_face")
    (finding,) = findings(conn, anchors)
    assert (finding.kind, finding.first, finding.last) == ("changed", 1, RECORDS)
