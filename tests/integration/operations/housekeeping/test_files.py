"""Files that are nobody's or have outlived their time go; what is in use or the last one stays."""

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from bigbrother.operations.housekeeping.disk import too_full
from bigbrother.operations.housekeeping.files import files_of, held_open, look_at, remove
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from bigbrother.ports.host import Mount
from tests.fakes.host import FakeHost, mount
from tests.integration.operations.housekeeping.place import HeardJournal, Place

DAY = 24.0


def tree(place: Place) -> dict[str, tuple[int, int]]:
    """Every file of the home with its size and the moment of its last change."""
    return {
        str(path.relative_to(place.home)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in sorted(place.home.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestOrphans:
    def test_what_a_killed_process_left_goes_and_all_else_stays(self, place: Place) -> None:
        settings = place.settings
        orphans = [
            settings.spool / "tmpq8d3kz1x",
            settings.reports / ".2030-04-01.md.0a1b2c3d",
            settings.etc / ".links.key.0a1b2c3d",
            settings.etc / ".ops.token.new",
            settings.ops / "runbook.new",
            settings.runtime / "watcher.new",
        ]
        others = [
            settings.etc / "master.key",
            settings.etc / ".hidden",
            settings.etc / ".master.key.0a1b2c3d4e5f6a7b",
            settings.etc / "runbook.yaml",
            settings.ops / "runbook.yaml",
            settings.ledger / "erasures.jsonl",
            settings.ledger / "erasures.jsonl.torn",
            settings.data / "postgres.aside-1" / "PG_VERSION",
            settings.models / "sface" / ".draft.0a1b2c3d",
            settings.home / "backup" / ".copy.0a1b2c3d",
        ]
        for path in (*orphans, *others):
            place.file(path, age_hours=2)
        outcome = place.do("remove_orphaned_files")
        assert [path for path in orphans if path.exists()] == []
        assert [path for path in others if not path.exists()] == []
        assert outcome.data["count"] == len(orphans)
        assert place.verify("remove_orphaned_files") is Happened.YES

    def test_an_upload_that_is_young_or_still_open_is_somebodys(self, place: Place) -> None:
        young = place.file(place.settings.spool / "young", age_hours=0.5)
        held = place.file(place.settings.spool / "held", age_hours=50)
        with held.open("rb"):
            assert place.do("remove_orphaned_files").skipped
        assert young.exists()
        assert held.exists()
        place.do("remove_orphaned_files")
        assert not held.exists()

    def test_a_link_or_a_folder_is_no_upload(self, place: Place) -> None:
        outside = place.file(place.home.parent / "outside", age_hours=50)
        spool = place.settings.spool
        (spool / "folder").mkdir(parents=True)
        (spool / "link").symlink_to(outside)
        os.utime(spool / "link", (0, 0), follow_symlinks=False)
        assert place.do("remove_orphaned_files").skipped
        assert names(spool) == {"folder", "link"}

    def test_without_any_folder_there_is_nothing_to_do(self, place: Place) -> None:
        assert place.do("remove_orphaned_files").skipped
        assert place.plan("remove_orphaned_files").startswith("Nothing")

    def test_it_says_what_would_go_and_leaves_it(self, place: Place) -> None:
        for number in range(7):
            place.file(place.settings.spool / f"tmp{number}", age_hours=30)
        before = tree(place)
        said = place.plan("remove_orphaned_files")
        assert "7 files" in said
        assert "from 2030-04-30 to 2030-04-30" in said
        assert tree(place) == before
        assert place.verify("remove_orphaned_files") is Happened.NO


class TestLogs:
    def test_old_logs_go_but_not_the_one_in_use_and_not_the_last(self, place: Place) -> None:
        log = place.settings.log
        place.file(log / "bigbrother-face.log", age_hours=0)
        for number in range(1, 5):
            place.file(log / f"bigbrother-face.log.{number}", age_hours=number * 20 * DAY)
        # A unit that is down for long: what it said last is its last word.
        place.file(log / "bigbrother-worker.log", age_hours=90 * DAY)
        # One whose current log was lost.
        place.file(log / "bigbrother-db.log.1", age_hours=80 * DAY)
        place.file(log / "bigbrother-db.log.2", age_hours=81 * DAY)
        for number in range(3):
            place.file(log / f"cli-error-{number}.log", age_hours=(50 + number) * DAY)
        place.file(log / "notes.txt", age_hours=900 * DAY)
        place.do("purge_logs")
        assert names(log) == {
            "bigbrother-face.log",
            "bigbrother-face.log.1",
            "bigbrother-worker.log",
            "bigbrother-db.log.1",
            "cli-error-0.log",
            "notes.txt",
        }

    def test_all_together_are_no_larger_than_the_document_says(self, place: Place) -> None:
        place.changes["retention"] = {"all_logs": "100 kB"}
        log = place.settings.log
        place.file(log / "supervisord.log", age_hours=0, size_bytes=40_960)
        for number in range(1, 6):
            name = f"supervisord.log.{number}"
            place.file(log / name, age_hours=number, size_bytes=20_480)
        place.do("purge_logs")
        assert names(log) == {"supervisord.log", "supervisord.log.1", "supervisord.log.2"}

    def test_one_that_a_process_still_writes_to_stays(self, place: Place) -> None:
        log = place.settings.log
        place.file(log / "bigbrother-face.log", age_hours=0)
        held = place.file(log / "bigbrother-face.log.1", age_hours=90 * DAY)
        with held.open("ab"):
            assert place.do("purge_logs").skipped
        assert held.exists()

    def test_one_that_was_rotated_since_it_was_looked_at_stays(self, tmp_path: Path) -> None:
        place = Place(tmp_path)
        found = look_at(place.file(tmp_path / "a.log.1", age_hours=9))
        other = place.file(tmp_path / "b.log.1", age_hours=9)
        rewritten = look_at(other)
        assert found is not None
        assert rewritten is not None
        (tmp_path / "new").write_text("the newest")
        (tmp_path / "new").replace(found.path)
        other.write_text("written to meanwhile")
        removed = remove((found, rewritten), HeardJournal(), 10)
        assert removed.count == 0
        assert found.path.read_text() == "the newest"
        assert other.exists()

    @pytest.mark.parametrize("seed", range(8))
    def test_killed_at_any_batch_it_goes_on_where_it_was(self, tmp_path: Path, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - a seeded test
        place = Place(tmp_path, changes={"cleaning": {"at_once": 2}})
        log, kept = place.settings.log, {"bigbrother-face.log"}
        place.file(log / "bigbrother-face.log", age_hours=0)
        for number in range(1, 12):
            age = chance.choice([1, 40]) * DAY + number
            name = place.file(log / f"bigbrother-face.log.{number}", age_hours=age).name
            if age < 30 * DAY:
                kept.add(name)
        while place.killed_while("purge_logs", chance.randint(1, 3)):
            assert kept <= names(log)
        assert names(log) == kept
        assert place.verify("purge_logs") is Happened.YES


class TestReports:
    def test_old_reports_go_and_the_newest_stays_however_old(self, place: Place) -> None:
        place.store().close()
        folder = place.settings.reports
        for days in (500, 800, 801):
            day = date(2030, 5, 1) - timedelta(days=days)
            for suffix in ("md", "html"):
                place.file(folder / f"{day}.{suffix}", age_hours=days * DAY)
        place.file(folder / "notes.md", age_hours=900 * DAY)
        assert "4 files" in place.plan("purge_reports")
        outcome = place.do("purge_reports")
        assert outcome.data["count"] == 4
        assert names(folder) == {"2028-12-17.md", "2028-12-17.html", "notes.md"}
        assert place.verify("purge_reports") is Happened.YES
        assert place.do("purge_reports").skipped

    def test_before_there_is_a_watcher_there_is_nothing_to_do(self, place: Place) -> None:
        assert place.do("purge_reports").skipped
        assert not place.settings.ops_store.exists()


class TestFullDisk:
    def test_logs_go_before_their_time_only_until_there_is_room(self, place: Place) -> None:
        log = place.settings.log
        place.file(log / "bigbrother-face.log", age_hours=0)
        for number in range(1, 6):
            place.file(log / f"bigbrother-face.log.{number}", age_hours=number)
        host = Filling(log, files_that_fit=3)
        place.host = host
        outcome = place.do("free_logs")
        assert outcome.data["count"] == 3
        assert names(log) == {f"bigbrother-face.log{end}" for end in ("", ".1", ".2")}
        assert place.verify("free_logs") is Happened.YES
        assert place.do("free_logs").skipped

    def test_with_room_no_log_goes_before_its_time(self, place: Place) -> None:
        place.host = FakeHost(disks=(mount(used_ratio=0.5),))
        place.file(place.settings.log / "bigbrother-face.log", age_hours=0)
        place.file(place.settings.log / "bigbrother-face.log.1", age_hours=1)
        assert place.do("free_logs").skipped
        assert len(names(place.settings.log)) == 2

    def test_the_last_log_of_each_unit_stays_on_the_fullest_disk(self, place: Place) -> None:
        place.host = FakeHost(disks=(mount(used_ratio=1.0),))
        for unit in ("face", "worker"):
            for number in (1, 2):
                name = f"bigbrother-{unit}.log.{number}"
                place.file(place.settings.log / name, age_hours=number)
        place.do("free_logs")
        assert names(place.settings.log) == {"bigbrother-face.log.1", "bigbrother-worker.log.1"}

    def test_what_was_freed_is_told_and_what_takes_the_room(self, place: Place) -> None:
        place.file(place.settings.data / "postgres" / "base", age_hours=1, size_bytes=3_000_000)
        place.file(place.settings.log / "bigbrother-face.log", age_hours=1, size_bytes=1_000_000)
        place.host = FakeHost(disks=(mount(used_ratio=0.95),))
        earlier = {"measure_disk": place.do("measure_disk")}
        place.host = FakeHost(disks=(mount(used_ratio=0.90),))
        with pytest.raises(StepFailed) as refused:
            place.do("verify_disk", earlier)
        assert "5 GB more are free" in refused.value.detail
        assert "90% full" in refused.value.detail
        largest, second = refused.value.detail.split("most room: ")[1].split(", ")[:2]
        assert largest.startswith(str(place.settings.data / "postgres"))
        assert second.startswith(str(place.settings.log))
        assert refused.value.remedy
        assert not refused.value.again
        place.host = FakeHost(disks=(mount(used_ratio=0.5),))
        done = place.do("verify_disk", earlier)
        assert done.data["freed_bytes"] == 45_000_000_000

    def test_without_the_first_measure_the_last_still_says_how_it_is(self, place: Place) -> None:
        place.host = FakeHost(disks=(mount(used_ratio=0.5),))
        assert (
            place.do("verify_disk", {"measure_disk": Outcome("nothing")}).data["freed_bytes"] == 0
        )


class Filling(FakeHost):
    """A disk that is full while more files lie in a folder than fit."""

    def __init__(self, folder: Path, files_that_fit: int) -> None:
        super().__init__()
        self._folder, self._fit = folder, files_that_fit

    def mounts(self, folders: Sequence[Path]) -> tuple[Mount, ...]:
        full = self._folder in folders and len(names(self._folder)) > self._fit
        return (mount(used_ratio=0.95 if full else 0.5),)


def test_models_copies_and_the_ledger_are_nobodys_to_remove(place: Place) -> None:
    """However old everything is and however full the disk."""
    settings = place.settings
    kept = [
        place.file(folder / name, age_hours=5000 * DAY)
        for folder in (settings.models / "sface", settings.home / "backup", settings.ledger)
        for name in ("manifest.json", "a.log", "x.new", "tmp1")
    ]
    place.store().close()
    place.host = FakeHost(disks=(mount(used_ratio=1.0),))
    for step in (
        "remove_orphaned_files",
        "purge_logs",
        "purge_reports",
        "purge_runs",
        "compact_ops_store",
        "free_logs",
    ):
        place.do(step)
    assert [path for path in kept if not path.exists()] == []


def test_a_file_that_this_process_holds_open_is_known(tmp_path: Path) -> None:
    path = tmp_path / "held"
    with path.open("w"):
        (found,) = files_of(tmp_path)
        assert found.identity in held_open()
    assert found.identity not in held_open()


def test_a_disk_with_room_is_not_too_full(place: Place) -> None:
    place.host = FakeHost(disks=(mount(used_ratio=0.5),))
    assert too_full(place.services, (place.settings.log,)) == ()
