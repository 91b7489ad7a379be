"""Whether each level is paged when it is due, with a matrix of seconds instead of hours."""

import time
from collections.abc import Iterator
from datetime import datetime

from bench.report import Row
from bench.watcher.deaths import OURS
from bench.watcher.pages import Pages
from bench.watcher.place import WatchedPlace
from bench.watcher.storm import sent_in

_TARGET_SECONDS = 1.0
_READ_WITHIN_SECONDS = 5
_TIMES_SECONDS = {"L1": 4, "L2": 7, "L3": 11, "L4": 16}
_REPEATED_SECONDS = 5
_DUE = {"L2": 4, "L3": 7, "L4": 11}
"""Seconds after the alert fired: a level's time is within which it must have acknowledged."""


def measure(place: WatchedPlace, pages: Pages) -> Iterator[Row]:
    """One alert that nobody acknowledges."""
    place.change(
        {
            "escalation": {
                "matrix": {level: {"time": f"{at}s"} for level, at in _TIMES_SECONDS.items()},
                "repeat_every": f"{_REPEATED_SECONDS}s",
            },
            "contacts": {"engineering": {"schedule": "24/7"}},
        }
    )
    time.sleep(_READ_WITHIN_SECONDS)
    began = time.perf_counter()
    sent_in(place, [{"alertname": "escalates", "severity": "medium"}])
    time.sleep(_TIMES_SECONDS["L4"] + 2 * _REPEATED_SECONDS)
    late = {}
    for page in pages.since(began, OURS):
        told = [alert for alert in page.body["alerts"] if alert["name"] == "escalates"]
        level = page.body["level"]
        if page.body["kind"] != "page" or not told or level not in _DUE or level in late:
            continue
        fired = datetime.fromisoformat(told[0]["fired_at"]).timestamp()
        late[level] = page.at_epoch_seconds - fired - _DUE[level]
    place.change({})
    yield Row(
        "escalation, page after its due time, worst of L2, L3, L4",
        " ".join(f"{level} {seconds:+.2f} s" for level, seconds in sorted(late.items())) or "none",
        "",
        "",
        f"within {_TARGET_SECONDS:g} s",
        set(late) == set(_DUE) and all(0 <= each <= _TARGET_SECONDS for each in late.values()),
    )
