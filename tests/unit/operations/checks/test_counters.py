"""Counters and histograms: merged, compared, kept."""

from datetime import timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.checks.counters import Counters, difference
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.histogram import Histogram
from bigbrother.operations.checks.scrapes import (
    drop_scrapes,
    keep_scrape,
    scrape_before,
    scrape_to_compare,
)
from tests.fakes.clock import FakeClock
from tests.unit.operations.checks.installation import (
    RUNBOOK,
    Installation,
    Numbers,
    page,
    page_text,
)

NOW = FakeClock().now()
BOUNDS = (0.1, 0.2, 0.5, 1.0)
HISTOGRAMS = st.lists(st.integers(0, 50), min_size=5, max_size=5).map(
    lambda counts: Histogram(BOUNDS, tuple(map(float, accumulate(counts))))
)


def counters(text: bytes, seconds_ago: float = 0) -> Counters:
    return Counters.of(page(text), NOW - timedelta(seconds=seconds_ago))


@given(HISTOGRAMS, st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted))
def test_a_higher_quantile_is_never_lower(histogram: Histogram, shares: list[float]) -> None:
    low, high = (histogram.quantile(share) for share in shares)
    if low is None or high is None:
        assert histogram.events == 0
    else:
        assert 0 <= low <= high <= BOUNDS[-1]


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(values: list[float], share: float) -> None:
    counts = [float(sum(value <= bound for value in values)) for bound in BOUNDS]
    found = Histogram(BOUNDS, (*counts, float(len(values)))).quantile(share)
    ranked = sorted(values)
    true = ranked[max(0, -int(-share * len(values) // 1) - 1)]
    upper = next(bound for bound in BOUNDS if true <= bound)
    lower = max((bound for bound in BOUNDS if bound < upper), default=0)
    assert found is not None
    assert lower - 1e-9 <= found <= upper + 1e-9


@given(HISTOGRAMS, HISTOGRAMS, HISTOGRAMS)
def test_merging_does_not_depend_on_the_order(a: Histogram, b: Histogram, c: Histogram) -> None:
    assert a.merged(b) == b.merged(a)
    assert a.merged(b).merged(c) == a.merged(b.merged(c))
    assert a.merged(b).events == a.events + b.events


@given(HISTOGRAMS, HISTOGRAMS)
def test_what_was_added_is_the_difference(before: Histogram, added: Histogram) -> None:
    assert before.merged(added).since(before) == added


def test_histograms_of_different_bounds_do_not_merge() -> None:
    with pytest.raises(MetricPageInvalid, match="different bounds"):
        Histogram((1.0,), (1.0, 2.0)).merged(Histogram((2.0,), (1.0, 2.0)))


def test_a_restart_is_seen_in_any_counter_that_fell() -> None:
    before = counters(page_text([0.1] * 50, failed=5), 300)
    for now in (page_text([0.1] * 10), page_text([0.1] * 70, failed=0)):
        found = difference(counters(now), before)
        assert found.restarted
        assert found.requests == counters(now).requests


def test_a_restart_with_more_requests_than_before_is_seen_in_the_times() -> None:
    before = counters(page_text([3.0] * 50), 300)
    found = difference(counters(page_text([0.1] * 80)), before)
    assert found.restarted
    assert found.response.events == 80


def test_bounds_that_changed_with_the_document_count_as_a_restart() -> None:
    now = counters(page_text([0.1] * 50))
    before = Counters(NOW - timedelta(seconds=300), response=Histogram((1.0,), (3.0, 3.0)))
    assert difference(now, before).restarted


def test_without_a_before_everything_counts() -> None:
    found = difference(counters(page_text([0.1] * 50, failed=5)), None)
    assert (found.requests, found.failed_requests, found.restarted) == (55, 5, False)


def test_counters_come_back_as_they_were_kept() -> None:
    numbers = Numbers({"low": 3}, 0, {"succeeded": 7}, 0.5)
    kept = counters(page_text([0.1, 0.7], failed=1, inference=[0.05], batches=numbers))
    assert kept.queue_items["low"] == 3
    assert Counters.from_bytes(kept.at.timestamp(), kept.to_bytes()) == kept


@given(st.binary(max_size=60) | st.sampled_from([b"{}", b"[]", b"null", b'{"response": 1}']))
def test_what_was_kept_by_somebody_else_is_nothing(kept: bytes) -> None:
    assert Counters.from_bytes(NOW.timestamp(), kept) is None


def test_counters_of_the_document_s_time_ago_are_compared(installation: Installation) -> None:
    store = installation.store()
    for seconds in (1200, 700, 330, 290, 10):
        kept = counters(page_text([0.1] * seconds), seconds)
        store.write(lambda conn, kept=kept: keep_scrape(conn, kept))  # type: ignore[misc]
    found = store.read(lambda conn: scrape_to_compare(conn, RUNBOOK, NOW))
    assert found is not None
    assert (NOW - found.at).total_seconds() == 330
    newest = store.read(lambda conn: scrape_before(conn, NOW))
    assert newest is not None
    assert (NOW - newest.at).total_seconds() == 10
    assert store.write(lambda conn: drop_scrapes(conn, NOW - timedelta(seconds=600))) == 2
    store.close()


@pytest.mark.parametrize(("kept", "compared"), [((40, 20), 40), ((5000,), None), ((-60,), None)])
def test_a_watcher_that_has_just_begun_compares_with_its_first_look(
    installation: Installation, kept: tuple[int, ...], compared: int | None
) -> None:
    store = installation.store()
    for seconds in kept:
        each = counters(page_text(), seconds)
        store.write(lambda conn, each=each: keep_scrape(conn, each))  # type: ignore[misc]
    found = store.read(lambda conn: scrape_to_compare(conn, RUNBOOK, NOW))
    store.close()
    assert (None if found is None else (NOW - found.at).total_seconds()) == compared
