"""What each task finds and keeps, of a service, a machine and units that a test sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.scrapes import scrape_before
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.readings.query import latest
from bigbrother.operations.monitoring.readings.series import all_series
from bigbrother.operations.monitoring.schedule import Daily, Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.catalogue import tasks
from bigbrother.operations.store.store import Store
from bigbrother.ports.face_service import Answer
from bigbrother.ports.host import HostUnreadable
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.telemetry.face_metrics import FaceMetrics
from tests.fakes.clock import FakeClock
from tests.fakes.face_service import FakeFaceService
from tests.fakes.host import FakeHost, mount
from tests.fakes.service_manager import FakeServiceManager

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Watched:
    """What the watcher is put together of."""

    settings: Settings
    store: Store
    document: Runbook = field(default_factory=load_runbook)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    manager: FakeServiceManager = field(default_factory=FakeServiceManager)
    face: FakeFaceService = field(default_factory=FakeFaceService.healthy)
    host: FakeHost = field(default_factory=FakeHost)
    dsn: str = "host=/nowhere"

    def runbook(self) -> Runbook:
        return self.document

    def task(self, name: str) -> Task:
        return next(each for each in tasks(self) if each.name == name)

    def run(self, name: str, after_seconds: float = 0) -> dict[tuple[str, str], Finding]:
        """The findings by alert and label."""
        found = self.task(name).run(NOON + timedelta(seconds=after_seconds))
        return {(each.alert, "".join(each.labels.values())): each for each in found}

    def newest(self, name: str) -> dict[str, float]:
        """The newest reading of each series of a name, by label."""
        series = self.store.read(lambda conn: all_series(conn, name))
        found = {}
        for each in series:
            last = self.store.read(lambda conn, each=each: latest(conn, each))  # type: ignore[misc]
            assert last is not None
            found["".join(each.labels.values())] = last.mean
        return found


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    store = Store(tmp_path / "ops.db")
    yield Watched(Settings(home=tmp_path, runtime=tmp_path), store)
    store.close()


def page(
    *, requests: int = 1000, failed: int = 0, seconds: float = 0.02, waiting: int = 0
) -> Answer:
    """The metric page of a face analyzer, by its own writer."""
    metrics = FaceMetrics(load_runbook())
    for status_class, count in (("2xx", requests - failed), ("5xx", failed)):
        metrics.requests.labels("POST", "/v1/analyze", status_class).inc(count)
    response = metrics.request_seconds.labels("/v1/analyze", "single-face")
    inference = metrics.inference_seconds.labels("total", "single-face")
    for _ in range(requests):
        response.observe(seconds)
        inference.observe(seconds)
    metrics.waiting_requests.set(waiting)
    return Answer(200, 0.01, metrics.text())


def test_a_scrape_keeps_the_counters_and_what_they_say(watched: Watched) -> None:
    watched.face.answers["/metrics"] = page(requests=0)
    watched.run("scrape")
    watched.face.answers["/metrics"] = page(requests=600, failed=6, seconds=0.02)
    found = watched.run("scrape", 60)
    assert found["metrics_unreadable", ""].status is Status.PASSED
    assert found["inference_time", ""].status is Status.PASSED
    assert watched.newest("requests_per_second") == {"": 10}
    assert watched.newest("error_rate") == {"": 0.01}
    assert 0.01 < watched.newest("response_time")[""] <= 0.025
    assert 0.01 < watched.newest("response_time_median")[""] <= 0.025
    assert watched.newest("watcher_memory") == {"": 50_000_000}
    kept = watched.store.read(lambda conn: scrape_before(conn, NOON + timedelta(seconds=60)))
    assert kept is not None
    assert kept.requests == 600


def test_a_scrape_that_is_not_answered_is_a_finding_and_nothing_else_is_lost(
    watched: Watched,
) -> None:
    watched.face.down = True
    found = watched.run("scrape")
    assert found["metrics_unreadable", ""].status is Status.FAILED
    assert "Connection refused" in found["metrics_unreadable", ""].summary
    assert watched.newest("watcher_memory") == {"": 50_000_000}


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b'bigbrother_ready{a="} 1\n'])
def test_a_page_that_cannot_be_trusted_is_a_finding_with_its_reason(
    watched: Watched, body: bytes
) -> None:
    watched.face.answers["/metrics"] = Answer(200, 0.01, body)
    finding = watched.run("scrape")["metrics_unreadable", ""]
    assert finding.status is Status.FAILED
    assert "refused" in finding.summary


def test_scrapes_are_forgotten_once_nothing_is_compared_with_them(watched: Watched) -> None:
    watched.face.answers["/metrics"] = page()
    for minute in range(40):
        watched.run("scrape", 60 * minute)
    count = watched.store.read(lambda conn: conn.execute("SELECT count(*) FROM scrape").fetchone())
    assert 5 < count[0] <= 16


@pytest.mark.parametrize(
    ("failed", "status"), [(0, Status.PASSED), (5, Status.WARNING), (50, Status.FAILED)]
)
def test_errors_are_found_in_what_the_scrapes_left(
    watched: Watched, failed: int, status: Status
) -> None:
    watched.face.answers["/metrics"] = page(requests=0)
    watched.run("scrape")
    watched.face.answers["/metrics"] = page(requests=1000, failed=failed)
    watched.run("scrape", 60)
    assert watched.run("errors", 61)["error_rate", ""].status is status


def test_without_fresh_counters_nothing_is_said_about_errors(watched: Watched) -> None:
    assert watched.run("errors") == {}
    watched.face.answers["/metrics"] = page(failed=900)
    watched.run("scrape")
    assert watched.run("errors", 3600) == {}


@pytest.mark.parametrize(
    ("seconds", "status"), [(0.1, Status.PASSED), (0.3, Status.WARNING), (0.6, Status.FAILED)]
)
def test_an_endpoint_is_as_fast_as_it_answers(
    watched: Watched, seconds: float, status: Status
) -> None:
    watched.face.answers["/health"] = Answer(200, seconds, b"{}")
    found = watched.run("endpoints")
    assert found["endpoint_slow", "/health"].status is status
    assert found["endpoint_slow", "/readyz"].status is Status.PASSED
    assert found["endpoint_failing", "/health"].status is Status.PASSED
    assert watched.newest("endpoint_time")["/health"] == seconds


def test_an_endpoint_that_answers_badly_fails_and_is_not_called_slow(watched: Watched) -> None:
    watched.face.answers["/readyz"] = Answer(503, 0.9, b"{}")
    found = watched.run("endpoints")
    assert found["endpoint_failing", "/readyz"].status is Status.FAILED
    assert "503" in found["endpoint_failing", "/readyz"].summary
    assert ("endpoint_slow", "/readyz") not in found


def test_a_service_that_is_silent_fails_at_each_endpoint(watched: Watched) -> None:
    watched.face.down = True
    found = watched.run("endpoints")
    assert {key: each.status for key, each in found.items()} == {
        ("endpoint_failing", "/health"): Status.FAILED,
        ("endpoint_failing", "/readyz"): Status.FAILED,
    }


def test_callers_that_wait_too_long_are_found_in_the_histograms(watched: Watched) -> None:
    watched.face.answers["/metrics"] = page(seconds=0.8)
    watched.run("scrape")
    assert watched.run("endpoints", 1)["endpoint_slow", ""].status is Status.FAILED


def test_a_unit_that_is_down_for_longer_than_its_grace_is_found(watched: Watched) -> None:
    down = UnitStatus("bigbrother-face", UnitState.FAILED, since=NOON, reason="exit status 1")
    watched.manager.units["bigbrother-face"] = down
    assert ("unit_down", "bigbrother-face") not in watched.run("services", 4.9)
    finding = watched.run("services", 5)["unit_down", "bigbrother-face"]
    assert finding.status is Status.FAILED
    assert finding.labels == {"unit": "bigbrother-face"}
    assert "exit status 1" in finding.summary
    assert watched.run("services", 5)["unit_down", "bigbrother-db"].status is Status.PASSED
    assert watched.newest("unit_up") == {
        "bigbrother-db": 1,
        "bigbrother-face": 0,
        "bigbrother-worker": 1,
        "bigbrother-ops": 1,
    }


@pytest.mark.parametrize("state", [UnitState.STARTING, UnitState.STOPPING])
def test_a_unit_that_is_about_to_change_is_neither_up_nor_down(
    watched: Watched, state: UnitState
) -> None:
    watched.manager.set("bigbrother-face", state)
    assert ("unit_down", "bigbrother-face") not in watched.run("services", 600)


def test_each_resource_is_a_task_and_each_disk_a_finding(watched: Watched) -> None:
    watched.host.cpu = 0.95
    watched.host.disks = (mount("/"), mount("/data", used_ratio=0.9))
    assert watched.run("resources.cpu_usage")["cpu_usage", ""].status is Status.FAILED
    assert watched.run("resources.memory_usage")["memory_usage", ""].status is Status.PASSED
    disks = watched.run("resources.disk_space")
    assert disks["disk_space", "/"].status is Status.PASSED
    assert disks["disk_space", "/data"].labels == {"mount": "/data"}
    assert disks["disk_space", "/data"].status is Status.FAILED
    assert watched.run("resources.gpu_usage")["gpu_usage", ""].status is Status.SKIPPED
    assert watched.newest("cpu_usage") == {"": 0.95}
    assert watched.newest("disk_space") == {"/": 0.5, "/data": 0.9}
    assert watched.newest("gpu_usage") == {}


def test_a_resource_that_is_not_well_is_looked_at_more_often(watched: Watched) -> None:
    """Otherwise one look would fire an alert whose `for` is as long as the interval."""
    task = watched.task("resources.cpu_usage")
    for busy, seconds in ((0.1, 300), (0.95, 15), (0.95, 15), (0.1, 300)):
        watched.host.cpu = busy
        task.run(NOON)
        assert task.when(watched.document) == Every(timedelta(seconds=seconds))


def test_a_machine_that_does_not_tell_is_an_error_of_its_task(watched: Watched) -> None:
    watched.host.unreadable = True
    with pytest.raises(HostUnreadable):
        watched.run("resources.memory_usage")


def test_the_daily_run_leaves_its_report_and_speaks_of_accuracy_alone(watched: Watched) -> None:
    found = watched.run("daily")
    assert set(found) == {("model_accuracy", ""), ("watcher_failing", "daily-report")}
    assert found["model_accuracy", ""].status is Status.UNKNOWN
    assert found["watcher_failing", "daily-report"].status is Status.PASSED
    assert (watched.settings.reports / "2026-11-22.md").is_file()


def test_a_report_that_cannot_be_written_is_a_finding(watched: Watched) -> None:
    watched.settings.ops.mkdir(parents=True)
    watched.settings.reports.write_text("in the way")
    assert watched.run("daily")["watcher_failing", "daily-report"].status is Status.FAILED


def upkeep(watched: Watched, asked: list[datetime]) -> Task:
    """The task, with a history that notes before which moments it was asked to delete."""
    histories = (lambda _, before: asked.append(before),)
    return next(each for each in tasks(watched, histories) if each.name == "upkeep")


def count(watched: Watched, table: str) -> int:
    text = f"SELECT count(*) FROM {table}"  # noqa: S608
    return int(watched.store.read(lambda conn: conn.execute(text).fetchone()[0]))


def test_upkeep_packs_readings_of_hours_that_are_over(watched: Watched) -> None:
    watched.run("resources.cpu_usage")
    task = upkeep(watched, [])
    task.run(NOON + timedelta(minutes=59))
    assert (count(watched, "point"), count(watched, "chunk")) == (1, 0)
    task.run(NOON + timedelta(hours=1))
    assert (count(watched, "point"), count(watched, "chunk")) == (0, 4)


def test_upkeep_deletes_what_outlived_its_time_and_gives_the_space_back(watched: Watched) -> None:
    watched.run("resources.cpu_usage")
    asked: list[datetime] = []
    task = upkeep(watched, asked)
    # As after years without a watcher: nothing is known of an earlier upkeep.
    later = NOON + timedelta(days=4000)
    task.run(later)
    assert (count(watched, "point"), count(watched, "chunk"), count(watched, "series")) == (0, 0, 0)
    assert asked == [later - timedelta(days=365)]
    free = watched.store.read(lambda conn: conn.execute("PRAGMA freelist_count").fetchone()[0])
    assert free == 0


def test_a_clock_that_is_years_ahead_for_a_while_deletes_nothing(watched: Watched) -> None:
    watched.run("resources.cpu_usage")
    asked: list[datetime] = []
    task = upkeep(watched, asked)
    task.run(NOON)
    for minutes in (0, 10, 20):
        task.run(NOON + timedelta(days=4000, minutes=minutes))
    assert asked[-1] == NOON + timedelta(hours=3) - timedelta(days=365)
    task.run(NOON + timedelta(minutes=40))
    assert asked[-1] == NOON + timedelta(minutes=40) - timedelta(days=365)
    assert watched.newest("cpu_usage") == {"": 0.1}


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("resources.cpu_usage", 300),
        ("resources.disk_space", 300),
        ("services", 60),
        ("endpoints", 30),
        ("errors", 60),
        ("scrape", 15),
        ("upkeep", 600),
    ],
)
def test_tasks_keep_the_intervals_of_the_document(
    watched: Watched, name: str, seconds: float
) -> None:
    task = watched.task(name)
    assert task.when(watched.document) == Every(timedelta(seconds=seconds))


def test_a_changed_document_changes_when_a_task_is_due(watched: Watched) -> None:
    document = watched.document
    quick = replace(document.watching.scrape_every, value=1.0)
    watching = document.watching.model_copy(update={"scrape_every": quick})
    changed = document.model_copy(update={"watching": watching})
    assert watched.task("scrape").when(changed) == Every(timedelta(seconds=1))


def test_the_daily_run_has_its_time_and_zone(watched: Watched) -> None:
    checks = watched.document.daily_checks
    assert watched.task("daily").when(watched.document) == Daily(checks.at, checks.time_zone)


def test_every_task_has_a_name_of_its_own(watched: Watched) -> None:
    names = [each.name for each in tasks(watched)]
    assert len(names) == len(set(names))


def test_the_size_of_the_embedded_database_is_noted_and_of_another_one_is_not(
    watched: Watched,
) -> None:
    assert watched.run("database_size") == {}
    assert watched.newest("database_size") == {}
    folder = watched.settings.data / "postgres" / "base" / "1"
    folder.mkdir(parents=True)
    (folder / "2619").write_bytes(b"x" * 100_000)
    (folder / "2620").symlink_to("/dev/zero")
    watched.run("database_size", after_seconds=60)
    assert watched.newest("database_size")[""] == pytest.approx(100_000, rel=0.1)
