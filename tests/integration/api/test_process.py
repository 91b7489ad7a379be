"""The unit as a process: starting without its database, leaving on a signal, being killed."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

import bigbrother
from bigbrother.installation.home import make as make_home
from bigbrother.settings import Settings
from tests.conftest import Cluster, Database
from tests.integration.api import images
from tests.integration.api.conftest import CONSENT, prepare
from tests.waiting import until


@dataclass
class Unit:
    """One process of bigbrother-face."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    log: Path

    def answers(self, path: str, status: int) -> bool:
        try:
            return self.client.get(path).status_code == status
        except httpx.TransportError:
            return False

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


Starter = Callable[..., Unit]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def home(open_folder: Path) -> Path:
    """A home as `bigbrother up` makes it: another account passes through to what it owns."""
    made = Path(tempfile.mkdtemp(prefix="home-", dir=open_folder))
    settings = Settings(home=made, runtime=made / "run")
    make_home(settings, passable=True)
    if os.geteuid() == 0:
        for folder in (settings.spool, settings.ledger):
            shutil.chown(folder, "nobody")
    return made


@pytest.fixture
def start(tmp_path: Path, home: Path) -> Iterator[Starter]:
    """Starts units and ends those that a test leaves behind."""
    units: list[Unit] = []

    def make(dsn: str, token: str = "", source: Path | None = None, *options: str) -> Unit:
        port = free_port()
        log = tmp_path / f"unit-{len(units)}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                (sys.executable, "-m", "bigbrother.entrypoints.face", *options),
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": "" if source is None else str(source),
                    "BIGBROTHER_HOME": str(home),
                    "BIGBROTHER_RUNTIME": str(tmp_path / "run"),
                    "BIGBROTHER_DSN": dsn,
                    "BIGBROTHER_PORT": str(port),
                },
                stdout=stream,
                stderr=stream,
            )
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=30,
            trust_env=False,
        )
        units.append(Unit(process, client, log))
        return units[-1]

    yield make
    for unit in units:
        unit.client.close()
        unit.process.kill()
        unit.process.wait(10)


def test_it_waits_for_its_database_alive_but_not_ready(cluster: Cluster, start: Starter) -> None:
    database = cluster.new_database()
    token = prepare(database)["admin"]
    name = psycopg.conninfo.conninfo_to_dict(database.owner_dsn)["dbname"]
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}_away"')
    unit = start(database.face_dsn, token)
    until(lambda: unit.answers("/livez", 200), 30)
    assert unit.client.get("/readyz").status_code == 503
    assert unit.client.get("/v1/collections").status_code == 503
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}_away" RENAME TO "{name}"')
    until(lambda: unit.answers("/readyz", 200), 20)
    assert unit.client.get("/v1/collections").status_code == 200


def test_it_drains_on_a_signal_and_finishes_what_it_began(
    database: Database, start: Starter, photo: bytes
) -> None:
    token = prepare(database)["admin"]
    unit = start(database.face_dsn, token)
    until(lambda: unit.answers("/readyz", 200), 30)
    body = [("image", photo)] * 16
    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(unit.client.post, "/v1/analyze", files=body)
        with httpx.Client(base_url=unit.client.base_url, trust_env=False) as other:
            text = "bigbrother_http_requests_in_flight 2.0"
            until(lambda: sent.done() or text in other.get("/metrics").text)
            unit.process.send_signal(signal.SIGTERM)
            until(lambda: other.get("/readyz").status_code == 503, 5)
            # The drain time is there for these.
            assert other.get("/livez").status_code == 200
        assert sent.result().status_code == 200
    assert unit.process.wait(15) == 0
    assert all(isinstance(line, dict) for line in unit.lines())


def test_a_kill_in_mid_enrolment_leaves_what_was_acknowledged_and_nothing_twice(
    database: Database, start: Starter, photo: bytes
) -> None:
    token = prepare(database)["admin"]
    unit = start(database.face_dsn, token)
    until(lambda: unit.answers("/readyz", 200), 30)
    assert unit.client.post("/v1/collections", json={"name": "k"}).status_code == 201
    acknowledged: list[str] = []

    def enrol(number: int, unit: Unit) -> bool:
        """Makes a subject and enrols it, with keys; says whether both were acknowledged."""
        key = f"key-{number}"
        subject = {"external_id": f"s{number}", "consent": CONSENT}
        try:
            made = unit.client.post(
                "/v1/collections/k/subjects", json=subject, headers={"Idempotency-Key": key}
            )
            assert made.status_code == 201, made.text
            face = unit.client.post(
                f"/v1/collections/k/subjects/s{number}/faces",
                files={"image": photo},
                headers={"Idempotency-Key": f"{key}-face"},
            )
            assert face.status_code == 201, face.text
        except httpx.TransportError:
            return False
        acknowledged.append(f"s{number}")
        return True

    with ThreadPoolExecutor(4) as threads:
        sent = [threads.submit(enrol, number, unit) for number in range(40)]
        until(lambda: len(acknowledged) >= 5, 30)
        unit.process.kill()
        outcomes = [each.result() for each in sent]
    assert not all(outcomes), "the kill came too late to prove anything"
    before = set(acknowledged)
    again = start(database.face_dsn, token)
    until(lambda: again.answers("/readyz", 200), 30)
    for external_id in before:
        found = again.client.get(f"/v1/collections/k/subjects/{external_id}").json()
        assert found["faces"] == 1
    assert all(enrol(number, again) for number in range(40))
    listed = again.client.get("/v1/collections/k/subjects?limit=100").json()["items"]
    assert sorted(each["external_id"] for each in listed) == sorted(f"s{n}" for n in range(40))
    assert {each["faces"] for each in listed} == {1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_gives_its_power_up_and_serves_from_a_folder_only_root_can_read(
    database: Database, start: Starter, tmp_path: Path, photo: bytes
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(Path(bigbrother.__file__).parent, private / "bigbrother")
    token = prepare(database)["admin"]
    unit = start(database.face_dsn, token, private, "--user", "nobody")
    until(lambda: unit.answers("/readyz", 200), 30)
    status = Path(f"/proc/{unit.process.pid}/status").read_text("ascii")
    nobody = pwd.getpwnam("nobody").pw_uid
    assert f"Uid:\t{nobody}\t{nobody}\t{nobody}\t{nobody}" in status
    client = unit.client
    client.post("/v1/collections", json={"name": "p", "keep_crops": True})
    client.post("/v1/collections/p/subjects", json={"external_id": "a", "consent": CONSENT})
    enrolled = client.post("/v1/collections/p/subjects/a/faces", files={"image": photo})
    assert enrolled.status_code == 201, enrolled.text
    crop = f"/v1/collections/p/subjects/a/faces/{enrolled.json()['id']}/crop"
    for path in ("/health", "/metrics", "/api/docs", "/api/openapi.json", "/v1/models", crop):
        assert client.get(path).status_code == 200, path
    for image in (images.saved("WEBP"), images.saved("BMP"), images.noise(32, 32)):
        assert client.post("/v1/analyze", files={"image": image}).status_code == 200
    assert client.post("/v1/analyze", files={"image": photo[:5000]}).status_code == 422
    unit.process.send_signal(signal.SIGTERM)
    assert unit.process.wait(15) == 0


def test_a_taken_address_and_a_missing_key_are_told_in_one_line(
    database: Database, start: Starter, home: Path
) -> None:
    (home / "etc" / "master.key").unlink()
    unit = start(database.face_dsn)
    assert unit.process.wait(30) == 1
    assert unit.lines()[-1]["code"] == "invalid-master-key"


def test_no_secret_and_no_name_is_written_to_the_log(
    database: Database, start: Starter, photo: bytes
) -> None:
    token = prepare(database)["admin"]
    unit = start(database.face_dsn, token)
    until(lambda: unit.answers("/readyz", 200), 30)
    unit.client.post("/v1/collections", json={"name": "secret-collection"})
    subject = {"external_id": "secret-person", "name": "Secret Name", "consent": CONSENT}
    unit.client.post("/v1/collections/secret-collection/subjects", json=subject)
    unit.client.get("/v1/collections/secret-collection/subjects/secret-person?cursor=secret-query")
    unit.client.get(f"/v1/{token}")
    text = unit.log.read_text("utf-8")
    assert "secret" not in text.lower()
    assert token.rpartition("_")[2] not in text
    routes = [line.get("route") for line in unit.lines()]
    assert "/v1/collections/{collection}/subjects/{external_id}" in routes
