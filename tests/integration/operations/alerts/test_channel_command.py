"""`bigbrother alerts test-channel`, against real servers."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bigbrother.entrypoints.cli.main import app
from tests.fakes import told
from tests.fakes.slack_server import SlackServer
from tests.fakes.smtp_server import smtp_server


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder etc of a home in which nothing ever ran."""
    monkeypatch.setenv("BIGBROTHER_HOME", str(tmp_path))
    folder = tmp_path / "etc"
    folder.mkdir()
    return folder


def test_a_channel_that_is_not_enabled_is_tried_too(etc: Path) -> None:
    with SlackServer().running() as slack:
        told.secret(etc, "slack", slack.webhook)
        done = CliRunner().invoke(app, ["alerts", "test-channel", "slack"])
        assert done.exit_code == 0
        assert "200 ok" in done.stdout
        assert "is not enabled" in done.stderr
        assert slack.texts() == ["TEST of Big Brother: the channel 'slack' works"]


def test_a_mail_goes_to_the_address_that_was_given(etc: Path) -> None:
    with smtp_server() as mailbox:
        mail = {"server": mailbox.address, "encryption": "none"}
        told.document(etc, {"channels": {"email": mail}})
        command = ["alerts", "test-channel", "email", "--to", "ana@company.com", "-o", "json"]
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0
        assert json.loads(done.stdout)["items"][0]["ok"] is True
        assert mailbox.mails[0]["To"] == "ana@company.com"


def test_what_was_not_taken_is_told_with_its_reason(etc: Path) -> None:
    done = CliRunner().invoke(app, ["alerts", "test-channel", "slack"])
    assert done.exit_code == 1
    assert "The secret 'slack' is missing" in done.stdout


def test_a_mistyped_name_gets_the_right_one(etc: Path) -> None:
    done = CliRunner().invoke(app, ["alerts", "test-channel", "slak"])
    assert done.exit_code == 4
    assert "Did you mean 'slack'?" in done.stderr


def test_an_address_for_a_channel_that_has_but_one_is_refused(etc: Path) -> None:
    done = CliRunner().invoke(app, ["alerts", "test-channel", "slack", "--to", "#other"])
    assert done.exit_code == 4
    assert "Leave --to out" in done.stderr
