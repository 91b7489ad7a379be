"""Damaged files of an installed pack come back from the shipped one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.models.errors import PackDamaged
from bigbrother.models.restoring import damaged_files, restore_files
from bigbrother.models.store import PackStore
from bigbrother.operations.procedures.action import Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened
from bigbrother.operations.troubleshooting.solutions.restore_model import RESTORE_MODEL_FILES
from bigbrother.settings import Settings
from tests.fakes.packs import change_manifest, copy_pack


def pack(home: Path) -> tuple[PackStore, Path, Path]:
    """A copy of the shipped pack under its own name, and its two networks."""
    folder = home / "models"
    folder.mkdir()
    copy_pack(folder, "sface")
    store = PackStore(folder)
    files = store.manifest("sface").files
    return (
        store,
        folder / "sface" / files["detector"].path,
        folder / "sface" / files["embedder"].path,
    )


def flip(file: Path) -> bytes:
    whole = file.read_bytes()
    file.write_bytes(bytes([whole[0] ^ 0xFF]) + whole[1:])
    return whole


def test_a_whole_pack_is_left_alone(tmp_path: Path) -> None:
    store, detector, _ = pack(tmp_path)
    before = detector.stat().st_mtime_ns
    assert restore_files(store, "sface") == ()
    assert detector.stat().st_mtime_ns == before


def test_altered_cut_and_missing_files_come_back(tmp_path: Path) -> None:
    store, detector, embedder = pack(tmp_path)
    whole = flip(detector)
    embedder.unlink()
    assert {each.path for each in damaged_files(store, "sface")} == {detector, embedder}
    assert {*restore_files(store, "sface")} == {detector, embedder}
    assert detector.read_bytes() == whole
    assert store.verify("sface").name == "sface"
    assert [file.name for file in detector.parent.iterdir() if file.name.startswith(".")] == []


def test_what_a_killed_restore_left_is_overwritten_by_the_next(tmp_path: Path) -> None:
    store, detector, _ = pack(tmp_path)
    whole = flip(detector)
    detector.with_name(f".{detector.name}.draft").write_bytes(whole[:1000])
    restore_files(store, "sface")
    assert detector.read_bytes() == whole


def test_bytes_that_nobody_has_are_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    store, detector, embedder = pack(tmp_path)
    flip(detector)
    broken = detector.read_bytes()
    change_manifest(embedder.parent, {"files.embedder.sha256": "0" * 64})
    with pytest.raises(PackDamaged, match=embedder.name):
        restore_files(store, "sface")
    assert detector.read_bytes() == broken


def test_the_step_plans_does_and_verifies(tmp_path: Path) -> None:
    _, detector, _ = pack(tmp_path)
    said: list[str] = []
    services: Any = SimpleNamespace(settings=Settings(home=tmp_path, runtime=tmp_path / "run"))
    journal: Any = SimpleNamespace(say=said.append)
    context = StepContext(services, "run", journal, {}, "a test")
    step, none = RESTORE_MODEL_FILES, Arguments()
    assert step.verify is not None
    whole = flip(detector)
    broken = detector.read_bytes()
    assert f"{detector} would be put back from" in step.plan(context, none)
    assert step.verify(context, none) is Happened.NO
    assert detector.read_bytes() == broken
    assert step.do(context, none).data == {"files": [str(detector)]}
    assert detector.read_bytes() == whole
    assert said == [f"{detector} was put back."]
    assert step.verify(context, none) is Happened.YES
    assert step.do(context, none).skipped
    assert step.plan(context, none).startswith("Nothing would be done")
