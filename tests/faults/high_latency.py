"""Callers wait: for a lock, for a slow statement, or for a processor."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from random import Random

import httpx
import psycopg

from tests.faults.fault import View, as_it_is
from tests.faults.place import FaultPlace
from tests.waiting import until

_BURNERS = 24
_REQUESTS = 30


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """One of the three."""
    with chance.choice((_lock, _slow_statement, _burners))(place):
        yield as_it_is


@contextmanager
def _lock(place: FaultPlace) -> Iterator[None]:
    """Somebody locks a table and goes away; a request waits for it."""
    waiting = threading.Thread(target=_ask, args=(place,), daemon=True)
    conn = psycopg.connect(place.scene().dsn)
    try:
        conn.execute("LOCK TABLE collection IN ACCESS EXCLUSIVE MODE")
        waiting.start()
        until(lambda: _longest_wait(place) > 1.3)
        yield
    finally:
        # Its transaction ends with it.
        conn.close()
    waiting.join(30)


@contextmanager
def _slow_statement(place: FaultPlace) -> Iterator[None]:
    """A report that reads for ever."""
    conn = psycopg.connect(place.scene().dsn, autocommit=True, application_name="report")

    def read() -> None:
        with suppress(psycopg.Error):
            conn.execute("SELECT count(*) FROM generate_series(1, 100000000000)")

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    try:
        until(lambda: _longest_statement(place) > 2.3)
        yield
    finally:
        # A database that another fault has stopped has ended it already.
        with suppress(psycopg.Error):
            conn.cancel()
        reading.join(30)
        conn.close()


@contextmanager
def _burners(place: FaultPlace) -> Iterator[None]:
    """More programs than processors, while people ask."""
    with ExitStack() as stack:
        for _ in range(_BURNERS):
            # Each a session of its own: the kernel may share processors out among sessions.
            burner = subprocess.Popen(
                (sys.executable, "-c", "while True: pass"), start_new_session=True
            )
            stack.callback(burner.wait)
            stack.callback(burner.kill)
        asking = [
            threading.Thread(target=place.analyze, args=(_REQUESTS // 3,), daemon=True)
            for _ in range(3)
        ]
        for each in asking:
            each.start()
        for each in asking:
            each.join(60)
        yield


def _ask(place: FaultPlace) -> None:
    with suppress(httpx.HTTPError), place.http() as http:
        http.get("/v1/collections")


def _longest_wait(place: FaultPlace) -> float:
    return _seconds(
        place,
        "SELECT max(extract(epoch FROM clock_timestamp() - query_start))::float8"
        " FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    )


def _longest_statement(place: FaultPlace) -> float:
    return _seconds(
        place,
        "SELECT max(extract(epoch FROM clock_timestamp() - query_start))::float8"
        " FROM pg_stat_activity WHERE state = 'active' AND application_name = 'report'",
    )


def _seconds(place: FaultPlace, query: str) -> float:
    with place.connection() as conn:
        found = conn.execute(query).fetchone()
    return 0.0 if found is None or found[0] is None else float(found[0])
