"""Seconds from a unit's death to the record and to the page, beside Prometheus and Alertmanager.

A unit is killed and kept from starting until everybody has paged, then given back. For Prometheus
without `for` each scrape that fails counts, so it pages for a heal too; `for` equal to our grace is
the fair rival, and its own sample configuration is what many run.
"""

import os
import signal
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from bench.report import LeftOut, Result, Row
from bench.watcher import rivals
from bench.watcher.pages import Pages, Wanted
from bench.watcher.place import DATABASE, FACE, GRACE_SECONDS, WatchedPlace
from bench.watcher.rivals import SAMPLE, TUNED, Setup

SHORT = bool(os.environ.get("BENCH_SHORT"))
DEATHS = 5 if SHORT else 20
_WITH_SAMPLE = 1 if SHORT else 3
_RECORDED_SECONDS, _MEDIAN_OVER_GRACE, _WORST_OVER_GRACE, _SILENT_SECONDS = 1.0, 2.0, 4.0, 15.0
_GIVEN_UP_SECONDS = 240.0
_GOLDEN_RATIO = 0.618
_QUIET_SECONDS = GRACE_SECONDS + 10
OURS = "/watcher"
Seconds = dict[str, list[float]]


def measure(place: WatchedPlace, pages: Pages) -> Iterator[Result]:
    """Deaths, a heal, and a face analyzer that stands still."""
    times: Seconds = {}
    with ExitStack() as stack:
        target = place.running.url.removeprefix("http://")
        compared = rivals.installed()
        if compared:
            stack.enter_context(rivals.running_pair(TUNED, target, pages))
            for _ in range(_WITH_SAMPLE):
                # Its group_interval would keep the next page back; so each time it begins anew.
                with rivals.running_pair(SAMPLE, target, pages):
                    _one_death(place, pages, FACE, (TUNED, SAMPLE), times)
        for number in range(DEATHS):
            unit = FACE if number % 2 else DATABASE
            setups = (TUNED,) if compared and unit == FACE else ()
            _one_death(place, pages, unit, setups, times)
        yield from _death_rows(times)
        yield from _rival_rows(times)
        if not compared:
            yield LeftOut("Prometheus and Alertmanager", "they are not installed")
        yield _heal(place, pages, compared=compared)
        yield _standstill(place, pages)


def _one_death(
    place: WatchedPlace, pages: Pages, unit: str, setups: Sequence[Setup], times: Seconds
) -> None:
    place.wait_until_healed()
    # Scrapes and looks are periodic: no death may come at always the same moment of them.
    time.sleep(2 + 2 * (len(times.get("page", ())) * _GOLDEN_RATIO % 1))
    with place.kept_from_starting(unit):
        died_epoch = time.time()
        died = place.kill(unit)
        recorded = _recorded(place, unit, died, died_epoch)
        _add(times, "recorded", recorded)
        page = pages.first(OURS, _ours(unit), died, _GIVEN_UP_SECONDS)
        paged = _GIVEN_UP_SECONDS if page is None else page.at_seconds - died
        _add(times, "page", paged)
        _add(times, f"page {unit}", paged)
        for setup in setups:
            for wait in setup.waits:
                theirs = pages.first(rivals.path(setup), _theirs(wait), died, _GIVEN_UP_SECONDS)
                seconds = _GIVEN_UP_SECONDS if theirs is None else theirs.at_seconds - died
                _add(times, f"{setup.name} {wait}", seconds)
    place.wait_until_healed()


def _recorded(place: WatchedPlace, unit: str, died: float, died_epoch: float) -> float:
    """Until the alert fires in ops.db, where another process reads it."""
    query = (
        "SELECT 1 FROM alert WHERE name = 'unit_down' AND state = 'firing'"
        " AND json_extract(labels, '$.unit') = ? AND fired_at >= ?"
    )
    while not place.rows(query, unit, died_epoch):
        if time.perf_counter() - died > _GIVEN_UP_SECONDS:
            return _GIVEN_UP_SECONDS
        time.sleep(0.01)
    return time.perf_counter() - died


def _death_rows(times: Seconds) -> Iterator[Row]:
    recorded, paged = times["recorded"], times["page"]
    many = f"of {len(paged)} deaths"
    yield Row(
        f"unit killed and kept down, firing recorded, worst {many}",
        f"{max(recorded):.2f} s",
        "",
        "",
        f"<= {_RECORDED_SECONDS:g} s",
        max(recorded) <= _RECORDED_SECONDS,
    )
    for what, figure, over in (
        ("median", statistics.median(paged), _MEDIAN_OVER_GRACE),
        ("worst", max(paged), _WORST_OVER_GRACE),
    ):
        yield Row(
            f"unit killed and kept down, page, {what} {many}",
            f"{figure:.2f} s",
            "",
            "",
            f"<= grace ({GRACE_SECONDS} s) + {over:g} s",
            figure <= GRACE_SECONDS + over,
        )


def _rival_rows(times: Mapping[str, Sequence[float]]) -> Iterator[Row]:
    ours = statistics.median(times[f"page {FACE}"])
    for setup in (TUNED, SAMPLE):
        for wait in setup.waits:
            theirs = times.get(f"{setup.name} {wait}")
            if not theirs:
                continue
            median = statistics.median(theirs)
            yield Row(
                f"{FACE} killed, page, median, beside Prometheus {setup.name}, for: {wait}",
                f"{ours:.2f} s",
                f"{median:.2f} s ({len(theirs)}, {min(theirs):.1f} to {max(theirs):.1f})",
                f"{ours / median:.2f}",
                "",
                None,
            )


def _heal(place: WatchedPlace, pages: Pages, *, compared: bool) -> Row:
    """One kill that the manager heals: a record, and no page."""
    place.wait_until_healed()
    # One that dies within its grace after a start has never come back, for the watcher.
    time.sleep(2 * GRACE_SECONDS)
    died_epoch = time.time()
    died = place.kill(FACE)
    time.sleep(_QUIET_SECONDS)
    place.wait_until_healed()
    paged = [page for page in pages.since(died, OURS) if _ours(FACE)(page.body)]
    records = place.rows(
        "SELECT id FROM alert WHERE name = 'unit_down' AND began_at >= ?"
        " AND json_extract(labels, '$.unit') = ?",
        died_epoch - 1,
        FACE,
    )
    theirs = pages.since(died, rivals.path(TUNED)) if compared else []
    needless = {
        page.body["groupLabels"]["alertname"] for page in theirs if page.body["status"] == "firing"
    }
    return Row(
        "a single kill that heals",
        f"{len(paged)} pages, {len(records)} record",
        f"Prometheus tuned pages: {', '.join(sorted(needless)) or 'none'}" if compared else "",
        "",
        "0 pages, 1 record",
        not paged and len(records) == 1,
    )


def _standstill(place: WatchedPlace, pages: Pages) -> Row:
    """SIGSTOP: the process lives, and answers nobody."""
    place.wait_until_healed()
    victim = place.process(FACE)
    began = time.perf_counter()
    victim.send_signal(signal.SIGSTOP)
    try:
        page = pages.first(OURS, _about_face, began, 4 * _SILENT_SECONDS)
    finally:
        victim.send_signal(signal.SIGCONT)
    seconds = 4 * _SILENT_SECONDS if page is None else page.at_seconds - began
    place.wait_until_healed()
    return Row(
        "SIGSTOP of the face analyzer, page",
        f"{seconds:.1f} s",
        "",
        "",
        f"<= {_SILENT_SECONDS:g} s",
        seconds <= _SILENT_SECONDS,
    )


def _ours(unit: str) -> Wanted:
    return lambda body: (
        body["kind"] != "resolved"
        and any(
            alert["name"] == "unit_down" and alert["labels"].get("unit") == unit
            for alert in body["alerts"]
        )
    )


def _about_face(body: dict[str, Any]) -> bool:
    return body["kind"] != "resolved" and any(
        alert["labels"].get("unit") == FACE or alert["name"] == "endpoint_failing"
        for alert in body["alerts"]
    )


def _theirs(wait: str) -> Wanted:
    return lambda body: (
        body["status"] == "firing" and body["groupLabels"]["alertname"] == rivals.alert_name(wait)
    )


def _add(times: Seconds, what: str, seconds: float) -> None:
    times.setdefault(what, []).append(seconds)
