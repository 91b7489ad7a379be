"""Alerts of a running installation bring their cause along, and are cured: by themselves, after a
yes, or from the command line while nobody watches.
"""

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import httpx
import psutil
import pytest
import yaml

from bigbrother.settings import load_settings
from bigbrother.wiring.diagnostics import scene
from tests.fakes.scripted_http import ScriptedHttp
from tests.scenarios.place import Place, assert_refused, new_place
from tests.scenarios.test_watcher import GRACE_SECONDS, Watched, asked, overlay
from tests.waiting import until

FACE, WORKER, OPS = "bigbrother-face", "bigbrother-worker", "bigbrother-ops"
RECOVERY = "service_recovery.face_analyzer"
STORM = 200


@pytest.fixture(scope="module")
def cured() -> Iterator[Watched]:
    """Shared by the stories here: each leaves it healthy, and no alert open that starts a run."""
    webhook = ScriptedHttp()
    with webhook.running(), new_place() as place:
        etc = place.home / "etc"
        etc.mkdir(parents=True)
        place.home.chmod(0o711)
        document = overlay(webhook.url) | {
            "response": {
                "cures": {
                    # Time for people to be told before it is over.
                    "unit_silent": {"after": "6s"},
                    "memory_usage": {
                        "procedure": "solutions.free_disk",
                        "policy": "ask",
                        "after": "2s",
                    },
                }
            },
            # The stories here begin more than an hour's worth of recoveries.
            "procedures": {"most": 100},
        }
        (etc / "runbook.yaml").write_text(yaml.safe_dump(document), "utf-8")
        place.up()
        yield Watched(place, webhook)


def rows(watched: Watched, sql: str, *values: object) -> list[dict[str, Any]]:
    """What ops.db says."""
    file = watched.place.home / "data" / "ops" / "ops.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        return [dict(row) for row in conn.execute(sql, values)]


def runs(watched: Watched, since: float, procedure: str = RECOVERY) -> list[dict[str, Any]]:
    """Runs of a procedure that began after that moment, the oldest first."""
    return rows(
        watched,
        "SELECT * FROM run WHERE procedure = ? AND created_at > ? ORDER BY created_at",
        procedure,
        since,
    )


def over(watched: Watched, since: float, procedure: str = RECOVERY) -> bool:
    """Whether such runs were begun and all are over."""
    found = runs(watched, since, procedure)
    return bool(found) and all(run["ended_at"] is not None for run in found)


def send_in(watched: Watched, *labels: dict[str, str]) -> None:
    """Alerts of somebody else's."""
    token = (watched.place.home / "etc" / "ops.token").read_text().strip()
    alerts = [{"labels": each, "annotations": {"summary": "As somebody says."}} for each in labels]
    header = {"Authorization": f"Bearer {token}"}
    assert asked(watched, "/api/v2/alerts", json.dumps(alerts).encode(), header)[0] == 200


def explained(watched: Watched, name: str, **labels: str) -> str:
    """What people were told of an alert's cause and cure until now."""
    return "\n".join(
        alert["diagnosis"]
        for kind in ("broadcast", "diagnosis")
        for message in watched.told(kind, name, **labels)
        for alert in message["alerts"]
        if alert["name"] == name
    )


def asked_whether_it_lives(watched: Watched) -> bool:
    """Whether the watcher has heard the face unit, as the unit counts."""
    page = httpx.get(f"{watched.place.url}/metrics", timeout=10).text
    counted = re.findall(
        r'^bigbrother_http_requests_total{.*"/livez".*} (\S+)$', page, re.MULTILINE
    )
    return sum(map(float, counted)) >= 1


def face_hangs(watched: Watched) -> int:
    """The face unit's process, which stands still from now on."""
    until(watched.place.healthy, 30)
    # One that has never answered owes no answer before its time to start is over.
    until(lambda: asked_whether_it_lives(watched), 30)
    face = watched.process(FACE)
    face.suspend()
    return face.pid


def test_a_face_unit_that_hangs_is_cured_without_a_hand_and_the_page_says_how(
    cured: Watched,
) -> None:
    began = time.time()
    hung = face_hangs(cured)
    until(lambda: over(cured, began), 40)
    (run,) = runs(cured, began)
    assert (run["state"], run["asked_by"]) == ("succeeded", "alert")
    assert not psutil.pid_exists(hung)
    until(lambda: cured.alerts("unit_silent", unit=FACE)[-1]["state"] == "resolved", 15)
    until(lambda: cured.told("resolved", "unit_silent", unit=FACE) != [], 10)

    said = explained(cured, "unit_silent", unit=FACE)
    assert "Likely cause: Service down (bigbrother-face)" in said
    assert f"bigbrother run {RECOVERY}" in said

    done = cured.place.cli("runs", "show", run["id"])
    assert done.returncode == 0, done.stderr
    for step in ("verify_status", "check_logs", "restart_service", "verify_health"):
        assert step in done.stdout
    assert f"Process {hung} of {FACE} is stopped" in done.stdout
    assert "an inference was right" in done.stdout


@pytest.mark.slow
def test_a_storm_of_alerts_starts_one_run(cured: Watched) -> None:
    began = time.time()
    face_hangs(cured)
    cured.process(WORKER).kill()
    others = [{"alertname": f"Other{n}", "severity": "low"} for n in range(STORM // 2)]
    # Others see the same trouble in their own way.
    same = [
        {"alertname": "unit_silent", "severity": "high", "unit": FACE, "seen_by": f"probe-{n}"}
        for n in range(STORM // 2)
    ]
    send_in(cured, *others, *same)
    until(lambda: over(cured, began), 60)
    until(cured.place.healthy, 30)
    seen_at = time.time()
    until(lambda: time.time() > seen_at + 3, 10)
    assert [run["state"] for run in runs(cured, began)] == ["succeeded"]
    assert len(cured.alerts("unit_silent", unit=FACE)) > STORM // 2


def test_what_must_be_asked_for_waits_for_a_yes_by_the_link_of_its_page(cured: Watched) -> None:
    began = time.time()
    send_in(cured, {"alertname": "memory_usage", "severity": "high", "host": "rack-7"})
    link = "waits for your approval: "
    until(lambda: link in explained(cured, "memory_usage"), 30)
    url = explained(cured, "memory_usage").partition(link)[2].split()[0]
    path = url.split(f":{cured.place.port + 10}", 1)[1]

    status, page = asked(cured, path)
    assert status == 200
    assert "solutions.free_disk" in page
    assert asked(cured, f"{path[:-4]}AAAA")[0] == 403
    assert asked(cured, f"{path[:-4]}AAAA/approve", b"")[0] == 403
    (waits,) = runs(cured, began, "solutions.free_disk")
    assert waits["state"] == "waiting", "looking is not approving"

    assert asked(cured, f"{path}/approve", b"")[0] == 200
    until(lambda: over(cured, began, "solutions.free_disk"), 40)
    (run,) = runs(cured, began, "solutions.free_disk")
    assert run["state"] == "succeeded", run["error"]


@pytest.mark.slow
def test_a_watcher_that_dies_while_it_restarts_a_unit_leaves_the_rest_to_the_next(
    cured: Watched,
) -> None:
    began = time.time()
    hung = face_hangs(cured)
    watcher = cured.process(OPS)
    left = cured.place.cli("run", "face_analyzer", "--yes", "--detach")
    assert left.returncode == 0, left.stderr
    begun = "SELECT 1 FROM attempt JOIN run ON run.id = run_id WHERE action = 'restart_service'"
    until(lambda: rows(cured, f"{begun} AND run.created_at > ?", began) != [], 40)
    watcher.kill()
    faces = set[int]()

    def ended() -> bool:
        faces.update(face_processes(cured) - {hung})
        return over(cured, began)

    until(ended, 60)
    # The alert may have asked for one, too; it is over before that one's turn has come.
    run, *others = runs(cured, began)
    assert run["state"] == "succeeded", run["error"]
    assert {other["state"] for other in others} <= {"cancelled", "succeeded"}
    assert cured.process(OPS).pid != watcher.pid
    until(cured.place.healthy, 30)
    assert faces == face_processes(cured)
    assert len(faces) == 1


def test_without_a_watcher_the_command_drives_the_run_itself(cured: Watched) -> None:
    with no_watcher(cured.place):
        hung = cured.process(WORKER)
        hung.suspend()
        done = cured.place.cli("run", WORKER, "--yes", "--output", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        run = json.loads(done.stdout)
        assert run["state"] == "succeeded"
        assert not psutil.pid_exists(hung.pid)


def test_what_nobody_knows_is_refused_with_the_right_name_and_nothing_is_touched(
    cured: Watched,
) -> None:
    began, units = time.time(), cured.place.units()
    for words, right in (
        (("face_analyser",), "face_analyzer"),
        (("service_recovery.bigbrother-wroker",), "bigbrother-worker"),
        (("optimization", "--arg", "unit=bigbrother-face"), ""),
        (("face_analyzer", "--arg", "unti=bigbrother-face"), "unit"),
        (("bigbrother-fase",), "bigbrother-face"),
    ):
        done = cured.place.cli("run", *words, "--yes")
        assert_refused(done, right)
    assert rows(cured, "SELECT id FROM run WHERE created_at > ?", began) == []
    after = cured.place.units()
    assert {name: unit["process_id"] for name, unit in after.items()} == {
        name: unit["process_id"] for name, unit in units.items()
    }


@pytest.mark.slow
def test_a_diagnosis_that_hangs_delays_no_page(cured: Watched) -> None:
    sent_at = time.time()
    send_in(cured, {"alertname": "GateOpen", "severity": "high", "gate": "3"})
    found: list[psutil.Process] = []

    def diagnosing() -> bool:
        found[:] = steps(cured)
        return bool(found)

    until(diagnosing, 10)
    for step in found:
        step.suspend()
    try:
        until(lambda: cured.told("broadcast", "GateOpen") != [], 10)
        assert time.time() - sent_at < GRACE_SECONDS + 2
        assert all(step.status() == psutil.STATUS_STOPPED for step in found)
        # It is cut off at its limit, and the next alert gets a diagnosis.
        until(lambda: not any(step.is_running() for step in found), 30)
    finally:
        for step in found:
            with suppress(psutil.NoSuchProcess):
                step.kill()
    send_in(cured, {"alertname": "GateOpen", "severity": "high", "gate": "4"})
    until(lambda: cured.told("diagnosis", "GateOpen", gate="4") != [], 30)


@contextmanager
def no_watcher(place: Place) -> Iterator[None]:
    """The watcher is stopped, as after a failure that its manager gave up on."""
    manager = scene(load_settings({**os.environ, **place.env})).manager
    until(place.healthy, 30)
    manager.stop(OPS)
    try:
        yield
    finally:
        manager.start(OPS)
        until(place.healthy, 30)


def face_processes(watched: Watched) -> set[int]:
    return {each.pid for each in processes(watched) if "bigbrother.entrypoints.face" in words(each)}


def steps(watched: Watched) -> list[psutil.Process]:
    return [each for each in processes(watched) if "bigbrother.entrypoints.step" in words(each)]


def processes(watched: Watched) -> list[psutil.Process]:
    return watched.place.processes()


def words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
