"""What the documents show is run as they show it. `make` itself is run by test_fresh_clone."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.postgres.database_server import EmbeddedPostgres
from bigbrother.client.results import Consent
from tests.conftest import unprivileged_account
from tests.scenarios.place import Place, free_port
from tests.scenarios.reading import DOCUMENTED_ADDRESS, ROOT, blocks, read_along, reader
from tests.waiting import until


def test_the_readme_holds(installation: Place, desk: Path) -> None:
    said = read_along("README.md", installation, desk)
    assert '"faces_found":1' in said
    assert "Eileen Collins" in said
    committed = cv2.imread(str(ROOT / "docs" / "images" / "result.jpg"))
    drawn = cv2.imread(str(desk / "result.jpg"))
    assert committed is not None
    assert drawn is not None
    assert committed.shape == drawn.shape
    difference = float(np.abs(committed.astype(float) - drawn.astype(float)).mean())
    assert difference < 3, "docs/images/result.jpg is not what the README's command draws"


def test_the_readme_shows_what_up_prints(installation: Place) -> None:
    printed = installation.cli("up", "--detach").stdout
    (shown,) = blocks("README.md", "text")
    for line in filter(None, shown.splitlines()):
        label, value = re.split(r"\s{2,}", line)
        found = next((one for one in printed.splitlines() if one.startswith(f"{label}  ")), "")
        assert found, f"`up` prints no '{label}'"
        if DOCUMENTED_ADDRESS in value:
            assert value.replace(DOCUMENTED_ADDRESS, f"127.0.0.1:{installation.port}") in found


def test_the_guide_to_the_runbook_holds(installation: Place, desk: Path) -> None:
    said = read_along("docs/how-to/change-the-runbook.md", installation, desk)
    assert "new.yaml holds." in said
    assert "-daily_checks.system.cpu_usage: < 80%\n+daily_checks.system.cpu_usage: < 70%" in said
    assert (desk / "runbook.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_guide_to_prometheus_holds(installation: Place, desk: Path) -> None:
    for tool in ("promtool", "amtool"):
        if shutil.which(tool) is None:
            reason = f"no {tool}: install Debian's prometheus and prometheus-alertmanager"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
    said = read_along("docs/how-to/use-prometheus-beside.md", installation, desk)
    assert "SUCCESS" in said


def test_the_quickstart_holds(place: Place, desk: Path) -> None:
    (program,) = blocks("docs/quickstart.md", "python")
    program = program.replace(DOCUMENTED_ADDRESS, f"127.0.0.1:{place.port}")
    (desk / "program.py").write_text(program, "utf-8")
    forget = "bigbrother face forget front-door ana --yes"
    shown = blocks("docs/quickstart.md", "sh")
    assert any(block.startswith(forget) for block in shown)
    # The program stands before the block that forgets whom it looks for.
    tripped = f'bigbrother() {{ if [ "$*" = "{forget.removeprefix("bigbrother ")}" ]; then '
    tripped += f'{sys.executable} program.py > program.out; fi; command bigbrother "$@"; }}'
    said = read_along("docs/quickstart.md", place, desk, also=tripped)
    assert (desk / "program.out").read_text("utf-8") == "[('Ana Souza', 1.0)]\n"
    assert "same person" in said
    assert "nobody" in said
    for drawing in ("found.jpg", "result.jpg"):
        assert cv2.imread(str(desk / drawing)) is not None
    assert place.processes() == []


def test_the_guide_to_consent_holds(installation: Place, desk: Path) -> None:
    shutil.copyfile(ROOT / "src/bigbrother/models/samples/astronaut.jpg", desk / "photo.jpg")
    said = read_along(
        "docs/how-to/enrol-people-with-consent.md",
        installation,
        desk,
        also=f"TOKEN={installation.token}",
    )
    with installation.client() as client:
        client.collections.delete("front-door")
    assert '"retention":"365 days"' in said
    assert '"withdrawn_at":"2026-01-31T12:00:00Z"' in said
    assert "Erased 'ana'" in said


def test_the_guide_to_enrolling_many_holds(installation: Place, desk: Path) -> None:
    said = read_along("docs/how-to/enrol-many-people.md", installation, desk)
    with installation.client() as client:
        names = {one.external_id: one.name for one in client.subjects.list("visitors")}
        faces = [one.faces for one in client.subjects.list("visitors")]
        client.collections.delete("visitors")
    assert names == {"ana": "Ana Souza", "rui": "Rui Costa"}
    assert faces == [1, 1]
    assert said.count("\nana,ana/1.jpg,enrolled,") == 1
    assert not (desk / "report.csv.under-way").exists()


def test_the_guide_to_the_python_client_holds(installation: Place, desk: Path) -> None:
    guide = "docs/how-to/python-client.md"
    read_along(guide, installation, desk)
    program = "\n".join(blocks(guide, "python"))
    (desk / "program.py").write_text(
        program.replace(DOCUMENTED_ADDRESS, f"127.0.0.1:{installation.port}"), "utf-8"
    )
    done = subprocess.run(
        (sys.executable, "program.py"),
        env=reader(installation, desk),
        cwd=desk,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with installation.client() as client:
        assert [subject.external_id for subject in client.subjects.list("entrance")] == ["rui"]
        client.collections.delete("entrance")
        for token in client.tokens.list():
            if token.name == "my-program":
                client.tokens.revoke(token.id)
    box, *said = done.stdout.splitlines()
    assert box.startswith("x=")
    assert sorted(said[3:6]) == [
        "image-2 1 face",
        "image-3 image-format-unsupported",
        "photo.jpg 1 face",
    ]
    del said[3:6]
    assert said == [
        "[('Ana Souza', True)]",
        "['ana']",
        "[1, 1, 1, 1]",
        "finished 1 of 1",
        "1 True",
        "1 succeeded",
        "subject-not-found",
        "415 image-format-unsupported",
        "ana.zip",
    ]
    assert zipfile.is_zipfile(desk / "ana.zip")


def test_the_guide_to_batches_holds(installation: Place, desk: Path) -> None:
    also = f"TOKEN={installation.token}"
    said = read_along("docs/how-to/run-batches.md", installation, desk, also=also)
    assert '"position":2' in said
    assert '"state":"finished"' in said


def test_the_guides_to_people_s_rights_hold(installation: Place, desk: Path) -> None:
    photo = ROOT / "src/bigbrother/models/samples/astronaut.jpg"
    shutil.copyfile(photo, desk / "photo.jpg")
    consent = Consent(legal_basis="consent", purpose="door", reference="form 1", expires_at=None)
    with installation.client() as client:
        client.collections.create("front-door", keep_crops=True)
        client.subjects.create("front-door", "ana", name="Ana Souza", consent=consent)
        client.faces.enrol("front-door", "ana", photo)
    also = f"TOKEN={installation.token}"
    audited = read_along("docs/how-to/audit.md", installation, desk, also=also)
    assert "all as they were written" in audited
    said = read_along("docs/how-to/answer-a-data-subject.md", installation, desk, also=also)
    with installation.client() as client:
        client.collections.delete("front-door")
    assert zipfile.is_zipfile(desk / "ana.zip")
    assert "Erased 'ana'" in said
    assert "Nothing was left to carry out." in said
    listed = installation.cli("audit", "list").stdout
    for done in ("portão norte", "exported", "asked by Ana"):
        assert done in listed


@pytest.mark.slow
def test_the_guide_to_thresholds_holds(place: Place, desk: Path) -> None:
    place.up()
    photo = (ROOT / "src/bigbrother/models/samples/astronaut.jpg").read_bytes()
    with place.client() as client:
        before = client.identify("sample", photo)
    (overlay,) = blocks("docs/how-to/choose-a-threshold.md", "yaml")
    (place.home / "etc" / "runbook.yaml").write_text(overlay, "utf-8")
    read_along("docs/how-to/choose-a-threshold.md", place, desk)
    with place.client() as client:
        after = client.identify("sample", photo)
        assert client.verify(photo, photo).false_match_rate == pytest.approx(0.0001)
    assert before.false_positive_rate == pytest.approx(0.01)
    assert after.false_positive_rate == pytest.approx(0.001)
    assert after.threshold > before.threshold


def test_every_preflight_check_stands_in_the_guide_to_trouble(place: Place, desk: Path) -> None:
    said = read_along("docs/how-to/troubleshoot-make-up.md", place, desk)
    guide = (ROOT / "docs/how-to/troubleshoot-make-up.md").read_text("utf-8")
    names = [re.split(r"\s{2,}", line)[0] for line in said.splitlines()[1:]]
    assert "port" in names
    assert [name for name in names if f"| {name} |" not in guide] == []


@pytest.mark.slow
def test_the_guide_to_a_postgresql_of_ones_own_holds(
    place: Place, desk: Path, open_folder: Path
) -> None:
    guide = "docs/how-to/use-your-own-postgresql.md"
    (prepare,) = blocks(guide, "sql")
    (settings,) = blocks(guide, "toml")
    with own_postgresql(open_folder) as (superuser, port):
        for number, part in enumerate(prepare.split("\\connect bigbrother\n")):
            dsn = make_conninfo(superuser, dbname="bigbrother" if number else "postgres")
            with psycopg.connect(dsn, autocommit=True) as conn:
                for statement in filter(str.strip, part.split(";")):
                    conn.execute(statement.encode())
        # The guide's server is elsewhere and speaks TLS; this one is here and does not.
        dsn = make_conninfo(
            tomllib.loads(settings)["dsn"], host="127.0.0.1", port=port, sslmode="disable"
        )
        (place.home / "etc").mkdir(parents=True, mode=0o700)
        (place.home / "etc" / "bigbrother.toml").write_text(f'dsn = "{dsn}"\n', "utf-8")
        read_along(guide, place, desk)
        assert list(place.units()) == ["bigbrother-face", "bigbrother-worker", "bigbrother-ops"]
        assert place.healthy()
        assert place.cli("down").returncode == 0


@contextmanager
def own_postgresql(folder: Path) -> Iterator[tuple[str, int]]:
    """Somebody's own server, with passwords over TCP; its superuser's DSN and its port."""
    base = folder / "own"
    base.mkdir(mode=0o711)
    account = unprivileged_account()
    server = EmbeddedPostgres(
        programs=folder / "postgres",
        data=base / "data" / "postgres",
        socket_folder=base / "run",
        clock=SystemClock(),
        account=account,
    )
    server.install()
    server.initialise()
    process, port = server.process(), free_port()
    access = base / "pg_hba.conf"
    access.write_text(
        "local all all peer map=units\nhost bigbrother bigbrother 127.0.0.1/32 scram-sha-256\n"
    )
    running = subprocess.Popen(
        (
            *process.arguments,
            *("-c", f"hba_file={access}", "-c", "listen_addresses=127.0.0.1"),
            *("-c", f"port={port}", "-c", "fsync=off"),
        ),
        user=process.user,
        group=None if account is None else "nogroup",
        extra_groups=None if account is None else [],
        cwd=process.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    superuser = make_conninfo(server.superuser_dsn(), port=port)
    try:
        until(lambda: running.poll() is not None or _answers(superuser), 30)
        assert running.poll() is None
        yield superuser, port
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
        shutil.rmtree(base)


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True
