"""Bulk enrolment: the check of the source, the report, and going on after any end."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigbrother.entrypoints.cli.bulk.under_way import Note, UnderWay
from tests.fakes.enrolling_service import EnrollingService, running_enrolling_service
from tests.unit.cli.conftest import Cli

pytestmark = pytest.mark.usefixtures("people", "service")

TERMS = ("--collection", "staff", "--purpose", "door", "--reference", "forms")
BIGBROTHER = Path(sys.executable).parent / "bigbrother"


@pytest.fixture
def service(home: Path) -> Iterator[EnrollingService]:
    (home / "etc").mkdir()
    (home / "etc" / "runbook.yaml").write_text("client: {enrolment_part: 4}\n")
    with running_enrolling_service() as made:
        yield made


@pytest.fixture
def many(bare_cli: Cli, service: EnrollingService) -> Cli:
    """Runs `face enrol-many` with the usual terms."""

    def run(source: str, *more: str) -> object:
        env = {"BIGBROTHER_URL": service.url, "BIGBROTHER_TOKEN": "secret"}
        return bare_cli("face", "enrol-many", source, *TERMS, *more, **env)

    return run  # type: ignore[return-value]  # a Result, as Cli says


@pytest.fixture
def people(tmp_path: Path, home: Path) -> Path:
    """Ten photos of five people in a folder tree."""
    folder = tmp_path / "people"
    for number in range(10):
        person = folder / f"p{number % 5}"
        person.mkdir(parents=True, exist_ok=True)
        (person / f"{number}.jpg").write_bytes(f"photo {number}".encode())
    return folder


def rows(report: Path) -> list[dict[str, str]]:
    with report.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outcomes(report: Path) -> list[str]:
    return sorted(row["outcome"] for row in rows(report))


class TestSource:
    def test_a_folder_tree_is_enrolled_with_names(
        self, many: Cli, service: EnrollingService, people: Path
    ) -> None:
        (people / "subjects.csv").write_text("external_id,name\np1,Ana Souza\n", "utf-8")
        (people / ".hidden").mkdir()
        (people / ".hidden" / "x.jpg").write_bytes(b"x")
        ended = many("people")
        assert ended.exit_code == 0, ended.output
        assert len(service.faces) == 10
        items = [item for held in service.batches.values() for item in held["asked"]["items"]]
        assert {item.get("subject_name", "") for item in items if item["external_id"] == "p1"} == {
            "Ana Souza"
        }
        consent = next(iter(service.batches.values()))["asked"]["options"]["new_subjects"]
        assert consent["purpose"] == "door"
        assert [len(held["images"]) for held in service.batches.values()] == [4, 4, 2]

    @pytest.mark.parametrize("delimiter", [",", ";"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    @pytest.mark.parametrize("column", ["path", "Image"])
    def test_a_table_is_read_as_spreadsheets_write_it(
        self, many: Cli, service: EnrollingService, people: Path, delimiter: str, mark: str,
        column: str,
    ) -> None:  # fmt: skip
        lines = [(column, "external_id", "name"), ("p0/0.jpg", "ção", "Conceição"), ()]
        table = "\r\n".join(delimiter.join(line) for line in lines)
        (people / "list.csv").write_bytes((mark + table).encode())
        ended = many("people/list.csv")
        assert ended.exit_code == 0, ended.output
        assert [person for person, _ in service.faces] == ["ção"]

    def test_everything_wrong_is_listed_with_its_line_and_nothing_is_sent(
        self, many: Cli, service: EnrollingService, people: Path
    ) -> None:
        (people / "list.csv").write_text(
            "path,external_id,name\n"
            "p0/0.jpg,ana,Ana\n"
            "gone.jpg,rui,\n"
            "p1/1.jpg,a/b,\n"
            ",eva,\n"
            "p0/0.jpg,ana,Ana\n"
            "p0,dir,\n"
            "p0/5.jpg,ana,Other\n",
            "utf-8",
        )
        ended = many("people/list.csv")
        assert ended.exit_code == 4
        for line in (3, 4, 5, 6, 7, 8):
            assert f"line {line}: " in ended.stderr
        assert "line 2: " not in ended.stderr
        assert "6 entries that cannot be enrolled; nothing was sent" in ended.stderr
        assert service.batches == {}
        ended = many("people/list.csv", "--skip-invalid")
        assert ended.exit_code == 1
        assert [person for person, _ in service.faces] == ["ana"]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"file,person\nx,y\n", "no column 'path' and no column 'external_id'"),
            (b"", "no column 'path'"),
            (b"path,external_id\n\xe7.jpg,ana\n", "line 2 holds the byte 0xe7"),
            (b'path,external_id\n"x"y,ana\n', "line 2"),
            (b"path,image,external_id\n", "the columns 'path' and 'image'"),
            (b"path,external_id\n", "holds no photo"),
        ],
    )
    def test_what_is_no_table_is_refused_with_the_reason(
        self, many: Cli, people: Path, content: bytes, said: str
    ) -> None:
        (people / "list.csv").write_bytes(content)
        ended = many("people/list.csv")
        assert ended.exit_code == 4
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_a_photo_that_belongs_to_nobody_and_a_name_with_a_line_break_are_listed(
        self, many: Cli, people: Path
    ) -> None:
        (people / "alone.jpg").write_bytes(b"x")
        (people / "p0" / "a\nb.jpg").write_bytes(b"x")
        (people / "p0" / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
        ended = many("people")
        assert ended.exit_code == 4
        assert "alone.jpg: It belongs to nobody." in ended.stderr
        assert "3 entries" in ended.stderr

    def test_a_source_that_is_not_there_is_refused(self, many: Cli) -> None:
        ended = many("nowhere")
        assert ended.exit_code == 4
        assert "nowhere cannot be read" in ended.stderr

    def test_files_that_are_no_images_are_told(self, many: Cli, people: Path) -> None:
        (people / "p0" / "a.heic").write_bytes(b"x")
        assert "Left out 1 files that are no images (.heic)" in many("people").stderr


class TestReport:
    def test_each_photo_has_a_line_with_what_came_of_it(
        self, many: Cli, service: EnrollingService, tmp_path: Path
    ) -> None:
        service.refusals[b"photo 3"] = "no-face"
        service.refusals[b"photo 4"] = "image-analysis-failed"
        ended = many("people", "--report", "r.csv", "-o", "json")
        assert ended.exit_code == 1
        assert json.loads(ended.stdout)["refused"] == {"no-face": 1}
        assert json.loads(ended.stdout)["failed"] == {"image-analysis-failed": 1}
        by_path = {row["path"]: row for row in rows(tmp_path / "r.csv")}
        assert len(by_path) == 10
        assert by_path["p3/3.jpg"]["reason"] == "It is so."
        assert by_path["p3/3.jpg"]["outcome"] == "refused"
        assert by_path["p0/0.jpg"]["face_id"] in service.faces.values()
        assert not (tmp_path / "r.csv.under-way").exists()

    def test_a_second_run_sends_only_what_is_new_changed_or_failed(
        self, many: Cli, service: EnrollingService, people: Path
    ) -> None:
        service.refusals |= {b"photo 3": "no-face", b"photo 4": "image-analysis-failed"}
        many("people", "--report", "r.csv")
        before = len(service.batches)
        (people / "p0" / "0.jpg").write_bytes(b"another")
        service.refusals.clear()
        ended = many("people", "--report", "r.csv", "-o", "json")
        assert ended.exit_code == 1, "what was refused is still refused"
        sent = [len(held["images"]) for held in list(service.batches.values())[before:]]
        assert sent == [2]
        ended = many("people", "--report", "r.csv", "--retry-refused", "-o", "json")
        assert ended.exit_code == 0
        assert json.loads(ended.stdout)["enrolled"] == 10

    def test_without_a_report_nothing_is_enrolled_twice(
        self, many: Cli, service: EnrollingService
    ) -> None:
        many("people")
        ended = many("people", "-o", "json")
        assert ended.exit_code == 0
        assert json.loads(ended.stdout)["already_enrolled"] == 10
        assert service.enrolments == 10

    def test_another_collection_is_another_enrolment(self, many: Cli, tmp_path: Path) -> None:
        many("people", "--report", "r.csv")
        ended = many("people", "--report", "r.csv", "--collection", "other")
        assert ended.exit_code == 4
        assert "--create-collection" in ended.stderr
        many("people", "--report", "r.csv", "--collection", "other", "--create-collection")
        assert len(rows(tmp_path / "r.csv")) == 20

    def test_a_torn_last_line_is_mended(
        self, many: Cli, service: EnrollingService, tmp_path: Path
    ) -> None:
        many("people", "--report", "r.csv")
        whole = (tmp_path / "r.csv").read_bytes()
        (tmp_path / "r.csv").write_bytes(whole[:-30])
        ended = many("people", "--report", "r.csv", "-o", "json")
        assert ended.exit_code == 0
        assert outcomes(tmp_path / "r.csv") == ["already-enrolled"] + ["enrolled"] * 9
        assert service.enrolments == 10

    def test_a_file_that_is_no_report_is_left_as_it_is(self, many: Cli, tmp_path: Path) -> None:
        (tmp_path / "r.csv").write_text("my,own,table\n1,2,3")
        ended = many("people", "--report", "r.csv")
        assert ended.exit_code == 4
        assert (tmp_path / "r.csv").read_text() == "my,own,table\n1,2,3"

    def test_somebody_erased_meanwhile_does_not_come_back(
        self, many: Cli, service: EnrollingService, tmp_path: Path
    ) -> None:
        many("people", "--report", "r.csv")
        report = tmp_path / "r.csv"
        service.faces.clear()
        assert many("people", "--report", "r.csv").exit_code == 0
        assert service.faces == {}
        assert len(rows(report)) == 10

    def test_a_photo_that_vanishes_after_the_check_fails_alone(
        self, many: Cli, service: EnrollingService, people: Path
    ) -> None:
        service.event = lambda _: (people / "p4" / "9.jpg").unlink(missing_ok=True)
        ended = many("people", "--report", "r.csv", "-o", "json")
        assert ended.exit_code == 1
        assert json.loads(ended.stdout)["failed"] == {"picture-unreadable": 1}
        assert len(service.faces) == 9

    def test_a_photo_that_vanishes_while_it_is_sent_fails_alone(
        self, many: Cli, service: EnrollingService, people: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = Note.write

        def write_and_lose(note: Note, part: UnderWay) -> None:
            write(note, part)
            (people / "p0" / "5.jpg").unlink(missing_ok=True)

        monkeypatch.setattr(Note, "write", write_and_lose)
        ended = many("people", "--report", "r.csv", "-o", "json")
        assert ended.exit_code == 1, ended.stderr
        assert json.loads(ended.stdout)["failed"] == {"picture-unreadable": 1}
        assert json.loads(ended.stdout)["enrolled"] == 9
        assert len(service.faces) == 9


class TestKills:
    def run_killed(self, service: EnrollingService, folder: Path, chance: random.Random) -> int:
        """Runs the command, killed at a random step of the service; its exit code."""
        left = chance.randrange(1, 16)
        started: list[subprocess.Popen[bytes]] = []

        def event(_: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                started[0].kill()
                started[0].wait()

        service.event = event
        return self.run(service, folder, started)

    def run(
        self, service: EnrollingService, folder: Path, started: list[subprocess.Popen[bytes]]
    ) -> int:
        env = {**os.environ, "BIGBROTHER_URL": service.url, "BIGBROTHER_TOKEN": "secret"}
        arguments = ("face", "enrol-many", "people", *TERMS, "--report", "r.csv")
        started.append(
            subprocess.Popen((str(BIGBROTHER), *arguments), env=env, cwd=folder,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )  # fmt: skip
        return started[0].wait(60)

    def tell_the_story(self, service: EnrollingService, folder: Path, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same kill points in each run
        for _ in range(3):
            if self.run_killed(service, folder, chance) == 0:
                break
        service.event = lambda _: None
        assert self.run(service, folder, []) == 0
        report = rows(folder / "r.csv")
        assert len({row["path"] for row in report}) == len(report) == 10
        assert {row["outcome"] for row in report} <= {"enrolled", "already-enrolled"}
        assert service.enrolments == 10
        assert sum(len(held["images"]) for held in service.batches.values()) == 10

    def test_a_killed_run_is_taken_up_without_loss_or_doubles(
        self, service: EnrollingService, tmp_path: Path
    ) -> None:
        self.tell_the_story(service, tmp_path, seed=1)

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(2, 22))
    def test_wherever_it_was_killed(
        self, service: EnrollingService, tmp_path: Path, seed: int
    ) -> None:
        self.tell_the_story(service, tmp_path, seed)

    def test_ctrl_c_ends_it_cleanly_and_says_how_to_go_on(
        self, service: EnrollingService, tmp_path: Path
    ) -> None:
        env = {**os.environ, "BIGBROTHER_URL": service.url, "BIGBROTHER_TOKEN": "secret"}
        started: list[subprocess.Popen[str]] = []

        def event(what: str) -> None:
            if what == "result" and started[0].poll() is None:
                started[0].send_signal(signal.SIGINT)
                started[0].wait(20)

        service.event = event
        arguments = ("face", "enrol-many", "people", *TERMS, "--report", "r.csv")
        started.append(
            subprocess.Popen((str(BIGBROTHER), *arguments), env=env, cwd=tmp_path,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )  # fmt: skip
        said = started[0].communicate(timeout=60)
        assert started[0].returncode == 130
        assert "Traceback" not in said[1]
        assert "0 of 10 photos are done. Run the same command again" in said[1]
        service.event = lambda _: None
        assert self.run(service, tmp_path, []) == 0
        assert outcomes(tmp_path / "r.csv") == ["enrolled"] * 10

    def test_two_runs_with_one_report_exclude_each_other(
        self, many: Cli, service: EnrollingService, tmp_path: Path
    ) -> None:
        seen: list[int] = []

        def event(_: str) -> None:
            service.event = lambda _: None
            seen.append(self.run(service, tmp_path, []))

        service.event = event
        assert many("people", "--report", "r.csv").exit_code == 0
        assert seen == [7]
