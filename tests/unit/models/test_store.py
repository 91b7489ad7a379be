"""Which packs the store gives out, and why it refuses the others."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.errors import PackDamaged, PackInvalid, PackNotFound, PackUnlicensed
from bigbrother.models.store import MANIFEST, PERMISSIVE_LICENCES, PackStore
from tests.fakes.packs import NOWHERE, change_manifest, copy_pack, shipped_folder


def test_the_shipped_pack_is_there_without_a_home() -> None:
    store = PackStore(NOWHERE)
    assert store.names() == ("sface",)
    pack = store.load("sface")
    assert pack.manifest.dimension == 128
    assert pack.manifest.licence == "Apache-2.0 AND MIT"
    assert len(pack.file("detector")) == pack.manifest.files["detector"].size_bytes
    assert store.verify("sface") == pack.manifest


def test_the_shipped_files_are_those_of_the_manifest() -> None:
    folder = shipped_folder()
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    named = {MANIFEST}
    for entry in manifest["files"].values():
        data = (folder / entry["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert (folder / entry["licence_file"]).stat().st_size > 500
        named |= {entry["path"], entry["licence_file"]}
    assert {path.name for path in folder.iterdir()} == named


def test_an_installed_pack_is_listed_beside_the_shipped_one(tmp_path: Path) -> None:
    copy_pack(tmp_path, "mine")
    (tmp_path / "notes").mkdir()
    store = PackStore(tmp_path)
    assert store.names() == ("mine", "sface")
    assert store.load("mine").folder == tmp_path / "mine"


def test_an_installed_pack_hides_a_shipped_one_of_the_same_name(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path, "sface")
    change_manifest(folder, {"version": "2030.1"})
    assert PackStore(tmp_path).load("sface").manifest.version == "2030.1"


@pytest.mark.parametrize("name", ["absent", "", ".", "..", "../packs/sface", "/etc", "sface\0"])
def test_an_unknown_name_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackNotFound) as refusal:
        PackStore(tmp_path).load(name)
    assert "sface" in refusal.value.remedy


@pytest.mark.parametrize("name", ["sface.onnx", "yunet.onnx"])
def test_a_flipped_bit_is_found(tmp_path: Path, name: str) -> None:
    folder = copy_pack(tmp_path)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    _refused(tmp_path, PackDamaged, "sha256")


def test_a_cut_file_is_found(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path)
    with (folder / "sface.onnx").open("r+b") as file:
        file.truncate(1000)
    _refused(tmp_path, PackDamaged, "1000 bytes")


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    (copy_pack(tmp_path) / "yunet.onnx").unlink()
    _refused(tmp_path, PackDamaged, "yunet.onnx")


def test_a_file_that_changes_after_loading_is_not_given_out(tmp_path: Path) -> None:
    folder = copy_pack(tmp_path)
    pack = PackStore(tmp_path).load("copied")
    (folder / "yunet.onnx").write_bytes(b"other")
    with pytest.raises(PackDamaged):
        pack.file("detector")


@pytest.mark.parametrize("licence", ["", "CC-BY-NC-4.0", "GPL-3.0-only", "unknown"])
def test_a_licence_that_does_not_allow_every_use_is_refused(tmp_path: Path, licence: str) -> None:
    change_manifest(copy_pack(tmp_path), {"files.embedder.licence": licence})
    _refused(tmp_path, PackUnlicensed, "embedder")
    assert licence not in PERMISSIVE_LICENCES


def test_a_missing_or_empty_licence_text_is_refused(tmp_path: Path) -> None:
    text = copy_pack(tmp_path) / "LICENCE.yunet.txt"
    text.write_text("")
    _refused(tmp_path, PackUnlicensed, "LICENCE.yunet.txt")
    text.unlink()
    _refused(tmp_path, PackUnlicensed, "LICENCE.yunet.txt")


@pytest.mark.parametrize("path", ["../outside.onnx", "/etc/hostname", "link.onnx"])
@pytest.mark.parametrize("key", ["path", "licence_file"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str, key: str) -> None:
    folder = copy_pack(tmp_path)
    shutil.copyfile(folder / "yunet.onnx", tmp_path / "outside.onnx")
    (folder / "link.onnx").symlink_to(tmp_path / "outside.onnx")
    change_manifest(folder, {f"files.detector.{key}": path})
    _refused(tmp_path, PackInvalid, "leaves")


def test_a_pack_under_another_name_is_refused(tmp_path: Path) -> None:
    change_manifest(copy_pack(tmp_path), {"name": "other"})
    _refused(tmp_path, PackInvalid, "other")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"dimension": -1}, "dimension"),
        ({"name": "../evil"}, "name"),
        ({"surprise": 1}, "surprise"),
        ({"files.detector.sha256": "short"}, "sha256"),
        ({"verification.threshold": 7}, "threshold"),
        ({"impostors.quantiles": []}, "quantiles"),
        ({"alignment.template": [[0, 0]]}, "template"),
        ({"files.extra": {}}, "files"),
    ],
)
def test_a_manifest_with_a_wrong_value_names_the_value(
    tmp_path: Path, changes: dict[str, Any], word: str
) -> None:
    change_manifest(copy_pack(tmp_path), changes)
    _refused(tmp_path, PackInvalid, word)


@pytest.mark.parametrize("role", ["detector", "embedder"])
def test_a_manifest_without_a_network_is_refused(tmp_path: Path, role: str) -> None:
    path = copy_pack(tmp_path) / MANIFEST
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["files"][role]
    path.write_text(json.dumps(manifest), "utf-8")
    _refused(tmp_path, PackInvalid, role)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b" " * 1_000_001])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    (copy_pack(tmp_path) / MANIFEST).write_bytes(text)
    _refused(tmp_path, PackInvalid, "manifest")


def test_a_damaged_shipped_pack_says_how_to_reinstall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "src" / "bigbrother" / "models" / "packs"
    (copy_pack(broken, "sface") / "yunet.onnx").unlink()
    monkeypatch.setattr("bigbrother.models.store._shipped", lambda: broken)
    with pytest.raises(PackDamaged) as refusal:
        PackStore(NOWHERE).load("sface")
    assert "pip install --force-reinstall" in refusal.value.remedy
    assert "git checkout -- src/bigbrother/models/packs/sface" in refusal.value.remedy


def _refused(installed: Path, error: type[BigBrotherError], word: str) -> None:
    with pytest.raises(error, match=word) as refusal:
        PackStore(installed).load("copied")
    assert refusal.value.remedy
