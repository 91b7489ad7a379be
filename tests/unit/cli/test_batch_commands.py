"""The batch commands: what they send, print and end with."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.face_api import Answer, Asked, FaceApi, problem
from tests.unit.cli import answers
from tests.unit.cli.conftest import Cli
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("photo", "service")

BIGBROTHER = Path(sys.executable).parent / "bigbrother"
ID = "0198c3a2-6b1e-7c55-9d0e-3f2a8b7c6d5e"
OTHER = "0198c3a2-7b1e-7c55-9d0e-3f2a8b7c6d5e"
BATCH = f"/v1/batches/{ID}"


def batch(**changed: object) -> dict[str, Any]:
    return {
        "id": ID,
        "kind": "analyze",
        "state": "finished",
        "priority": "normal",
        "collection": None,
        "options": {},
        "items": 2,
        "pending": 0,
        "succeeded": 2,
        "failed": 0,
        "cancelled": 0,
        "erased": 0,
        "last_position": 2,
        "webhook": None,
        "created_at": answers.WHEN,
        "started_at": answers.WHEN,
        "finished_at": answers.WHEN,
        **changed,
    }


def result(position: int, **changed: object) -> dict[str, Any]:
    return {
        "position": position,
        "number": position,
        "name": f"{position}.jpg",
        "external_id": None,
        "state": "succeeded",
        "answer": {"width": 320, "height": 240, "faces_found": 0, "faces": []},
        "error": None,
        "done_at": answers.WHEN,
        **changed,
    }


FAILED = result(
    2, state="failed", answer=None, error={"code": "no-image", "title": "T", "detail": "D."}
)


def ndjson(*results: dict[str, Any]) -> Answer:
    body = b"".join(json.dumps(one).encode() + b"\n" for one in results)
    return Answer(200, body, {"Content-Type": "application/x-ndjson"})


@pytest.fixture
def service(api: FaceApi) -> FaceApi:
    """A service with one batch that is over."""
    api.answers("POST", "/v1/batches", Answer(202, batch()))
    api.answers("GET", BATCH, Answer(200, batch()))
    api.answers("GET", "/v1/batches", Answer(200, answers.page(batch())))
    api.answers("GET", f"{BATCH}/results", ndjson(result(1), result(2)))
    return api


def submitted(api: FaceApi) -> Asked:
    return next(asked for asked in api.asked if asked.method == "POST")


def request(api: FaceApi) -> dict[str, Any]:
    return dict(json.loads(submitted(api).form()["request"]))


class TestSubmit:
    def test_prints_the_id_alone_into_a_pipe(self, cli: Cli, service: FaceApi) -> None:
        ended = cli("batch", "submit", "photo.jpg", "photo.jpg", "--kind", "analyze")
        assert (ended.exit_code, ended.stdout) == (0, f"{ID}\n")
        assert request(service)["kind"] == "analyze"

    def test_a_folder_is_walked_in_order_without_what_is_hidden(
        self, cli: Cli, service: FaceApi, tmp_path: Path
    ) -> None:
        for name in ("b/2.JPG", "a/10.png", "a/.x.jpg", ".git/1.jpg", "a/notes.txt", "3.webp"):
            file = tmp_path / "photos" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x")
        (tmp_path / "photos" / "a" / "up").symlink_to(tmp_path / "photos")
        ended = cli("batch", "submit", "photos", "-k", "enrol", "-c", "staff", "--purpose", "door")
        assert ended.exit_code == 0, ended.stderr
        assert "left out 1 files that are no images (.txt)" in ended.stderr
        body = submitted(service).body
        places = [body.find(name) for name in (b"3.webp", b"a/10.png", b"b/2.JPG")]
        assert -1 not in places
        assert sorted(places) == places
        assert b".x.jpg" not in body
        assert b"notes" not in body
        assert request(service)["options"]["new_subjects"]["purpose"] == "door"

    def test_an_archive_goes_as_it_is_and_alone(
        self, cli: Cli, service: FaceApi, tmp_path: Path
    ) -> None:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.writestr("1.jpg", b"x")
        assert cli("batch", "submit", "all.zip", "-k", "analyze").exit_code == 0
        sent = submitted(service).form()["archive"]
        assert sent == (tmp_path / "all.zip").read_bytes()
        assert cli("batch", "submit", "all.zip", "photo.jpg", "-k", "analyze").exit_code == 2

    def test_a_folder_of_the_server_is_named_only(self, cli: Cli, service: FaceApi) -> None:
        ended = cli("batch", "submit", "--server-folder", "/srv/in", "-k", "analyze")
        assert ended.exit_code == 0
        assert submitted(service).json()["folder"] == "/srv/in"

    @pytest.mark.parametrize(
        "wrong",
        [
            ("-k", "analyze"),
            ("photo.jpg", "-k", "identify"),
            ("photo.jpg", "-k", "analyze", "-c", "staff"),
            ("photo.jpg", "-k", "analyze", "--server-folder", "/srv"),
            ("photo.jpg", "-k", "analyze", "--webhook", "https://example.org"),
            ("photo.jpg",),
        ],
    )
    def test_what_makes_no_sense_is_wrong_use_and_sends_nothing(
        self, cli: Cli, service: FaceApi, wrong: tuple[str, ...]
    ) -> None:
        assert cli("batch", "submit", *wrong).exit_code == 2
        assert service.asked == []

    @pytest.mark.parametrize("path", ["gone.jpg", "gone.zip", "empty"])
    def test_what_is_not_there_is_refused(
        self, cli: Cli, service: FaceApi, tmp_path: Path, path: str
    ) -> None:
        (tmp_path / "empty").mkdir()
        ended = cli("batch", "submit", path, "-k", "analyze")
        assert ended.exit_code == 4, ended.output
        assert path in ended.stderr
        assert service.asked == []

    def test_the_webhook_is_signed_with_the_secret_of_the_file(
        self, cli: Cli, service: FaceApi, tmp_path: Path
    ) -> None:
        told = ("--webhook", "https://example.org/in", "--webhook-secret-file", "secret")
        assert cli("batch", "submit", "photo.jpg", "-k", "analyze", *told).exit_code == 4
        (tmp_path / "secret").write_text("s3cret\n")
        ended = cli("batch", "submit", "photo.jpg", "-k", "analyze", *told)
        assert ended.exit_code == 0
        assert request(service)["webhook"] == {"url": "https://example.org/in", "secret": "s3cret"}
        assert "s3cret" not in ended.output

    def test_waiting_ends_with_failure_when_an_image_failed(
        self, cli: Cli, service: FaceApi
    ) -> None:
        service.answers(
            "GET",
            BATCH,
            Answer(200, batch(state="running", pending=1, succeeded=1)),
            Answer(200, batch(succeeded=1, failed=1)),
        )
        ended = cli("batch", "submit", "photo.jpg", "-k", "analyze", "--wait")
        assert ended.exit_code == 1
        assert ended.stdout == f"{ID}\n"
        assert f"batch results {ID} --failed" in ended.stderr

    def test_following_prints_lines_of_json_into_a_pipe(self, cli: Cli) -> None:
        ended = cli("batch", "submit", "photo.jpg", "-k", "analyze", "--follow")
        assert ended.exit_code == 0
        assert [json.loads(line)["position"] for line in ended.stdout.splitlines()] == [1, 2]
        assert ended.stderr.startswith(f"Batch {ID}")

    @pytest.mark.parametrize(
        ("refusal", "code"),
        [
            (problem(422, "batch-empty"), 4),
            (problem(409, "idempotency-key-reused"), 7),
            (problem(507, "storage-full"), 1),
            (problem(404, "collection-not-found"), 4),
        ],
    )
    def test_what_the_service_refuses_is_told_with_its_remedy(
        self, cli: Cli, service: FaceApi, refusal: Answer, code: int
    ) -> None:
        service.answers("POST", "/v1/batches", refusal)
        ended = cli("batch", "submit", "photo.jpg", "-k", "analyze")
        assert ended.exit_code == code
        assert "It is so." in ended.stderr
        assert ended.stdout == ""


class TestStatus:
    def test_lists_the_newest_without_an_id(self, cli: Cli) -> None:
        ended = cli("batch", "status")
        assert ended.exit_code == 0
        assert ID in ended.stdout
        assert "2/2" in ended.stdout

    def test_shows_one_by_the_beginning_of_its_id(self, cli: Cli, service: FaceApi) -> None:
        service.answers(
            "GET", "/v1/batches", Answer(200, answers.page(batch(), batch(id=OTHER, items=9)))
        )
        ended = cli("batch", "status", ID[:12].upper(), "-o", "json")
        assert json.loads(ended.stdout)["id"] == ID
        ended = cli("batch", "status", ID[:8])
        assert ended.exit_code == 4
        assert ID in ended.stderr
        assert OTHER in ended.stderr
        assert cli("batch", "status", "ffff").exit_code == 4

    def test_watching_ends_with_the_batch(self, cli: Cli, service: FaceApi) -> None:
        service.answers(
            "GET",
            BATCH,
            Answer(200, batch(state="running", pending=2, succeeded=0)),
            Answer(200, batch(state="cancelled", succeeded=1, cancelled=1)),
        )
        ended = cli("batch", "status", ID, "--watch")
        assert ended.exit_code == 1
        assert "cancelled" in ended.stdout
        assert cli("batch", "status", "--watch").exit_code == 2


class TestResults:
    def test_a_table_is_printed_when_asked_for(self, cli: Cli, service: FaceApi) -> None:
        service.answers(
            "GET",
            f"{BATCH}/results",
            ndjson(result(1, name="a\x1b[31m.jpg"), FAILED),
        )
        ended = cli("batch", "results", ID, "-o", "table")
        assert ended.exit_code == 0
        assert "no face" in ended.stdout
        assert "failed: no-image" in ended.stdout
        assert "\x1b" not in ended.stdout

    def test_enrolments_and_identifications_are_told_in_words(
        self, cli: Cli, service: FaceApi
    ) -> None:
        service.answers("GET", BATCH, Answer(200, batch(kind="enrol", collection="staff")))
        face = {**answers.ENROLLED, "already_enrolled": True, "subject_created": False}
        service.answers(
            "GET", f"{BATCH}/results", ndjson(result(1, external_id="ana", answer=face))
        )
        assert "enrolled already as ana" in cli("batch", "results", ID, "-o", "table").stdout
        service.answers("GET", BATCH, Answer(200, batch(kind="identify", collection="staff")))
        service.answers(
            "GET",
            f"{BATCH}/results",
            ndjson(
                result(1, answer=answers.identification(answers.MATCH)),
                result(2, answer=answers.identification()),
                result(3, state="erased", answer=None),
            ),
        )
        said = cli("batch", "results", ID, "-o", "table").stdout
        for word in ("ana 0.710", "nobody", "erased"):
            assert word in said

    def test_only_the_failed_ones_behind_a_position(self, cli: Cli, service: FaceApi) -> None:
        service.answers("GET", f"{BATCH}/results", ndjson(result(1), FAILED))
        ended = cli("batch", "results", ID, "--failed", "--after", "0")
        assert [json.loads(line)["position"] for line in ended.stdout.splitlines()] == [2]
        cli("batch", "results", ID, "--after", "7")
        assert "after=7" in service.asked[-1].path

    def test_a_saved_file_is_private_and_whole_or_untouched(
        self, cli: Cli, service: FaceApi, tmp_path: Path
    ) -> None:
        ended = cli("batch", "results", ID, "--save", "all.ndjson")
        assert (ended.exit_code, ended.stdout) == (0, "")
        file = tmp_path / "all.ndjson"
        assert len(file.read_text().splitlines()) == 2
        assert file.stat().st_mode & 0o777 == 0o600
        service.answers("GET", f"{BATCH}/results", problem(404, "batch-not-found"))
        assert cli("batch", "results", ID, "--save", "all.ndjson").exit_code == 4
        assert len(file.read_text().splitlines()) == 2
        assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []

    def test_following_ends_with_failure_when_an_image_failed(
        self, cli: Cli, service: FaceApi
    ) -> None:
        service.answers("GET", BATCH, Answer(200, batch(succeeded=1, failed=1)))
        service.answers("GET", f"{BATCH}/results", ndjson(result(1), FAILED))
        assert cli("batch", "results", ID, "--follow").exit_code == 1
        assert cli("batch", "results", ID).exit_code == 0


class TestActions:
    def test_cancel_prints_what_became_of_it(self, cli: Cli, service: FaceApi) -> None:
        service.answers("POST", f"{BATCH}/cancel", Answer(200, batch(state="cancelled")))
        ended = cli("batch", "cancel", ID, "-o", "json")
        assert json.loads(ended.stdout)["state"] == "cancelled"

    def test_retry_without_a_failure_is_a_conflict(self, cli: Cli, service: FaceApi) -> None:
        service.answers("POST", f"{BATCH}/retry", problem(409, "batch-nothing-to-retry"))
        assert cli("batch", "retry", ID).exit_code == 7

    def test_delete_is_confirmed_first(self, cli: Cli, service: FaceApi) -> None:
        service.answers("DELETE", BATCH, Answer(204))
        assert cli("batch", "delete", ID).exit_code == 2
        assert "DELETE" not in [asked.method for asked in service.asked]
        ended = cli("batch", "delete", ID, "--yes")
        assert ended.exit_code == 0
        assert ended.stdout.startswith(f"Destroyed batch {ID}")


def test_ctrl_c_leaves_the_batch_alone_and_says_so(service: FaceApi, tmp_path: Path) -> None:
    service.answers("GET", BATCH, Answer(200, batch(state="running", pending=2, succeeded=0)))
    env = {**os.environ, "BIGBROTHER_URL": service.url, "BIGBROTHER_TOKEN": "secret"}
    command = subprocess.Popen(
        (BIGBROTHER, "batch", "submit", "photo.jpg", "-k", "analyze", "--wait"),
        env=env,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: any(asked.method == "GET" for asked in service.asked), 30)
    command.send_signal(signal.SIGINT)
    printed, said = command.communicate(timeout=30)
    assert command.returncode == 130
    assert printed == ""
    assert f"The batch goes on. Watch it with 'bigbrother batch status {ID} --watch'" in said
    assert "Traceback" not in said
