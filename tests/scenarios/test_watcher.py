"""A whole installation under its watcher's eyes: units die, hang, cannot start; people are told."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml

from tests.fakes.scripted_http import ScriptedHttp
from tests.scenarios.place import Place, new_place
from tests.waiting import until

GRACE_SECONDS = 3.0


@dataclass
class Watched:
    """An installation with a webhook that catches every message."""

    place: Place
    webhook: ScriptedHttp

    def alerts(self, name: str, **labels: str) -> list[dict[str, Any]]:
        """Every alert of this name, the newest last, as ops.db has it."""
        file = self.place.home / "data" / "ops" / "ops.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
            conn.row_factory = sqlite3.Row
            rows = conn.execute("SELECT * FROM alert WHERE name = ? ORDER BY began_at", (name,))
            return [
                dict(row) for row in rows if labels.items() <= json.loads(row["labels"]).items()
            ]

    def told(self, kind: str, name: str, **labels: str) -> list[dict[str, Any]]:
        """Messages of this kind that arrived and are about such an alert.

        One that is repeated over a crash is the same message, as its id says.
        """
        messages = {
            message["id"]: message
            for message in (json.loads(each.body) for each in list(self.webhook.received))
        }
        return [
            message
            for message in messages.values()
            if message["kind"] == kind
            and any(
                alert["name"] == name and labels.items() <= alert["labels"].items()
                for alert in message["alerts"]
            )
        ]

    def process(self, unit: str) -> psutil.Process:
        """The unit's own process, not its children."""
        marks = {
            "bigbrother-db": "bin/postgres",
            "bigbrother-face": "bigbrother.entrypoints.face",
            "bigbrother-worker": "bigbrother.entrypoints.worker",
            "bigbrother-ops": "bigbrother.entrypoints.ops",
        }
        found: list[psutil.Process] = []

        def look() -> bool:
            found[:] = [
                each
                for each in self.place.processes()
                if each.is_running() and any(marks[unit] in part for part in each.cmdline())
            ]
            return bool(found)

        until(look, 20)
        return min(found, key=lambda each: each.create_time())


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """Shared by the stories here: each leaves it healthy."""
    webhook = ScriptedHttp()
    with webhook.running(), new_place() as place:
        etc = place.home / "etc"
        etc.mkdir(parents=True)
        place.home.chmod(0o711)
        (etc / "runbook.yaml").write_text(yaml.safe_dump(overlay(webhook.url)), "utf-8")
        place.up()
        yield Watched(place, webhook)


def overlay(url: str) -> dict[str, Any]:
    """The document of these stories: a short grace, and a webhook that hears everything.

    Nothing is cured by itself: these stories are about being told (cures: test_cures.py).
    """
    units = ("bigbrother-db", "bigbrother-face", "bigbrother-worker", "bigbrother-ops")
    return {
        "units": {unit: {"grace": f"{GRACE_SECONDS:g}s"} for unit in units},
        "response": {
            "cures": {
                alert: {"policy": "suggest"}
                for alert in ("unit_down", "unit_silent", "database_unreachable")
            }
        },
        "alert_config": {
            "channels": {
                "webhook": {
                    "enabled": True,
                    "url": f"{url}/page",
                    "severity": ["emergency", "critical", "high", "medium", "low"],
                }
            }
        },
    }


def test_a_killed_unit_that_its_manager_heals_is_written_down_and_pages_nobody(
    watched: Watched,
) -> None:
    label = {"unit": "bigbrother-worker"}
    before = len(watched.alerts("unit_down", **label))
    watched.process("bigbrother-worker").kill()
    until(lambda: len(watched.alerts("unit_down", **label)) == before + 1, 5)
    until(lambda: watched.alerts("unit_down", **label)[-1]["state"] == "resolved", 10)
    until(watched.place.healthy, 20)
    # The grace has passed by now, and nobody was told.
    time_over = watched.alerts("unit_down", **label)[-1]["page_after"] + 1
    until(lambda: time.time() > time_over, 10)
    assert watched.told("broadcast", "unit_down", **label) == []


def test_a_database_that_cannot_start_is_paged_after_its_grace_and_speaks_for_the_others(
    watched: Watched,
) -> None:
    label = {"unit": "bigbrother-db"}
    program = next((watched.place.home / "programs").rglob("bin/postgres"))
    away = program.with_name("postgres.away")
    program.rename(away)
    try:
        killed_at = time.time()
        watched.process("bigbrother-db").kill()
        until(lambda: watched.told("broadcast", "unit_down", **label) != [], 30)
        told_at = time.time()
        (alert,) = watched.alerts("unit_down", **label)
        assert alert["fired_at"] - killed_at < 2
        assert GRACE_SECONDS < told_at - killed_at < GRACE_SECONDS + 6
        assert alert["severity"] == "critical"
        for quiet in ("database_unreachable", "endpoint_failing"):
            assert watched.told("broadcast", quiet) == []
    finally:
        away.rename(program)
    done = watched.place.cli("up", "--detach")
    assert done.returncode == 0, done.stderr
    until(lambda: watched.told("resolved", "unit_down", **label) != [], 20)
    until(watched.place.healthy, 20)


def test_a_face_unit_that_hangs_is_paged_and_heard_again(watched: Watched) -> None:
    label = {"unit": "bigbrother-face"}
    face = watched.process("bigbrother-face")
    # It has answered once, so a silence is one.
    until(watched.place.healthy, 20)
    stopped_at = time.time()
    face.suspend()
    try:
        until(lambda: watched.told("broadcast", "unit_silent", **label) != [], 30)
        assert time.time() - stopped_at < 20
    finally:
        face.resume()
    until(lambda: watched.told("resolved", "unit_silent", **label) != [], 20)


def test_a_killed_watcher_knows_afterwards_what_it_had_said(watched: Watched) -> None:
    label = {"unit": "bigbrother-face"}
    before = len(watched.told("broadcast", "unit_silent", **label))
    face = watched.process("bigbrother-face")
    face.suspend()
    try:
        until(lambda: len(watched.told("broadcast", "unit_silent", **label)) == before + 1, 30)
        first = watched.process("bigbrother-ops")
        first.kill()
        until(lambda: watched.process("bigbrother-ops").pid != first.pid, 20)
        until(lambda: asked(watched, "/readyz")[0] == 200, 20)
    finally:
        face.resume()
    until(lambda: watched.alerts("unit_silent", **label)[-1]["state"] == "resolved", 20)
    until(lambda: len(watched.told("resolved", "unit_silent", **label)) >= before + 1, 20)
    messages = watched.told("broadcast", "unit_silent", **label)
    told = [alert["id"] for message in messages for alert in message["alerts"]]
    assert len(told) == len(set(told))


def test_alerts_sent_in_are_told_and_taken_on_by_the_link(watched: Watched) -> None:
    alert = {
        "labels": {"alertname": "DoorOpen", "severity": "high", "door": "7"},
        "annotations": {"summary": "The door of rack 7 is open."},
    }
    assert asked(watched, "/api/v2/alerts", json.dumps([alert]).encode())[0] == 401
    token = (watched.place.home / "etc" / "ops.token").read_text().strip()
    header = {"Authorization": f"Bearer {token}"}
    assert asked(watched, "/api/v2/alerts", b"[{}]", header)[0] == 400
    status, said = asked(watched, "/api/v2/alerts", json.dumps([alert]).encode(), header)
    assert (status, json.loads(said)) == (200, {"taken": 1})
    until(lambda: watched.told("broadcast", "DoorOpen") != [], 15)
    link = watched.told("broadcast", "DoorOpen")[0]["acknowledge_url"]
    path = link.split(f":{watched.place.port + 10}", 1)[1]

    status, page = asked(watched, path)
    assert status == 200
    assert "rack 7" in page
    assert watched.alerts("DoorOpen")[0]["acknowledged_at"] is None, "looking is not taking on"
    assert asked(watched, path, b"")[0] == 200
    assert watched.alerts("DoorOpen")[0]["acknowledged_at"] is not None
    assert asked(watched, path[:-4] + "AAAA", b"")[0] == 403

    listed = watched.place.cli("alerts", "list", "-o", "json")
    assert listed.returncode == 0, listed.stderr
    assert "DoorOpen" in listed.stdout


def test_a_bad_edit_of_the_document_is_refused_and_told_and_the_last_good_one_stays(
    watched: Watched,
) -> None:
    file = watched.place.home / "etc" / "runbook.yaml"
    good = file.read_text("utf-8")
    file.write_text(good + "\nwatching: {scrape_every: soon}\n", "utf-8")
    until(lambda: watched.told("broadcast", "runbook_refused") != [], 15)
    assert (
        "runbook.yaml:" in watched.told("broadcast", "runbook_refused")[0]["alerts"][0]["summary"]
    )
    assert asked(watched, "/readyz")[0] == 200
    file.write_text(good, "utf-8")
    until(lambda: watched.told("resolved", "runbook_refused") != [], 15)


def test_an_edit_of_the_document_counts_in_the_running_face_unit(watched: Watched) -> None:
    until(watched.place.healthy, 20)
    file = watched.place.home / "etc" / "runbook.yaml"
    good = file.read_text("utf-8")
    face = watched.process("bigbrother-face")
    assert asked_for_a_page(watched, 40) == 200
    try:
        file.write_text(good + "\nlimits: {largest_page_size: 30, page_size: 20}\n", "utf-8")
        until(lambda: asked_for_a_page(watched, 40) == 422, 10)
        assert asked_for_a_page(watched, 30) == 200
    finally:
        file.write_text(good, "utf-8")
    until(lambda: asked_for_a_page(watched, 40) == 200, 10)
    assert watched.process("bigbrother-face").pid == face.pid
    published = watched.place.runtime / "runbook.yaml"
    assert published.stat().st_mode & 0o007 == 0


def test_the_face_unit_shows_the_watchers_last_sign_of_life(watched: Watched) -> None:
    until(watched.place.healthy, 20)
    watcher = httpx.get(f"{watched.place.url}/health", timeout=10).json()["watcher"]
    assert 0 <= watcher["silent_seconds"] < 10


def test_the_watcher_writes_no_secret_and_its_files_are_private(watched: Watched) -> None:
    ops = watched.place.home / "data" / "ops"
    for file in (ops / "ops.db", ops / "links.key", watched.place.home / "etc" / "ops.token"):
        assert file.stat().st_mode & 0o077 == 0, file
    token = (watched.place.home / "etc" / "ops.token").read_text().strip()
    log = (watched.place.home / "log" / "bigbrother-ops.log").read_text("utf-8")
    assert token not in log
    assert Path(f"/proc/{watched.process('bigbrother-ops').pid}").exists()


def asked_for_a_page(watched: Watched, limit: int) -> int:
    """The status of a list with so many on a page."""
    return httpx.get(
        f"{watched.place.url}/v1/collections",
        params={"limit": limit},
        headers={"Authorization": f"Bearer {watched.place.token}"},
        timeout=10,
    ).status_code


def asked(
    watched: Watched, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Status and text of what the watcher answers."""
    url = f"http://127.0.0.1:{watched.place.port + 10}{path}"
    method = "GET" if body is None else "POST"
    try:
        answer = httpx.request(method, url, content=body, headers=headers, timeout=10)
    except httpx.TransportError:
        return 0, ""
    return answer.status_code, answer.text
