"""A channel's secret is read from a private file, or refused with what to do."""

import os
from pathlib import Path

import pytest

from bigbrother.operations.alerts.channels.errors import SecretUnusable
from bigbrother.operations.alerts.channels.secret import read_secret
from tests.fakes.told import secret


def test_a_private_file_is_read(tmp_path: Path) -> None:
    assert read_secret(secret(tmp_path, "sms", "a token"), "sms") == "a token"


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    secrets = secret(tmp_path, "sms", "a token")
    (secrets / "sms").chmod(0o640)
    with pytest.raises(SecretUnusable, match="0640") as refused:
        read_secret(secrets, "sms")
    assert refused.value.remedy.startswith("chmod 600")
    assert "a token" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "x" * 9000, "a\x00b"])
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SecretUnusable, match="holds no secret"):
        read_secret(secret(tmp_path, "sms", text), "sms")


def test_a_missing_file_a_folder_and_a_pipe_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("missing", "folder", "pipe", ""):
        with pytest.raises(SecretUnusable):
            read_secret(tmp_path, name)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "sms"
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    with pytest.raises(SecretUnusable, match="not UTF-8"):
        read_secret(tmp_path, "sms")
