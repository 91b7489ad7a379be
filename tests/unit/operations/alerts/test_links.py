"""Acknowledgement links: signed, expiring, bound to one alert, contact and action."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.alerts.errors import InvalidLink, InvalidLinkKey, LinkExpired
from bigbrother.operations.alerts.links import LinkKey, make, read
from tests.unit.operations.alerts.findings import NOON, at

KEY = LinkKey(b"k" * 32)
TOKEN = make("3f2a8b7c", "ops", "acknowledge", at(60), KEY)


def test_a_token_tells_what_was_signed_until_it_ends() -> None:
    assert read(TOKEN, KEY, at(59)) == ("3f2a8b7c", "ops", "acknowledge")
    with pytest.raises(LinkExpired, match="12:01"):
        read(TOKEN, KEY, at(60))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_.=~ é\0"))
def test_a_token_with_any_other_character_is_refused(position: int, character: str) -> None:
    altered = TOKEN[:position] + character + TOKEN[position + 1 :]
    if altered != TOKEN:
        with pytest.raises(InvalidLink):
            read(altered, KEY, NOON)


@given(st.text(max_size=200))
def test_anything_else_is_refused_and_never_a_crash(text: str) -> None:
    with pytest.raises(InvalidLink):
        read(text, KEY, NOON)


def test_another_watchers_token_and_a_longer_life_are_refused() -> None:
    with pytest.raises(InvalidLink):
        read(TOKEN, LinkKey(b"o" * 32), NOON)
    longer = make("3f2a8b7c", "ops", "acknowledge", NOON + timedelta(days=9), KEY)
    with pytest.raises(InvalidLink):
        read(longer.partition(".")[0] + "." + TOKEN.partition(".")[2], KEY, NOON)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "links.key"
    token = make("a", "ops", "acknowledge", at(60), LinkKey.of(file))
    assert read(token, LinkKey.of(file), NOON)[0] == "a"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["links.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "links.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(InvalidLinkKey, match="32 bytes"):
        LinkKey.of(file)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "links.key"
    file.write_bytes(os.urandom(32))
    file.chmod(0o640)
    with pytest.raises(InvalidLinkKey, match="0640"):
        LinkKey.of(file)


def test_a_key_that_cannot_be_made_is_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(InvalidLinkKey, match="No such file"):
        LinkKey.of(tmp_path / "missing" / "links.key")


def test_the_key_is_not_shown() -> None:
    assert "k" * 4 not in repr(KEY)
