"""Which service a command calls, with which credential, and what it says when it cannot."""

import os
from pathlib import Path

import pytest

from tests.fakes.face_api import Answer, FaceApi, problem
from tests.unit.cli.answers import COLLECTION, page
from tests.unit.cli.conftest import Cli


def served(api: FaceApi) -> None:
    api.answers("GET", "/v1/collections", Answer(200, page()))


def sent_token(api: FaceApi) -> str:
    return api.asked[-1].headers["Authorization"].removeprefix("Bearer ")


def test_a_service_that_is_not_running_is_one_line_with_the_way_to_start_it(cli: Cli) -> None:
    ended = cli("face", "list", BIGBROTHER_URL="http://127.0.0.1:1")
    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "bigbrother up" in ended.stderr


def test_a_home_without_a_credential_is_one_line_with_the_way_to_get_one(bare_cli: Cli) -> None:
    ended = bare_cli("face", "list")
    assert ended.exit_code == 4
    assert "bigbrother up" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_the_homes_own_service_gets_the_homes_own_credential(
    bare_cli: Cli, api: FaceApi, home: Path
) -> None:
    served(api)
    (home / "etc").mkdir()
    (home / "etc" / "admin.token").write_text("of-the-home\n")
    port = api.url.rpartition(":")[2]
    assert bare_cli("face", "list", BIGBROTHER_PORT=port).exit_code == 0
    assert sent_token(api) == "of-the-home"


def test_another_service_never_gets_the_homes_own_credential(
    bare_cli: Cli, api: FaceApi, home: Path
) -> None:
    served(api)
    (home / "etc").mkdir()
    (home / "etc" / "admin.token").write_text("of-the-home\n")
    ended = bare_cli("face", "list", "--url", api.url)
    assert ended.exit_code == 4
    assert "--token-file" in ended.stderr
    assert api.asked == []


def test_a_token_file_goes_before_the_environment(cli: Cli, api: FaceApi, home: Path) -> None:
    served(api)
    assert cli("face", "list").exit_code == 0
    assert sent_token(api) == "secret-token"
    (home / "mine").write_text("from-a-file\n")
    assert cli("face", "list", "--token-file", str(home / "mine")).exit_code == 0
    assert sent_token(api) == "from-a-file"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"two words"])
def test_a_token_file_without_a_token_is_refused(
    cli: Cli, api: FaceApi, home: Path, content: bytes | None
) -> None:
    if content is not None:
        (home / "mine").write_bytes(content)
    ended = cli("face", "list", "--token-file", str(home / "mine"))
    assert ended.exit_code == 4
    assert len(ended.stderr.splitlines()) == 1
    assert api.asked == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_credential_of_somebody_else_is_refused_with_the_reason(cli: Cli, home: Path) -> None:
    (home / "mine").write_text("x")
    (home / "mine").chmod(0)
    ended = cli("face", "list", "--token-file", str(home / "mine"))
    assert ended.exit_code == 4
    assert "Permission denied" in ended.stderr


@pytest.mark.parametrize(
    ("status", "code", "ends_with"),
    [
        (401, "unauthenticated", 4),
        (403, "forbidden", 4),
        (404, "not-found", 4),
        (409, "conflict", 7),
        (422, "invalid-request", 4),
        (500, "internal", 1),
    ],
)
def test_the_exit_code_tells_what_kind_of_failure_it_was(
    cli: Cli, api: FaceApi, status: int, code: str, ends_with: int
) -> None:
    api.answers("GET", "/v1/collections", problem(status, code, "What happened."))
    ended = cli("face", "list", "-o", "json")
    assert ended.exit_code == ends_with
    assert ended.stdout == ""
    assert ended.stderr == "Error: What happened. Do this.\n"


def test_a_token_cannot_be_given_on_the_command_line(cli: Cli) -> None:
    assert cli("face", "list", "--token", "secret").exit_code == 2


def test_an_answer_cannot_steer_the_terminal(cli: Cli, api: FaceApi) -> None:
    evil = "\x1b]0;evil\x07\x1b[31mgone"
    api.answers("GET", "/v1/collections", problem(404, "not-found", evil))
    assert "\x1b" not in cli("face", "list").output
    api.answers("GET", "/v1/collections", Answer(200, page({**COLLECTION, "description": evil})))
    assert "gone" in cli("face", "list").stdout
    assert "\x1b" not in cli("face", "list").stdout
