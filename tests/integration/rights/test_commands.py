"""`bigbrother audit` and `bigbrother erasures`, on a database and a home without a face unit."""

import json
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from typer.testing import CliRunner, Result

from bigbrother.entrypoints.cli.main import app
from bigbrother.face.batch import erasure, erasure_records
from bigbrother.face.gallery import subjects
from bigbrother.face.gallery.errors import SubjectNotFound
from bigbrother.face.gallery.ledger import Ledger
from bigbrother.face.gallery.records import ModelVersion
from bigbrother.security.keys import MasterKey
from bigbrother.settings import Settings
from bigbrother.telemetry.audit import chain
from bigbrother.telemetry.audit.anchors import Anchors
from tests.conftest import Database
from tests.integration.gallery.people import NOW, enrol, new_collection, new_subject, vectors
from tests.integration.rights.conftest import Connection


class Home:
    """A home with a key and a database, and the commands on it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.settings = Settings(home=folder / "home", runtime=folder / "run")
        self.settings.etc.mkdir(parents=True)
        self.settings.ledger.mkdir(parents=True)
        self.key = MasterKey.create(self.settings.master_key_file)
        self.ledger = Ledger(self.settings.ledger, self.key.derive(b"ledger"))
        self._environment = {
            "BIGBROTHER_HOME": str(self.settings.home),
            "BIGBROTHER_RUNTIME": str(self.settings.runtime),
            "BIGBROTHER_DSN": database.owner_dsn,
        }

    def run(self, *args: str) -> Result:
        return CliRunner().invoke(app, args, env=self._environment)


@pytest.fixture
def home(tmp_path: Path, database: Database) -> Home:
    return Home(tmp_path, database)


def erased_and_recorded(conn: Connection, home: Home, model: ModelVersion) -> UUID:
    """Two people with a face each, one of them erased; the erasure is recorded and anchored."""
    new_collection(conn)
    for number, one in enumerate(("ann", "bob")):
        new_subject(conn, one)
        enrol(conn, one, vectors(model, 1, seed=number)[0], model)
    ann = subjects.get(conn, "staff", "ann").id
    done = erasure.erase_subject(
        conn, "staff", "ann", ledger=home.ledger, master_key=home.key, now=NOW
    )
    entries = erasure_records.asked_for(
        done, token_id=UUID(int=5), token_name="door", purpose="asked", request_id="r-1"
    )
    key = home.key.derive(b"audit")
    chain.append(conn, entries, key=key, now=NOW)
    Anchors(home.settings.ledger, home.key.derive(b"anchors")).note(conn, NOW)
    conn.commit()
    return ann


def test_the_audit_is_read_and_verified_without_the_face_unit(
    conn: Connection, home: Home, model: ModelVersion, superuser: Connection
) -> None:
    ann = erased_and_recorded(conn, home, model)
    sound = home.run("audit", "verify")
    assert (sound.exit_code, sound.stdout) == (0, "1 records, all as they were written.\n")
    listed = home.run("audit", "list", "--subject", str(ann), "--action", "erase")
    assert "erased 1 face" in listed.stdout
    assert "door" in listed.stdout
    (item,) = json.loads(home.run("audit", "list", "-o", "json").stdout)["items"]
    assert (item["subject_ids"], item["purpose"]) == ([str(ann)], "asked")
    later = json.loads(home.run("audit", "list", "--since", "2031-01-01", "-o", "json").stdout)
    assert later["items"] == []

    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE audit_record SET result = 'nothing'")
    changed = home.run("audit", "verify", "-o", "json")
    assert changed.exit_code == 9
    said = json.loads(changed.stdout)
    assert not said["sound"]
    assert [one["kind"] for one in said["findings"]] == ["changed"]
    assert "compare it with a backup" in changed.stderr
    superuser.execute("DELETE FROM audit_record")
    cut = home.run("audit", "verify")
    assert (cut.exit_code, "cut-off" in cut.stdout) == (9, True)


def test_what_cannot_be_asked_for_is_refused_in_one_line(home: Home) -> None:
    wrong = home.run("audit", "list", "--subject", "ann")
    assert wrong.exit_code == 2
    missing = home.run("audit", "list", "--subject", "staff/ann")
    assert (missing.exit_code, "Traceback" in missing.stderr) == (4, False)


def test_the_ledger_is_listed_verified_and_carried_out_again(
    conn: Connection, home: Home, model: ModelVersion, database: Database
) -> None:
    ann = erased_and_recorded(conn, home, model)
    (line,) = json.loads(home.run("erasures", "list", "-o", "json").stdout)["items"]
    assert (line["subject_id"], line["kind"], line["carried_out"]) == (str(ann), "subject", True)
    verified = home.run("erasures", "verify")
    assert (verified.exit_code, verified.stdout) == (0, "1 lines, 1 carried out.\n")

    # As in a copy from before the erasure of bob.
    erasure.erase_subject(conn, "staff", "bob", ledger=home.ledger, master_key=home.key, now=NOW)
    conn.rollback()
    behind = home.run("erasures", "verify")
    assert behind.exit_code == 9
    assert "bigbrother erasures replay" in behind.stderr
    assert home.run("erasures", "replay").stdout == "Carried out 1 lines.\n"
    assert home.run("erasures", "replay").stdout == "Nothing was left to carry out.\n"
    with psycopg.connect(database.face_dsn) as other, pytest.raises(SubjectNotFound):
        subjects.get(other, "staff", "bob")
    assert home.run("audit", "verify").exit_code == 0
    listed = json.loads(home.run("audit", "list", "-o", "json").stdout)["items"]
    assert listed[0]["result"] == "erased 1 face, repeated from the ledger"

    home.ledger.path.write_bytes(b"x" + home.ledger.path.read_bytes())
    damaged = home.run("erasures", "verify")
    assert damaged.exit_code == 9
    assert "Put the file back" in damaged.stderr
