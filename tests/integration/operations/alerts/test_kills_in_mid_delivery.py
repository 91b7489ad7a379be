"""kill -9 while messages are being sent: every one arrives, and twice only under one key."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bigbrother.operations.store.store import Store
from tests.fakes import told
from tests.fakes.scripted_http import Answer
from tests.fakes.twilio_server import ACCOUNT, TOKEN, TwilioServer
from tests.integration.operations.alerts.sending import QUICK
from tests.waiting import until

ROOT = Path(__file__).parents[4]


@contextmanager
def child(folder: Path, count: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process, killed at the end."""
    module = "tests.integration.operations.alerts.delivering_child"
    running = subprocess.Popen(
        (sys.executable, "-m", module, str(folder), str(count)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait(10)


def states(folder: Path) -> Counter[str]:
    """How many messages are in which state."""
    store = Store(folder / "ops.db")
    try:
        rows = store.read(lambda conn: conn.execute("SELECT state FROM message").fetchall())
    finally:
        store.close()
    return Counter(row["state"] for row in rows)


@pytest.mark.parametrize(
    ("seed", "kills", "count"),
    [(1, 1, 30), pytest.param(2, 25, 400, marks=pytest.mark.slow)],
)
def test_every_message_arrives_through_kills(
    seed: int, kills: int, count: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable
    with TwilioServer().running() as twilio:
        told.secret(tmp_path, "sms", TOKEN)
        sms = {"enabled": True, "url": twilio.url, "account": ACCOUNT, "sender": "+15550001111"}
        told.document(tmp_path, {"channels": {"sms": sms}, "delivery": QUICK})
        for _ in range(kills):
            before = len(twilio.received)
            # Some answers never reach the watcher: it must not forget what it had sent.
            twilio.script.extend(chance.sample(["drop", Answer(500), Answer(201)], 2))
            with child(tmp_path, count):
                wanted = before + chance.randint(1, count // (kills + 1))
                until(lambda wanted=wanted: len(twilio.received) >= wanted)  # type: ignore[misc]
                time.sleep(chance.random() / 100)
        with child(tmp_path, count):
            until(lambda: states(tmp_path) == {"sent": count}, 60)
    keys = Counter(request.headers["Idempotency-Key"] for request in twilio.received)
    assert len(keys) == count
    bodies = {request.headers["Idempotency-Key"]: request.body for request in twilio.received}
    assert all(
        request.body == bodies[request.headers["Idempotency-Key"]] for request in twilio.received
    )
    # A kill repeats at most what was being sent then, an error what was answered with it.
    assert len(twilio.received) - count <= kills * 4 + kills * 2
