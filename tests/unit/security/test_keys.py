"""The master key's file, and what is sealed under keys."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.security.keys import (
    InvalidMasterKey,
    MasterKey,
    SealBroken,
    new_key,
    open_sealed,
    seal,
)


def test_a_created_key_is_loaded_again_and_belongs_to_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    made = MasterKey.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MasterKey.load(path).unwrap(made.wrap(b"k" * 32, b"c"), b"c") == b"k" * 32
    assert list(tmp_path.iterdir()) == [path]


def test_the_umask_does_not_open_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        MasterKey.create(tmp_path / "master.key")
    finally:
        os.umask(before)
    assert MasterKey.load(tmp_path / "master.key")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    MasterKey.create(path)
    before = path.read_bytes()
    with pytest.raises(InvalidMasterKey):
        MasterKey.create(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_that_create_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    def create(_: int) -> MasterKey | None:
        try:
            return MasterKey.create(path)
        except InvalidMasterKey:
            return None

    with ThreadPoolExecutor(8) as pool:
        (winner,) = filter(None, pool.map(create, range(8)))
    assert MasterKey.load(path).unwrap(winner.wrap(b"k", b""), b"") == b"k"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o777])
def test_a_key_that_others_can_touch_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    MasterKey.create(path)
    path.chmod(mode)
    with pytest.raises(InvalidMasterKey, match="chmod 600"):
        MasterKey.load(path)


@pytest.mark.parametrize("size", [0, 31, 33, 4096])
def test_a_key_of_another_size_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    with pytest.raises(InvalidMasterKey):
        MasterKey.load(path)


def test_a_missing_key_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidMasterKey, match="no master key"):
        MasterKey.load(tmp_path / "master.key")
    with pytest.raises(InvalidMasterKey, match="cannot be read"):
        MasterKey.load(tmp_path)
    with pytest.raises(InvalidMasterKey, match="cannot be written"):
        MasterKey.create(tmp_path / "nowhere" / "master.key")


def test_the_key_is_not_shown() -> None:
    key = MasterKey(b"0123456789abcdef0123456789abcdef")
    assert "0123" not in repr(key) + str(key)


@given(plain=st.binary(max_size=64), context=st.binary(max_size=8), bit=st.integers(min_value=0))
def test_sealed_bytes_open_unchanged_or_not_at_all(plain: bytes, context: bytes, bit: int) -> None:
    key = new_key()
    sealed = seal(key, plain, context)
    assert open_sealed(key, sealed, context) == plain
    assert seal(key, plain, context) != sealed
    changed = bytearray(sealed)
    changed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    for bad in (
        (key, bytes(changed), context),
        (key, sealed, context + b"x"),
        (new_key(), sealed, context),
        (key, sealed[: bit % len(sealed)], context),
    ):
        with pytest.raises(SealBroken):
            open_sealed(*bad)
