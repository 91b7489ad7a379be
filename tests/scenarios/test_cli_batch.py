"""A person and a script use the batch commands, and bulk enrolment, of a running installation."""

import csv
import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.scenarios.place import BIGBROTHER, Place
from tests.scenarios.test_kills_in_mid_enrolment import photographs
from tests.waiting import until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos of one person and a file that only looks like one."""
    made = tmp_path / "photos"
    made.mkdir()
    for number, photo in enumerate(photographs(3)):
        (made / f"{number}.jpg").write_bytes(photo)
    (made / "broken.jpg").write_bytes(b"no image")
    return made


def test_a_batch_is_sent_followed_shown_and_destroyed(installation: Place, folder: Path) -> None:
    done = installation.cli("batch", "submit", str(folder), "-k", "analyze")
    assert done.returncode == 0, done.stderr
    batch_id = done.stdout.strip()
    done = installation.cli("batch", "results", batch_id, "--follow")
    assert done.returncode == 1, done.stderr
    results = {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert sorted(results) == ["0.jpg", "1.jpg", "2.jpg", "broken.jpg"]
    assert results["0.jpg"]["answer"]["faces_found"] == 1
    assert results["broken.jpg"]["error"]["code"] == "image-format-unsupported"
    done = installation.cli("batch", "status", batch_id, "--watch", "-o", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["succeeded"] == 3
    assert installation.cli("batch", "cancel", batch_id).returncode == 0
    assert installation.cli("batch", "delete", batch_id, "--yes").returncode == 0
    assert installation.cli("batch", "status", batch_id).returncode == 4


class Run:
    """A bulk enrolment of one's own: photos of several people, and a report."""

    def __init__(self, installation: Place, folder: Path, photos: int) -> None:
        self.place = installation
        self.collection = f"many-{uuid4().hex[:8]}"
        self.folder = folder
        self.report = folder / "report.csv"
        self.under_way = folder / "report.csv.under-way"
        for number, photo in enumerate(photographs(photos)):
            person = folder / "people" / f"p{number % 5}"
            person.mkdir(parents=True, exist_ok=True)
            (person / f"{number}.jpg").write_bytes(photo)
        home = folder / "home" / "etc"
        home.mkdir(parents=True)
        (home / "runbook.yaml").write_text("client: {enrolment_part: 6}\n")

    def start(self) -> subprocess.Popen[bytes]:
        # A home of its own: the size of the parts is nobody else's business.
        env = {
            **os.environ,
            "BIGBROTHER_HOME": str(self.folder / "home"),
            "BIGBROTHER_URL": self.place.url,
            "BIGBROTHER_TOKEN": self.place.token,
        }
        return subprocess.Popen(
            (
                *(str(BIGBROTHER), "face", "enrol-many", "people", "--create-collection"),
                *("--collection", self.collection, "--purpose", "tests", "--report", "report.csv"),
            ),
            env=env,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def lines(self) -> list[dict[str, str]]:
        if not self.report.exists():
            return []
        with self.report.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def kill_points(run: Run, chance: random.Random) -> list[Callable[[], bool]]:
    """Instants at which a run is killed: a part noted, taken, or so many lines written."""
    written = sorted(chance.sample(range(2, 22), 2))
    return [
        run.under_way.exists,
        lambda: run.under_way.exists() and b'"batch_id":null' not in run.under_way.read_bytes(),
        *(lambda least=least: len(run.lines()) >= least for least in written),
    ]


def enrol_under_kills(installation: Place, folder: Path, seed: int) -> None:
    photos = 24
    run = Run(installation, folder, photos)
    for reached in kill_points(run, random.Random(seed)):  # noqa: S311 - the same in each run
        process = run.start()
        until(lambda: process.poll() is not None or reached(), 30)  # noqa: B023
        process.kill()
        process.wait()
    process = run.start()
    assert process.wait(60) == 0
    lines = run.lines()
    assert len(lines) == len({line["path"] for line in lines}) == photos
    assert {line["outcome"] for line in lines} <= {"enrolled", "already-enrolled"}
    assert not run.under_way.exists()
    with installation.client() as client:
        held = [
            face.id
            for subject in client.subjects.list(run.collection)
            for face in client.faces.list(run.collection, subject.external_id)
        ]
        client.collections.delete(run.collection)
    assert sorted(held) == sorted(line["face_id"] for line in lines)


def test_a_killed_bulk_enrolment_goes_on_without_loss_or_doubles(
    installation: Place, tmp_path: Path
) -> None:
    enrol_under_kills(installation, tmp_path, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_a_bulk_enrolment_survives_kills_anywhere(
    installation: Place, tmp_path: Path, seed: int
) -> None:
    enrol_under_kills(installation, tmp_path, seed)
