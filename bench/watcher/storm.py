"""Ten thousand alerts within ten seconds: is anybody paged twice, and does the watcher answer?"""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import httpx

from bench.report import Row
from bench.watcher.pages import Pages
from bench.watcher.place import WatchedPlace

ALERTS, PART, WITHIN_SECONDS = 10_000, 500, 10.0
_ANSWER_SECONDS = 0.2
_SETTLED_WITHIN_SECONDS = 120
_OURS = "/watcher"


def sent_in(place: WatchedPlace, labels: Sequence[dict[str, str]]) -> None:
    """Sends alerts in as Prometheus does."""
    token = (place.home / "etc" / "ops.token").read_text("ascii").strip()
    answer = httpx.post(
        f"{place.ops_url}/api/v2/alerts",
        json=[{"labels": each, "annotations": {"summary": "A measurement."}} for each in labels],
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    answer.raise_for_status()


def measure(place: WatchedPlace, pages: Pages) -> Iterator[Row]:
    """All in parts; then until nothing is left to be sent."""
    began = time.perf_counter()
    with _Asking(place) as asking:
        for first in range(0, ALERTS, PART):
            due = began + WITHIN_SECONDS * first / ALERTS
            time.sleep(max(0.0, due - time.perf_counter()))
            sent_in(
                place,
                [
                    {"alertname": "storm", "severity": "high", "number": str(number)}
                    for number in range(first, first + PART)
                ],
            )
        taken = time.perf_counter() - began
        told = _wait_until_told(place)
    yield Row(
        f"{ALERTS:,} alerts sent in",
        f"taken in {taken:.1f} s, told after {told - began:.1f} s",
        "",
        "",
        f"taken in {WITHIN_SECONDS:g} s",
        taken <= WITHIN_SECONDS + 1,
    )
    yield _pages_row(place, pages, began)
    yield Row(
        "watcher answers /livez meanwhile, slowest",
        f"{1000 * max(asking.seconds):.0f} ms (median "
        f"{1000 * statistics.median(asking.seconds):.0f} ms of {len(asking.seconds)})",
        "",
        "",
        f"<= {1000 * _ANSWER_SECONDS:.0f} ms",
        not asking.failed and max(asking.seconds) <= _ANSWER_SECONDS,
    )


def _pages_row(place: WatchedPlace, pages: Pages, began: float) -> Row:
    twice = place.rows(
        "SELECT count(*) FROM message_alert AS told JOIN message ON message.id = told.message_id"
        " JOIN alert ON alert.id = told.alert_id AND alert.name = 'storm'"
        " GROUP BY told.alert_id, message.kind, message.channel, message.address, message.contact,"
        " message.level HAVING count(*) > 1"
    )
    missed = place.rows(
        "SELECT alert.id FROM alert WHERE name = 'storm' AND NOT EXISTS (SELECT 1 FROM"
        " message_alert AS told JOIN message ON message.id = told.message_id"
        " WHERE told.alert_id = alert.id AND message.channel = 'webhook'"
        " AND message.state = 'sent')"
    )
    (fired,) = place.rows("SELECT count(*) FROM alert WHERE name = 'storm' AND state = 'firing'")
    arrived = pages.since(began, _OURS)
    again = sum(number - 1 for number in Counter(page.body["id"] for page in arrived).values())
    return Row(
        f"{ALERTS:,} alerts, pages",
        f"{fired[0]:,} fire in {len(arrived)} messages; told twice {len(twice) + again}, "
        f"never {len(missed)}",
        "",
        "",
        "twice 0, never 0",
        not twice and not again and not missed and fired[0] == ALERTS,
    )


def _wait_until_told(place: WatchedPlace) -> float:
    """Until every alert is in a message, and every message has ended."""
    deadline = time.perf_counter() + _SETTLED_WITHIN_SECONDS
    while time.perf_counter() < deadline:
        ((told, waiting),) = place.rows(
            "SELECT (SELECT count(DISTINCT alert.id) FROM alert JOIN message_alert AS told"
            " ON told.alert_id = alert.id WHERE alert.name = 'storm'),"
            " (SELECT count(*) FROM message WHERE state IN ('waiting', 'sending'))"
        )
        if told == ALERTS and not waiting:
            break
        time.sleep(0.5)
    return time.perf_counter()


class _Asking:
    """Asks /livez all the time."""

    def __init__(self, place: WatchedPlace) -> None:
        self.seconds: list[float] = []
        self.failed = 0
        self._url = f"{place.ops_url}/livez"
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> "_Asking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(timeout=10) as client:
            while not self._done.wait(0.02):
                began = time.perf_counter()
                try:
                    client.get(self._url).raise_for_status()
                except httpx.HTTPError:
                    self.failed += 1
                self.seconds.append(time.perf_counter() - began)
