"""Silences and what is kept of alerts, in the file."""

from datetime import timedelta
from pathlib import Path

import pytest

from bigbrother.operations.alerts import history, silences
from bigbrother.operations.alerts.errors import AmbiguousSilence, InvalidSilence, SilenceNotFound
from bigbrother.operations.alerts.silences import NewSilence, Silence
from bigbrother.operations.store.store import Store
from tests.integration.operations.alerts.books import opened_book
from tests.unit.operations.alerts.findings import NOON, RUNBOOK, at, bad, good

ALERTS = RUNBOOK.alerts
HOUR = NewSilence({"alert": "cpu_usage"}, at(3600), "ana", "a load test")


def refused(store: Store, asked: NewSilence) -> str:
    with pytest.raises(InvalidSilence) as error:
        silences.add(store, asked, ALERTS, NOON)
    assert error.value.remedy
    assert store.read(silences.listed) == ()
    return error.value.detail


def test_silences_that_would_surprise_somebody_are_refused(tmp_path: Path) -> None:
    store, _ = opened_book(tmp_path)
    assert "every alert" in refused(store, NewSilence({}, at(60), "ana", "x"))
    assert "before it begins" in refused(store, NewSilence({"a": "b"}, NOON, "ana", "x"))
    late = NewSilence({"a": "b"}, at(60), "ana", "x", begins_at=at(61))
    assert "before it begins" in refused(store, late)
    year = NOON + timedelta(days=365, seconds=1)
    assert "1 year" in refused(store, NewSilence({"a": "b"}, year, "ana", "x"))
    assert "reason" in refused(store, NewSilence({"a": "b"}, at(60), "ana", " "))
    assert "severity" in refused(store, NewSilence({"severity": "hgih"}, at(60), "ana", "x"))


def test_a_silence_holds_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    store, _ = opened_book(tmp_path)
    later = NewSilence(HOUR.matcher, at(120), "ana", "x", begins_at=at(60))
    made = silences.add(store, later, ALERTS, NOON)
    everything = silences.add(
        store, NewSilence({}, at(10), "ana", "x", everything=True), ALERTS, NOON
    )
    held = [store.read(lambda conn, s=s: silences.active(conn, at(s))) for s in (0, 60, 119, 120)]  # type: ignore[misc]
    assert held == [(everything,), (made,), (made,), ()]


def test_a_silence_is_ended_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    store, _ = opened_book(tmp_path)
    made = [silences.add(store, HOUR, ALERTS, NOON) for _ in range(20)]
    ended = silences.end(store, made[3].id[:12], at(60))
    assert (ended.id, ended.ends_at) == (made[3].id, at(60))
    assert silences.end(store, made[3].id, at(90)).ends_at == at(60)
    active: tuple[Silence, ...] = store.read(lambda conn: silences.active(conn, at(61)))
    assert len(active) == 19
    shared = next(
        each.id[0] for each in made if sum(other.id[0] == each.id[0] for other in made) > 1
    )
    with pytest.raises(AmbiguousSilence):
        silences.end(store, shared, at(60))
    for unknown in ("", "%", "nothing"):
        with pytest.raises(SilenceNotFound):
            silences.end(store, unknown, at(60))


def test_history_is_destroyed_after_its_time_and_nothing_that_is_open(tmp_path: Path) -> None:
    store, book = opened_book(tmp_path)
    book.take([bad(), bad(labels={"unit": "open"}), bad("cpu_usage")], NOON)
    book.take([good(seconds=1), good("cpu_usage", 1)], at(1))
    book.take([bad(seconds=5000), good(seconds=5001)], at(5001))
    silences.add(store, HOUR, ALERTS, NOON)
    found = store.read(lambda conn: history.closed(conn, at(1)))
    assert found[0].name == "unit_down"
    assert len(found) == 3
    assert len(store.read(lambda conn: history.closed(conn, at(2)))) == 1
    assert store.write(lambda conn: history.purge(conn, at(4000))) == 2
    assert store.read(silences.listed) == ()
    (kept,) = store.read(lambda conn: history.closed(conn, NOON))
    happened = store.read(lambda conn: history.events(conn, kept.id))
    assert [event.kind for event in happened] == ["fired", "resolved"]
    (rows,) = store.read(lambda conn: conn.execute("SELECT count(*) FROM alert_event").fetchone())
    assert rows == 3
    assert len(book.open_alerts()) == 1
