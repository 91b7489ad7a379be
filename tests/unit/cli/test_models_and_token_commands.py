"""Model packs offline, and tokens that are shown once."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from bigbrother.models.store import PackStore
from tests.fakes.face_api import Answer, FaceApi, problem
from tests.unit.cli import answers
from tests.unit.cli.conftest import Cli

SECRET = {**answers.TOKEN, "token": "bb_secret"}


@pytest.fixture
def damaged(home: Path) -> Path:
    """A copy of the shipped pack in the home with one bit changed."""
    target = home / "models" / "sface"
    shutil.copytree(PackStore(home).load("sface").folder, target)
    weights = target / "yunet.onnx"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    return target


def test_packs_are_listed_shown_and_verified_without_a_service(bare_cli: Cli) -> None:
    assert "sface" in bare_cli("models", "list").stdout
    shown = bare_cli("models", "show", "sface").stdout
    assert "Apache-2.0" in shown
    assert json.loads(bare_cli("models", "show", "sface", "-o", "json").stdout)["dimension"] == 128
    verified = bare_cli("models", "verify", "-o", "json")
    assert verified.exit_code == 0
    assert json.loads(verified.stdout)["items"][0]["result"] == "ok"
    item = json.loads(bare_cli("models", "list", "-o", "json").stdout)["items"][0]
    assert (item["name"], item["in_use"]) == ("sface", True)


def test_a_damaged_pack_fails_its_verification(bare_cli: Cli, damaged: Path) -> None:
    ended = bare_cli("models", "verify", "sface")
    assert ended.exit_code == 9
    assert "pack-damaged" in ended.stdout
    assert str(damaged) in ended.stderr


def test_a_pack_whose_manifest_is_broken_does_not_hide_the_others(
    bare_cli: Cli, home: Path
) -> None:
    broken = home / "models" / "broken"
    broken.mkdir(parents=True)
    (broken / "manifest.json").write_text("{")
    ended = bare_cli("models", "list")
    assert ended.exit_code == 9
    assert "sface" in ended.stdout
    assert "broken" in ended.stderr


@pytest.mark.parametrize("command", ["show", "verify"])
def test_a_mistyped_pack_gets_the_nearest_right_name(bare_cli: Cli, command: str) -> None:
    ended = bare_cli("models", command, "sfaec")
    assert ended.exit_code == 4
    assert "Did you mean 'sface'?" in ended.stderr


def test_a_new_token_is_shown_once_on_stdout(cli: Cli, api: FaceApi) -> None:
    api.answers("POST", "/v1/tokens", Answer(201, SECRET))
    ended = cli("token", "create", "till", "--role", "reader", "--expires-in", "30 days")
    assert ended.exit_code == 0
    assert "bb_secret" in ended.stdout
    assert "bb_secret" not in ended.stderr
    assert api.asked[0].json() == {"name": "till", "role": "reader", "expires_in": "30 days"}


def test_a_saved_token_is_its_owners_alone_and_is_not_printed(cli: Cli, api: FaceApi) -> None:
    api.answers("POST", "/v1/tokens", Answer(201, SECRET))
    for output in ("table", "json"):
        file = Path(f"{output}.token")
        ended = cli("token", "create", "t", "--role", "writer", "--save", str(file), "-o", output)
        assert ended.exit_code == 0
        assert "bb_secret" not in ended.output
        assert file.read_text() == "bb_secret\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_that_could_not_be_saved_is_not_made(cli: Cli, api: FaceApi) -> None:
    Path("there").write_text("keep me")
    taken = cli("token", "create", "till", "--role", "reader", "--save", "there")
    nowhere = cli("token", "create", "till", "--role", "reader", "--save", "missing/file")
    assert (taken.exit_code, nowhere.exit_code) == (7, 4)
    assert Path("there").read_text() == "keep me"
    assert api.asked == []


def test_a_refused_token_leaves_no_file(cli: Cli, api: FaceApi) -> None:
    api.answers("POST", "/v1/tokens", problem(403, "forbidden"))
    ended = cli("token", "create", "till", "--role", "admin", "--save", "till.token")
    assert ended.exit_code == 4
    assert not Path("till.token").exists()


def test_an_unknown_role_is_a_mistaken_command(cli: Cli, api: FaceApi) -> None:
    assert cli("token", "create", "till", "--role", "king").exit_code == 2
    assert cli("token", "create", "till").exit_code == 2
    assert api.asked == []


def test_tokens_are_listed_and_revoked(cli: Cli, api: FaceApi) -> None:
    api.answers("GET", "/v1/tokens", Answer(200, answers.page(answers.TOKEN)))
    api.answers("DELETE", "/v1/tokens/t-1", Answer(204))
    assert "never" in cli("token", "list").stdout
    assert json.loads(cli("token", "list", "-o", "json").stdout)["items"][0]["name"] == "till"
    assert cli("token", "revoke", "t-1").stdout == "Revoked t-1.\n"
    assert json.loads(cli("token", "revoke", "t-1", "-o", "json").stdout) == {"revoked": "t-1"}


def test_an_unknown_token_is_refused(cli: Cli, api: FaceApi) -> None:
    api.answers("DELETE", "/v1/tokens/t-2", problem(404, "token-not-found"))
    assert cli("token", "revoke", "t-2").exit_code == 4
