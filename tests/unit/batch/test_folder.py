"""A folder of the server is read where the operator allows it, and nowhere else."""

import os
from pathlib import Path

import pytest

from bigbrother.face.batch.errors import BatchTooManyItems, FolderNotAllowed, FolderUnreadable
from bigbrother.face.batch.folder import FolderImages
from bigbrother.face.batch.records import NewItem, Refusal
from bigbrother.runbook.load import load_runbook
from tests.unit.batch.archives import picture

RUNBOOK = load_runbook()
PICTURE = picture()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """An allowed folder beside one that is not."""
    allowed = tmp_path / "photos"
    for name in ("ana/1.png", "ana/2.png", "bia/1.png", ".hidden/a.png", "z.txt"):
        file = allowed / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PICTURE if name.endswith(".png") else b"text")
    (allowed / "subjects.csv").write_text("external_id,name\nana,Ana Souza\n")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.png").write_bytes(PICTURE)
    return allowed


def read(folder: Path, allowed: Path) -> dict[str, NewItem]:
    images = FolderImages(str(folder), [allowed], RUNBOOK)
    items = {item.name: item for item in images}
    assert len(items) == len(images)
    return items


def code(item: NewItem) -> str:
    return item.image.code if isinstance(item.image, Refusal) else "taken"


def test_a_folder_is_read_in_the_order_of_its_names(photos: Path) -> None:
    items = read(photos, photos)
    assert list(items) == ["ana/1.png", "ana/2.png", "bia/1.png", "z.txt"]
    assert [code(item) for item in items.values()] == ["taken"] * 3 + ["image-format-unsupported"]
    assert items["ana/1.png"].external_id == "ana"
    assert items["ana/1.png"].subject_name == "Ana Souza"


@pytest.mark.parametrize("path", ["", "relative", "../secret", "a\x00b", "~"])
def test_a_path_that_is_not_whole_is_refused(photos: Path, path: str) -> None:
    with pytest.raises(FolderNotAllowed):
        FolderImages(path, [photos], RUNBOOK)


def test_folders_outside_of_those_allowed_are_refused_whether_they_exist_or_not(
    photos: Path,
) -> None:
    link = photos / "out"
    link.symlink_to(photos.parent / "secret")
    for path in (photos.parent, photos.parent / "secret", photos / ".." / "secret", link):
        with pytest.raises(FolderNotAllowed):
            FolderImages(str(path), [photos], RUNBOOK)
    with pytest.raises(FolderNotAllowed):
        FolderImages(str(photos.parent / "nowhere"), [photos], RUNBOOK)
    with pytest.raises(FolderNotAllowed):
        FolderImages(str(photos), [], RUNBOOK)


def test_an_allowed_folder_that_is_not_there_cannot_be_read(photos: Path) -> None:
    for name in ("nowhere", "z.txt"):
        with pytest.raises(FolderUnreadable):
            FolderImages(str(photos / name), [photos], RUNBOOK)


def test_links_are_followed_within_the_allowed_folder_only(photos: Path) -> None:
    (photos / "in.png").symlink_to(photos / "ana" / "1.png")
    (photos / "out.png").symlink_to(photos.parent / "secret" / "key.png")
    (photos / "nothing.png").symlink_to(photos / "nowhere.png")
    (photos / "loop.png").symlink_to(photos / "loop.png")
    (photos / "folder").symlink_to(photos.parent / "secret")
    items = read(photos, photos)
    assert code(items["in.png"]) == "taken"
    assert code(items["out.png"]) == "item-is-link"
    assert code(items["nothing.png"]) == "item-unreadable"
    assert code(items["loop.png"]) == "item-unreadable"
    assert code(items["folder"]) == "item-is-link"


def test_files_that_vanish_or_are_none_fail_alone(photos: Path) -> None:
    os.mkfifo(photos / "pipe.png")
    images = FolderImages(str(photos), [photos], RUNBOOK)
    (photos / "ana" / "2.png").unlink()
    (photos / "bia" / "1.png").unlink()
    (photos / "bia" / "1.png").symlink_to(photos.parent / "secret" / "key.png")
    found = {item.name: code(item) for item in images}
    assert found["ana/1.png"] == "taken"
    assert found["ana/2.png"] == "item-unreadable"
    assert found["bia/1.png"] == "item-is-link"
    assert found["pipe.png"] == "item-unreadable"


def test_more_images_than_allowed_are_refused(photos: Path) -> None:
    figures = RUNBOOK.batch.model_copy(update={"items": 3})
    with pytest.raises(BatchTooManyItems):
        FolderImages(str(photos), [photos], RUNBOOK.model_copy(update={"batch": figures}))


def test_folders_may_lie_deep_and_have_any_names(photos: Path) -> None:
    deep = photos
    for _ in range(300):
        deep = deep / "abcdef"
    deep.mkdir(parents=True)
    (deep / "a.png").write_bytes(PICTURE)
    (photos / os.fsdecode(b"odd\xff\n.png")).write_bytes(PICTURE)
    items = read(photos, photos)
    assert code(items["odd\ufffd\ufffd.png"]) == "taken"
    assert sum(code(item) == "taken" for item in items.values()) == 5
