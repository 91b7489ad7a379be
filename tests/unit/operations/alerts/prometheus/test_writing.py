"""Files for others are written whole, and never over somebody's own work."""

from pathlib import Path

import pytest

from bigbrother.operations.alerts.prometheus.errors import ForeignFile, NoFolder
from bigbrother.operations.alerts.prometheus.rendered import RenderedFile, write


def rendered(value: int, name: str = "a.yml") -> RenderedFile:
    return RenderedFile(name, "prometheus", {"value": value}, ("A note.",))


def test_a_file_of_somebody_else_stays_as_it_is_and_no_other_is_written(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("mine: true\n")
    with pytest.raises(ForeignFile, match=r"b\.yml"):
        write([rendered(1), rendered(1, "b.yml")], tmp_path, force=False)
    assert (tmp_path / "b.yml").read_text() == "mine: true\n"
    assert not (tmp_path / "a.yml").exists()


def test_a_file_that_was_changed_by_hand_stays_as_it_is(tmp_path: Path) -> None:
    (file,) = write([rendered(1)], tmp_path, force=False)
    file.write_text(file.read_text().replace("value: 1", "value: 2"))
    with pytest.raises(ForeignFile):
        write([rendered(1)], tmp_path, force=False)
    assert "value: 2" in file.read_text()


@pytest.mark.parametrize("foreign", [b"\xff\xfe", b"", b"# Written by 'bigbrother render x'"])
def test_whatever_else_lies_there_is_not_ours(tmp_path: Path, foreign: bytes) -> None:
    (tmp_path / "a.yml").write_bytes(foreign)
    with pytest.raises(ForeignFile):
        write([rendered(1)], tmp_path, force=False)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.yml").symlink_to(tmp_path / "elsewhere.yml")
    with pytest.raises(ForeignFile):
        write([rendered(1)], tmp_path, force=False)
    write([rendered(1)], tmp_path, force=True)
    assert not (tmp_path / "elsewhere.yml").exists()


def test_force_writes_over_it(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("mine: true\n")
    write([rendered(1)], tmp_path, force=True)
    assert "value: 1" in (tmp_path / "a.yml").read_text()


def test_what_this_command_wrote_is_written_anew_and_nothing_else_is_left(tmp_path: Path) -> None:
    write([rendered(1)], tmp_path / "new", force=False)
    (file,) = write([rendered(2)], tmp_path / "new", force=False)
    assert "value: 2" in file.read_text()
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["a.yml"]


def test_a_file_says_where_it_comes_from(tmp_path: Path) -> None:
    (file,) = write([rendered(1)], tmp_path, force=False)
    first, _, third, *_ = file.read_text().splitlines()
    assert first.startswith("# Written by 'bigbrother render prometheus'")
    assert third == "# A note."


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoFolder):
        write([rendered(1)], tmp_path / "file", force=False)
