"""A person asks what is the matter with a running service, and packs it for somebody else."""

import json
import shlex
import tarfile
import zipfile
from pathlib import Path

import psycopg
from typer.testing import CliRunner

from bigbrother.client.results import Consent
from bigbrother.entrypoints.cli.main import app
from tests.scenarios.place import Place

NAME = "Zuleica Quaresma"
EXTERNAL_ID = "zuleica-quaresma-7"
PASSWORD = "correct horse battery"  # noqa: S105 - planted, to be searched for


def test_a_running_service_is_looked_at_within_the_budget(installation: Place) -> None:
    done = installation.cli("diagnose", "-o", "json")
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    assert told["seconds"] < 10
    found = {(one["check"], one["target"]): one for one in told["results"]}
    assert len({check for check, _ in found}) >= 40
    for look in (
        ("database_answers", "bigbrother-db"),
        ("network_latency", "bigbrother-face"),
        ("hung_units", "bigbrother-worker"),
        ("port_taken", "bigbrother-face"),
        ("golden_inference", "bigbrother-face"),
        ("integrity", "bigbrother-db"),
        ("indexes", ""),
        ("model_files", "sface.onnx"),
        ("workers", "bigbrother-worker"),
    ):
        assert found[look]["status"] == "passed", found[look]
    broken = [one for one in found.values() if "itself broke" in " ".join(one["evidence"])]
    assert broken == []
    statuses = {one["status"] for one in found.values()}
    assert done.returncode == (2 if "failed" in statuses else 1 if "warning" in statuses else 0)


def plant(installation: Place) -> None:
    """Somebody is enrolled, and the database's log says of whom a row was."""
    (installation.home / "etc" / "secrets").mkdir(mode=0o700, exist_ok=True)
    (installation.home / "etc" / "secrets" / "planted").write_text(PASSWORD)
    with installation.client() as client:
        client.collections.create("bundled")
        client.subjects.create(
            "bundled",
            EXTERNAL_ID,
            name=NAME,
            consent=Consent(legal_basis="consent", purpose=f"door of {NAME}", reference="paper 7"),
        )
    log = installation.home / "log" / "bigbrother-face.log"
    with log.open("a") as opened:
        opened.write(
            json.dumps({"level": "error", "event": "failed", "name": NAME, "detail": PASSWORD})
            + f"\nERROR:  duplicate key\nDETAIL:  Key (name)=({NAME}) exists.\n"
            + f"Authorization: Bearer {installation.token} GET /v1/subjects/{EXTERNAL_ID} "
            + "asked by ana@example.org, +55 11 99999-0000\n"
        )


def contents(file: Path) -> dict[str, str]:
    """Every file of a bundle."""
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as packed:
            return {name: packed.read(name).decode() for name in packed.namelist()}
    with tarfile.open(file) as archive:
        return {
            member.name: opened.read().decode()
            for member in archive
            if (opened := archive.extractfile(member)) is not None
        }


def test_a_bundle_explains_everything_and_gives_nobody_away(
    installation: Place, tmp_path: Path
) -> None:
    plant(installation)
    secrets = [
        installation.token,
        (installation.home / "etc" / "ops.token").read_text().strip(),
        (installation.home / "etc" / "master.key").read_bytes().hex(),
        PASSWORD,
        NAME,
        EXTERNAL_ID,
        "ana@example.org",
        "99999-0000",
        "noc@company.com",
    ]
    for name in ("diagnosis.tar.gz", "diagnosis.zip"):
        file = tmp_path / name
        done = CliRunner().invoke(app, ("diagnose", "--bundle", str(file)), env=installation.env)
        assert done.exit_code in (0, 1, 2), done.stderr
        assert file.stat().st_mode & 0o777 == 0o600
        packed = contents(file)
        assert {text for text in secrets if text in "".join(packed.values())} == set()
        for part in ("diagnosis", "runbook", "versions", "alerts", "runs"):
            json.loads(packed[f"bigbrother/{part}.json"])
        assert "duplicate key" in packed["bigbrother/logs/bigbrother-face.log"]
        assert "PostgreSQL 18" in packed["bigbrother/versions.json"]
        whole = json.loads(packed["bigbrother/runbook.json"])
        assert whole["daily_checks"]["system"]["cpu_usage"] == "< 80%"
    with psycopg.connect(f"host={installation.runtime}/db user=postgres dbname=bigbrother") as conn:
        conn.execute("DELETE FROM collection WHERE name = 'bundled'")


def test_every_example_of_the_help_works(installation: Place, tmp_path: Path) -> None:
    epilog = next(each.epilog for each in app.registered_commands if each.name == "diagnose") or ""
    lines = [line for line in epilog.splitlines() if line.startswith("$ ")]
    assert lines
    for line in lines:
        _, _, *words = shlex.split(line)
        here = [str(tmp_path / word) if word.endswith(".tar.gz") else word for word in words]
        done = CliRunner().invoke(app, here, env=installation.env)
        assert done.exit_code in (0, 1, 2), done.stderr
        assert done.stdout
