"""The watcher is killed at any instant, again and again: nothing is told twice or never."""

import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bigbrother.operations.response import said
from bigbrother.operations.store.store import Store
from tests.conftest import ROOT
from tests.fakes.scripted_http import ScriptedHttp
from tests.integration.operations.response.desk_process import UNITS
from tests.waiting import until

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def document(url: str) -> str:
    """A webhook that hears all, and quick figures."""
    severities = ["emergency", "critical", "high", "medium", "low"]
    webhook = {"enabled": True, "url": f"{url}/page", "severity": severities}
    quick = {"gather": "20ms", "channels": {"webhook": webhook, "console": {"enabled": False}}}
    # Otherwise units that come and go so quickly would be called flapping, and not be told.
    return yaml.safe_dump({"alert_config": quick, "alerts": {"flapping_changes": 100000}})


def watcher(folder: Path) -> "subprocess.Popen[str]":
    """A desk in a process of its own."""
    return subprocess.Popen(
        (sys.executable, "-m", "tests.integration.operations.response.desk_process", str(folder)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(process: "subprocess.Popen[str]", down: set[str]) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{json.dumps(sorted(down))}\n")
    process.stdin.flush()


@pytest.mark.parametrize(("seed", "kills"), [(1, 4), pytest.param(2, 60, marks=pytest.mark.slow)])
def test_a_watcher_killed_at_any_instant_tells_each_alert_and_each_end_once(
    tmp_path: Path, seed: int, kills: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded test
    webhook = ScriptedHttp()
    down: set[str] = set()
    with webhook.running():
        (tmp_path / "overlay.yaml").write_text(document(webhook.url), "utf-8")
        for _ in range(kills):
            with watcher(tmp_path) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
                dies_at = time.monotonic() + chance.uniform(0.02, 0.5)
                while (left := dies_at - time.monotonic()) > 0:
                    down ^= {f"unit-{chance.randrange(UNITS)}"}
                    tell(process, down)
                    if left > 0.05:
                        time.sleep(chance.uniform(0, left / 2))
                process.kill()
        with watcher(tmp_path) as process:
            tell(process, down)
            until(lambda: settled(tmp_path, down), 20)
            process.kill()
        check(tmp_path, webhook, down)


def settled(folder: Path, down: set[str]) -> bool:
    """What is down fires and is told, what is over is over, nothing waits."""
    store = Store(folder / "ops.db")
    try:
        firing = store.read(
            lambda conn: conn.execute("SELECT labels FROM alert WHERE state = 'firing'").fetchall()
        )
        waiting = store.read(
            lambda conn: conn.execute(
                "SELECT count(*) FROM message WHERE state IN ('waiting', 'sending')"
            ).fetchone()[0]
        )
        untold = store.read(
            lambda conn: conn.execute(
                "SELECT count(*) FROM alert WHERE state = 'firing' AND id NOT IN"
                " (SELECT alert_id FROM alert_event WHERE kind = 'told')"
            ).fetchone()[0]
        )
        # Ends are gathered for a moment before they are told.
        unfinished = store.read(lambda conn: said.unfinished(conn, LONG_AGO))
    finally:
        store.close()
    if unfinished:
        return False
    return {json.loads(row["labels"])["unit"] for row in firing} == down and not waiting + untold


def check(folder: Path, webhook: ScriptedHttp, down: set[str]) -> None:
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for one in webhook.received:
        bodies[dict(one.headers)["Idempotency-Key"]].add(one.body)
    # A repeat over a crash is the same message under the same key, so that it counts once.
    assert all(len(same) == 1 for same in bodies.values())
    told: Counter[tuple[str, str, str]] = Counter()
    for body in (json.loads(next(iter(same))) for same in bodies.values()):
        for alert in body["alerts"]:
            told[alert["id"], body["kind"], body["contact"]] += 1
    assert max(told.values()) == 1, [key for key, count in told.items() if count > 1]
    store = Store(folder / "ops.db")
    states = dict(
        store.read(
            lambda conn: [
                (row["id"], row["state"]) for row in conn.execute("SELECT id, state FROM alert")
            ]
        )
    )
    store.close()
    assert len(states) > len(down)
    for alert_id, kind, contact in list(told):
        if kind != "resolved":
            ended = states[alert_id] == "resolved"
            assert told[alert_id, "resolved", contact] == int(ended), (alert_id, kind, contact)
    firing = {alert_id for alert_id, state in states.items() if state == "firing"}
    assert firing <= {alert_id for alert_id, kind, _ in told if kind == "broadcast"}
