"""The accepted document is published whole or not at all, for the units' eyes alone."""

import os
import pwd
from pathlib import Path

from structlog.testing import capture_logs

from bigbrother.operations.response.publishing import Publisher
from bigbrother.runbook.load import load_runbook

OWN = {"limits": {"image_size": "5 MB"}, "contacts": {"ops": {"email": "ação@example.org"}}}


def test_the_accepted_overlay_is_published_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    Publisher(file, None).publish(OWN)
    read = load_runbook(file)
    assert str(read.limits.image_size) == "5 MB"
    assert read.contacts["ops"].email == "ação@example.org"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [file]


def test_without_an_overlay_an_empty_one_is_published(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    Publisher(file, None).publish({})
    assert file.read_text("utf-8") == "{}\n"


def test_the_account_of_the_units_may_read_it_and_nobody_else(tmp_path: Path) -> None:
    me = pwd.getpwuid(os.geteuid())
    file = tmp_path / "runbook.yaml"
    Publisher(file, me.pw_name).publish(OWN)
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.stat().st_gid == me.pw_gid


def test_nothing_is_written_while_nothing_is_new(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    publisher = Publisher(file, None)
    publisher.publish(OWN)
    before = file.stat()
    publisher.publish(OWN)
    assert file.stat() == before


def test_what_cannot_be_written_is_logged_once_and_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    publisher = Publisher(folder / "runbook.yaml", None)
    with capture_logs() as lines:
        publisher.publish(OWN)
        publisher.publish(OWN)
    assert len(lines) == 1
    folder.mkdir()
    publisher.publish(OWN)
    assert (folder / "runbook.yaml").exists()
