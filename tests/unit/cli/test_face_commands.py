"""The face commands: what they send, print and end with."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.fakes.face_api import Answer, FaceApi, problem
from tests.unit.cli import answers
from tests.unit.cli.conftest import Cli

pytestmark = pytest.mark.usefixtures("photo")

STAFF = "/v1/collections/staff"
ANA = f"{STAFF}/subjects/ana"
UNKNOWN_STAFF = problem(404, "collection-not-found", "There is no collection 'staf'.")


@pytest.fixture
def gallery(api: FaceApi) -> FaceApi:
    """A service that holds the collection `staff` with the subject `ana`."""
    api.answers("GET", "/v1/collections", Answer(200, answers.page(answers.COLLECTION)))
    api.answers("GET", STAFF, Answer(200, answers.COLLECTION))
    api.answers("GET", f"{STAFF}/subjects", Answer(200, answers.page(answers.SUBJECT)))
    api.answers("GET", ANA, Answer(200, answers.SUBJECT))
    api.answers("GET", f"{ANA}/faces", Answer(200, answers.page(answers.ENROLLED)))
    api.answers("POST", f"{ANA}/faces", Answer(201, answers.ENROLLED))
    api.answers("DELETE", ANA, Answer(204))
    return api


def columns(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def methods(api: FaceApi) -> list[str]:
    return [asked.method for asked in api.asked]


class TestAnalyze:
    def test_prints_a_row_a_face(self, cli: Cli, api: FaceApi, photo: Path) -> None:
        api.answers("POST", "/v1/analyze", Answer(200, answers.analysis(answers.FACE)))
        ended = cli("face", "analyze", "photo.jpg")
        assert ended.exit_code == 0
        assert columns(ended.stdout.splitlines()[1]) == [
            "photo.jpg", "1", "80×96 at 40,60", "0.930", "0.700", "blurred",
        ]  # fmt: skip
        assert api.asked[0].form()["image"] == photo.read_bytes()
        assert b"photo.jpg" not in api.asked[0].body, "a file's name is nobody's business"

    def test_one_refused_image_does_not_stop_the_others(self, cli: Cli, api: FaceApi) -> None:
        api.answers(
            "POST",
            "/v1/analyze",
            problem(422, "image-damaged", "It ends too early."),
            Answer(200, answers.analysis(answers.FACE)),
        )
        ended = cli("face", "analyze", "photo.jpg", "missing.jpg", "photo.jpg", "-o", "json")
        assert ended.exit_code == 4
        remedy = "Give the path of an image file."
        damaged, missing, good = json.loads(ended.stdout)["images"]
        assert damaged["error"]["code"] == "image-damaged"
        assert missing["error"]["code"] == "picture-unreadable"
        assert good["error"] is None
        assert good["faces"][0]["landmarks"]["nose"] == [80, 110]
        assert ended.stderr.splitlines() == [
            "photo.jpg: It ends too early. Do this.",
            f"missing.jpg: It cannot be read: No such file or directory. {remedy}",
        ]

    def test_a_service_that_goes_away_stops_all(self, cli: Cli, api: FaceApi) -> None:
        api.answers("POST", "/v1/analyze", problem(500, "internal"))
        ended = cli("face", "analyze", "photo.jpg", "photo.jpg")
        assert ended.exit_code == 1
        assert len(api.asked) == 1

    def test_reads_an_image_from_stdin(self, cli: Cli, api: FaceApi) -> None:
        api.answers("POST", "/v1/analyze", Answer(200, answers.analysis()))
        ended = cli("face", "analyze", "-", stdin=b"\xff\xd8\x00bytes")
        assert ended.exit_code == 0
        assert "no face" in ended.stdout
        assert api.asked[0].form()["image"] == b"\xff\xd8\x00bytes"

    def test_passes_its_options_on(self, cli: Cli, api: FaceApi) -> None:
        face = {**answers.FACE, "embedding": [0.6, 0.8]}
        api.answers("POST", "/v1/analyze", Answer(200, answers.analysis(face)))
        ended = cli(
            "face", "analyze", "photo.jpg", "--embeddings", "--max-faces", "2", "--min-size", "30",
            "-o", "json",
        )  # fmt: skip
        form = api.asked[0].form()
        assert (form["embeddings"], form["max_faces"]) == (b"true", b"2")
        assert float(form["min_size_pixels"]) == 30
        assert json.loads(ended.stdout)["images"][0]["faces"][0]["embedding"] == [0.6, 0.8]

    def test_draws_one_picture_an_image(self, cli: Cli, api: FaceApi) -> None:
        api.answers("POST", "/v1/analyze", Answer(200, answers.analysis(answers.FACE)))
        assert cli("face", "analyze", "photo.jpg", "--draw", "out.png").exit_code == 0
        assert Image.open("out.png").size == (960, 720)
        ended = cli("face", "analyze", "photo.jpg", "photo.jpg", "--draw", "many.jpg")
        assert ended.exit_code == 0
        assert Path("many-1.jpg").exists()
        assert Path("many-2.jpg").exists()

    @pytest.mark.parametrize(
        ("arguments", "ends_with"),
        [
            ((), 2),
            (("-", "-"), 2),
            (("photo.jpg", "--max-faces", "0"), 2),
            (("photo.jpg", "-o", "xml"), 2),
            (("photo.jpg", "--draw", "photo.jpg"), 2),
            (("photo.jpg", "--draw", "photo.gif"), 4),
            (("photo.jpg", "--draw", "nowhere/out.jpg"), 4),
        ],
    )
    def test_a_mistaken_command_asks_nothing_of_the_service(
        self, cli: Cli, api: FaceApi, photo: Path, arguments: tuple[str, ...], ends_with: int
    ) -> None:
        before = photo.read_bytes()
        assert cli("face", "analyze", *arguments).exit_code == ends_with
        assert api.asked == []
        assert photo.read_bytes() == before

    def test_a_file_name_that_is_not_text_is_no_obstacle(
        self, cli: Cli, api: FaceApi, photo: Path
    ) -> None:
        api.answers("POST", "/v1/analyze", Answer(200, answers.analysis(answers.FACE)))
        odd = photo.with_name("a\udcff\x1b[31m.jpg")
        odd.write_bytes(photo.read_bytes())
        ended = cli("face", "analyze", odd.name)
        assert ended.exit_code == 0
        assert "\x1b" not in ended.stdout
        assert json.loads(cli("face", "analyze", odd.name, "-o", "json").stdout)


class TestVerify:
    def test_a_different_person_is_an_answer_and_not_a_failure(
        self, cli: Cli, api: FaceApi
    ) -> None:
        api.answers("POST", "/v1/verify", Answer(200, answers.verification(match=False)))
        ended = cli("face", "verify", "photo.jpg", "photo.jpg")
        assert ended.exit_code == 0
        assert columns(ended.stdout.splitlines()[0]) == ["same person", "no"]

    @pytest.mark.parametrize(("match", "ends_with"), [(True, 0), (False, 1)])
    def test_a_script_may_ask_for_the_answer_as_an_exit_code(
        self, cli: Cli, api: FaceApi, *, match: bool, ends_with: int
    ) -> None:
        api.answers("POST", "/v1/verify", Answer(200, answers.verification(match=match)))
        ended = cli("face", "verify", "photo.jpg", "photo.jpg", "--exit-code", "-o", "json")
        assert ended.exit_code == ends_with
        assert json.loads(ended.stdout)["match"] is match

    def test_an_image_without_a_face_is_refused(self, cli: Cli, api: FaceApi) -> None:
        api.answers("POST", "/v1/verify", problem(422, "no-face", "image_b shows no face."))
        ended = cli("face", "verify", "photo.jpg", "photo.jpg", "--exit-code")
        assert ended.exit_code == 4, "not 1: that would say that it is another person"
        assert "image_b" in ended.stderr


class TestIdentify:
    def test_names_who_it_is_and_who_is_nobody(self, cli: Cli, gallery: FaceApi) -> None:
        gallery.answers(
            "POST",
            f"{STAFF}/identify",
            Answer(200, answers.identification(answers.MATCH)),
            Answer(200, answers.identification()),
        )
        ended = cli("face", "identify", "staff", "photo.jpg", "photo.jpg", "--limit", "3")
        assert ended.exit_code == 0
        known, unknown = ended.stdout.splitlines()[1:]
        assert columns(known) == ["photo.jpg", "1", "ana", "Ana Conceição", "0.710", "0.500"]
        assert columns(unknown)[2] == "nobody"
        assert gallery.asked[0].form()["limit"] == b"3"

    def test_draws_names(self, cli: Cli, gallery: FaceApi) -> None:
        found = answers.identification(answers.MATCH)
        gallery.answers("POST", f"{STAFF}/identify", Answer(200, found))
        assert cli("face", "identify", "staff", "photo.jpg", "--draw", "o.jpg").exit_code == 0
        assert Image.open("o.jpg").size == (960, 720)

    def test_a_mistyped_collection_gets_the_nearest_right_name(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        gallery.answers("POST", "/v1/collections/Staf/identify", UNKNOWN_STAFF)
        ended = cli("face", "identify", "Staf", "photo.jpg")
        assert ended.exit_code == 4
        assert "Did you mean 'staff'?" in ended.stderr


class TestEnrol:
    CONSENT = ("--purpose", "front door", "--reference", "form 17")

    def test_makes_a_new_subject_and_adds_its_face(self, cli: Cli, gallery: FaceApi) -> None:
        gallery.answers("GET", ANA, problem(404, "subject-not-found"), Answer(200, answers.SUBJECT))
        gallery.answers("POST", f"{STAFF}/subjects", Answer(201, answers.SUBJECT))
        ended = cli(
            "face", "enrol", "staff", "ana", "photo.jpg", *self.CONSENT, "--name", "Ana",
            "--expires", "2027-12-31", "--metadata", '{"team": "night"}', "--prominent",
        )  # fmt: skip
        assert ended.exit_code == 0
        posted = [asked for asked in gallery.asked if asked.method == "POST"]
        assert posted[0].json() == {
            "external_id": "ana",
            "name": "Ana",
            "metadata": {"team": "night"},
            "consent": {
                "legal_basis": "consent",
                "purpose": "front door",
                "reference": "form 17",
                "expires_at": "2028-01-01T00:00:00Z",
            },
        }
        assert posted[1].form()["prominent"] == b"true"
        assert columns(ended.stdout.splitlines()[1])[:2] == ["photo.jpg", "enrolled"]

    def test_a_known_subject_only_gets_the_face(self, cli: Cli, gallery: FaceApi) -> None:
        ended = cli("face", "enrol", "staff", "ana", "photo.jpg", "--name", "Eva")
        assert ended.exit_code == 0
        assert methods(gallery).count("POST") == 1
        assert "is known already" in ended.stderr

    def test_a_new_subject_needs_a_ground_on_which_it_may_be_held(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        gallery.answers("GET", ANA, problem(404, "subject-not-found"))
        ended = cli("face", "enrol", "staff", "ana", "photo.jpg")
        assert ended.exit_code == 4
        assert "--purpose" in ended.stderr
        assert "POST" not in methods(gallery)

    def test_a_missing_collection_is_made_only_when_asked_for(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        gallery.answers("GET", STAFF, problem(404, "collection-not-found"))
        gallery.answers("POST", "/v1/collections", Answer(201, answers.COLLECTION))
        refused = cli("face", "enrol", "staff", "ana", "photo.jpg")
        assert refused.exit_code == 4
        assert "POST" not in methods(gallery)
        assert "--create-collection" in refused.stderr
        made = cli("face", "enrol", "staff", "ana", "photo.jpg", "--create-collection")
        assert made.exit_code == 0
        assert "Made the collection 'staff'" in made.stderr

    def test_a_picture_that_is_there_already_is_a_conflict_and_the_next_is_enrolled(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        twice = problem(409, "face-already-enrolled")
        gallery.answers("POST", f"{ANA}/faces", twice, Answer(201, answers.ENROLLED))
        ended = cli("face", "enrol", "staff", "ana", "photo.jpg", "photo.jpg", "-o", "json")
        assert ended.exit_code == 7
        first, second = json.loads(ended.stdout)["faces"]
        assert first["error"]["code"] == "face-already-enrolled"
        assert second["face"]["id"] == answers.ENROLLED["id"]

    def test_a_refusal_is_graver_than_a_conflict_and_keeps_its_reasons(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        low = problem(422, "quality-too-low")
        low.body["reasons"] = ["blurred"]
        gallery.answers("POST", f"{ANA}/faces", problem(409, "face-already-enrolled"), low)
        ended = cli("face", "enrol", "staff", "ana", "photo.jpg", "photo.jpg", "-o", "json")
        assert ended.exit_code == 4
        assert json.loads(ended.stdout)["faces"][1]["error"]["reasons"] == ["blurred"]

    @pytest.mark.parametrize(
        "options",
        [
            ("--expires", "soon"),
            ("--expires", "2027-02-30"),
            ("--expires", "9999-12-31"),
            ("--metadata", "{"),
            ("--metadata", "[1]"),
            ("--basis", "because"),
        ],
    )
    def test_a_mistaken_option_asks_nothing_of_the_service(
        self, cli: Cli, gallery: FaceApi, options: tuple[str, ...]
    ) -> None:
        ended = cli("face", "enrol", "staff", "ana", "photo.jpg", *self.CONSENT, *options)
        assert ended.exit_code == 2
        assert gallery.asked == []


class TestForget:
    def test_says_what_it_erased(self, cli: Cli, gallery: FaceApi) -> None:
        ended = cli("face", "forget", "staff", "ana", "--yes")
        assert ended.exit_code == 0
        assert ended.stdout == "Erased 'ana' (Ana Conceição) and 1 face from 'staff'.\n"
        assert methods(gallery)[-1] == "DELETE"

    def test_erases_nothing_when_nobody_is_there_to_be_asked(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        ended = cli("face", "forget", "staff", "ana")
        assert ended.exit_code == 2
        assert "--yes" in ended.stderr
        assert "DELETE" not in methods(gallery)

    def test_a_mistyped_subject_gets_the_nearest_right_name(
        self, cli: Cli, gallery: FaceApi
    ) -> None:
        gallery.answers("GET", f"{STAFF}/subjects/anna", problem(404, "subject-not-found"))
        ended = cli("face", "forget", "staff", "anna", "--yes")
        assert ended.exit_code == 4
        assert "Did you mean 'ana'?" in ended.stderr
        assert "DELETE" not in methods(gallery)


@pytest.mark.usefixtures("gallery")
class TestList:
    @pytest.mark.parametrize(
        ("arguments", "first_column"),
        [((), "staff"), (("staff",), "ana"), (("staff", "ana"), answers.ENROLLED["id"])],
    )
    def test_lists_what_is_asked_for(
        self, cli: Cli, arguments: tuple[str, ...], first_column: str
    ) -> None:
        table = cli("face", "list", *arguments)
        assert table.exit_code == 0
        assert columns(table.stdout.splitlines()[1])[0] == first_column
        found: dict[str, Any] = json.loads(cli("face", "list", *arguments, "-o", "json").stdout)
        assert first_column in found["items"][0].values()
