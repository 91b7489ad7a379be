"""Runs in the machine: strikes a unit with a signal, and tells how long the service was away.

Arguments: unit, signal, what must be right again (`inference`, `database` or `process`).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import psycopg

from bigbrother.settings import Settings, load_settings
from bigbrother.wiring import preparation

_GIVE_UP_SECONDS = 40
_POLL_SECONDS = 0.02


def main_process(unit: str) -> int:
    """0 while it has none that is up."""
    asked = ("systemctl", "show", "--property=MainPID", "--property=ActiveState", unit)
    lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    shown = dict(line.split("=") for line in lines)
    return int(shown["MainPID"]) if shown["ActiveState"] == "active" else 0


def inference_is_right(settings: Settings) -> bool:
    """/health analyses the sample photo and compares what it finds."""
    connection = HTTPConnection(urlsplit(settings.face_url).netloc, timeout=2)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == 200 and json.load(answer)["checks"]["model"]["status"] == "passed"
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()


def database_answers(dsn: str) -> bool:
    """Whether a new connection is taken and a row is read."""
    try:
        with psycopg.connect(dsn, connect_timeout=2) as conn:
            return conn.execute("SELECT count(*) FROM subject").fetchone() is not None
    except psycopg.Error:
        return False


def seconds_away(unit: str, signal: int, is_right: Callable[[], bool]) -> float:
    """From the strike to the first right answer of another process."""
    wait(lambda: main_process(unit) != 0 and is_right())
    struck = main_process(unit)
    began = time.monotonic()
    os.kill(struck, signal)
    wait(lambda: main_process(unit) not in (0, struck) and is_right())
    return time.monotonic() - began


def wait(holds: Callable[[], bool]) -> None:
    """Until it holds."""
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "not so in time"
        time.sleep(_POLL_SECONDS)


name, number, wanted = sys.argv[1:]
here = load_settings()
owner_dsn = preparation(here).owner_dsn
answers: dict[str, Callable[[], bool]] = {
    "inference": lambda: inference_is_right(here),
    "database": lambda: database_answers(owner_dsn),
    "process": lambda: True,
}
print(seconds_away(name, int(number), answers[wanted]))
