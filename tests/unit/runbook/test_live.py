"""An edit of the overlay counts without a restart; a bad one does not, and is told once."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from bigbrother.runbook.live import LiveRunbook
from bigbrother.runbook.model import Runbook
from tests.unit.runbook.place import overlay

FIVE = "limits:\n  image_size: 5 MB\n"
SIX = "limits:\n  image_size: 6 MB\n"
BAD = "limits:\n\n  image_siez: 5 MB\n"


def nothing_against(_: Runbook) -> Sequence[str]:
    return ()


def live(file: Path) -> LiveRunbook:
    """As it is once its first look is over."""
    document = LiveRunbook(file, nothing_against, file.with_name("kept.yaml"))
    document.look()
    return document


def size(document: LiveRunbook) -> str:
    return str(document.current.limits.image_size)


def test_an_edit_counts_at_the_next_look_and_says_what_changed(tmp_path: Path) -> None:
    document = live(overlay(tmp_path, FIVE))
    assert document.look() is None
    overlay(tmp_path, SIX)
    change = document.look()
    assert change is not None
    assert [str(item) for item in change.differences] == ["limits.image_size: 5 MB -> 6 MB"]
    assert size(document) == "6 MB"
    assert document.look() is None


def test_a_bad_edit_is_told_once_and_the_last_good_document_stays(tmp_path: Path) -> None:
    file = overlay(tmp_path, FIVE)
    document = live(file)
    overlay(tmp_path, BAD)
    change = document.look()
    assert change is not None
    assert change.refusal is not None
    assert f"{file}:3: " in change.refusal
    assert "Did you mean 'image_size'?" in change.refusal
    assert document.refusal == change.refusal
    assert size(document) == "5 MB"
    os.utime(file, ns=(1, 1))
    assert document.look() is None, "the same mistake, saved again"
    assert document.refusal == change.refusal


def test_another_mistake_is_told_again(tmp_path: Path) -> None:
    document = live(overlay(tmp_path, FIVE))
    overlay(tmp_path, BAD)
    assert document.look() is not None
    overlay(tmp_path, "limits: 7\n")
    change = document.look()
    assert change is not None
    assert "dictionary" in (change.refusal or "")


def test_the_end_of_a_refusal_is_told_even_where_nothing_changed(tmp_path: Path) -> None:
    document = live(overlay(tmp_path, FIVE))
    overlay(tmp_path, BAD)
    assert document.look() is not None
    overlay(tmp_path, FIVE + "# mended\n")
    change = document.look()
    assert change is not None
    assert (change.refusal, change.differences) == (None, ())
    assert document.refusal is None


def test_an_edit_that_changes_only_a_comment_is_no_change(tmp_path: Path) -> None:
    document = live(overlay(tmp_path, FIVE))
    overlay(tmp_path, FIVE + "# a note\n")
    assert document.look() is None


def test_an_overlay_may_come_and_go(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    document = live(file)
    assert size(document) == "20 MB"
    overlay(tmp_path, FIVE)
    assert document.look() is not None
    assert size(document) == "5 MB"
    file.unlink()
    assert document.look() is not None
    assert size(document) == "20 MB"


def test_a_file_that_takes_the_others_place_with_its_time_and_size_is_seen(tmp_path: Path) -> None:
    file = overlay(tmp_path, FIVE)
    document = live(file)
    stat = file.stat()
    new = tmp_path / "new.yaml"
    new.write_text(SIX, "utf-8")
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new.replace(file)
    assert document.look() is not None
    assert size(document) == "6 MB"


def test_what_cannot_be_proven_is_refused_like_a_mistake(tmp_path: Path) -> None:
    def nobody_on_small_images(runbook: Runbook) -> Sequence[str]:
        return ["Nobody is there."] if runbook.limits.image_size.value < 6e6 else []

    file = overlay(tmp_path, SIX)
    document = LiveRunbook(file, nobody_on_small_images, tmp_path / "kept.yaml")
    overlay(tmp_path, FIVE)
    change = document.look()
    assert change is not None
    assert "Nobody is there." in (change.refusal or "")
    assert size(document) == "6 MB"


def test_a_proof_that_breaks_does_not_take_the_last_good_document_away(tmp_path: Path) -> None:
    def breaks(runbook: Runbook) -> Sequence[str]:
        if runbook.limits.image_size.value < 6e6:
            raise ZeroDivisionError
        return ()

    document = LiveRunbook(overlay(tmp_path, SIX), breaks, tmp_path / "kept.yaml")
    overlay(tmp_path, FIVE)
    with pytest.raises(ZeroDivisionError):
        document.look()
    assert size(document) == "6 MB"


def test_many_threads_see_a_whole_document_and_one_of_them_the_change(tmp_path: Path) -> None:
    document = live(overlay(tmp_path, FIVE))
    overlay(tmp_path, SIX)
    told = []

    def look() -> None:
        change = document.look()
        told.append(change is not None)
        assert size(document) in ("5 MB", "6 MB")

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count(True) == 1
    assert size(document) == "6 MB"


def test_who_starts_while_the_overlay_is_bad_goes_on_with_the_last_good_one(tmp_path: Path) -> None:
    file = overlay(tmp_path, FIVE)
    live(file)
    overlay(tmp_path, BAD)
    document = LiveRunbook(file, nothing_against, tmp_path / "kept.yaml")
    assert size(document) == "5 MB"
    change = document.look()
    assert change is not None
    assert "image_siez" in (change.refusal or "")
    overlay(tmp_path, SIX)
    mended = document.look()
    assert mended is not None
    assert mended.refusal is None
    assert size(document) == "6 MB"


@pytest.mark.parametrize("kept", [None, BAD])
def test_who_never_had_a_good_overlay_goes_on_with_the_shipped_document(
    tmp_path: Path, kept: str | None
) -> None:
    if kept is not None:
        (tmp_path / "kept.yaml").write_text(kept, "utf-8")
    file = overlay(tmp_path, BAD)
    document = LiveRunbook(file, nothing_against, tmp_path / "kept.yaml")
    assert size(document) == "20 MB"
    assert document.refusal is not None


def test_the_first_look_tells_that_all_is_well_again_since_the_last_life(tmp_path: Path) -> None:
    document = LiveRunbook(overlay(tmp_path, FIVE), nothing_against, tmp_path / "kept.yaml")
    change = document.look()
    assert change is not None
    assert change.refusal is None
    assert document.look() is None


def test_an_overlay_that_was_removed_does_not_come_back_as_the_last_good_one(
    tmp_path: Path,
) -> None:
    file = overlay(tmp_path, FIVE)
    document = live(file)
    file.unlink()
    document.look()
    overlay(tmp_path, BAD)
    assert size(LiveRunbook(file, nothing_against, tmp_path / "kept.yaml")) == "20 MB"


def test_a_copy_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    file = overlay(tmp_path, FIVE)
    document = LiveRunbook(file, nothing_against, tmp_path / "nowhere" / "kept.yaml")
    assert size(document) == "5 MB"


def test_only_its_owner_reads_the_copy(tmp_path: Path) -> None:
    live(overlay(tmp_path, FIVE))
    assert (tmp_path / "kept.yaml").stat().st_mode & 0o777 == 0o600
