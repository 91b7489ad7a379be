"""The book of open alerts on its file."""

import itertools
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.errors import (
    AlertNotFound,
    AlertOver,
    AlertPending,
    AmbiguousAlert,
    TooManyAlerts,
)
from bigbrother.operations.monitoring.finding import Finding
from tests.integration.operations.alerts.books import assert_sound, events, opened_book
from tests.unit.operations.alerts.findings import NOON, RUNBOOK, at, bad, document, good


def test_an_alert_is_known_and_not_fired_again_after_a_kill(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    (change,) = book.take([bad(summary="Down.")], NOON)
    store, after = opened_book(tmp_path)
    assert after.open_alerts() == (change.alert,)
    assert after.take([bad(seconds=1)], at(1)) == ()
    assert events(store) == ["fired"]


def test_what_has_stood_through_a_kill_fires_afterwards(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    book.take([bad("cpu_usage")], NOON)
    _, after = opened_book(tmp_path)
    assert after.next_due(at(1)) == at(300)
    assert [change.kind for change in after.tick(at(300))] == ["fired"]


def test_flapping_is_remembered_through_a_kill(tmp_path: Path) -> None:
    for second in (0, 20, 40):
        _, book = opened_book(tmp_path)
        book.take([bad(seconds=second)], at(second))
        book.take([good(seconds=second + 10)], at(second + 10))
    store, book = opened_book(tmp_path)
    assert book.open_alerts()[0].flapping
    assert events(store)[-1] == "flapping"
    assert [change.kind for change in book.tick(at(50 + 900))] == ["resolved"]
    assert_sound(store.read(lambda conn: conn))


def test_a_storm_of_turns_within_one_call_is_kept_in_its_order(tmp_path: Path) -> None:
    store, book = opened_book(tmp_path)
    changes = book.take([bad(), good(), bad(), good()], NOON)
    assert [change.kind for change in changes] == ["fired", "resolved", "fired", "resolved"]
    assert events(store) == ["fired", "resolved", "fired", "resolved"]
    assert book.open_alerts() == ()
    assert_sound(store.read(lambda conn: conn))


def test_good_findings_write_nothing(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    before = (tmp_path / "ops.db-wal").stat().st_size
    for second in range(100):
        book.take([good(seconds=second), Finding("cpu_usage", Status.UNKNOWN, NOON)], at(second))
        book.tick(at(second))
    assert (tmp_path / "ops.db-wal").stat().st_size == before


def test_a_finding_without_a_rule_loses_no_other(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    changes = book.take([bad("no_such_rule"), bad()], NOON)
    assert [change.alert.name for change in changes] == ["unit_down"]


def test_a_sentence_with_broken_bytes_is_still_an_alert(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    book.take([bad(summary="cannot open caf\udce9", labels={"mount": "/caf\udce9"})], NOON)
    _, after = opened_book(tmp_path)
    assert after.open_alerts()[0].summary == "cannot open caf?"


def test_another_process_acknowledges_and_the_watcher_does_not_undo_it(tmp_path: Path) -> None:
    store, watcher = opened_book(tmp_path)
    (change,) = watcher.take([bad(grace_seconds=5)], NOON)
    _, command_line = opened_book(tmp_path)
    command_line.acknowledge(change.alert.id[:6], "ana", at(1))
    # It has not looked yet, and a finding comes first.
    watcher.take([bad(seconds=2)], at(2))
    assert watcher.find(change.alert.id) == replace(
        change.alert, acknowledged_at=at(1), acknowledged_by="ana", seen_at=at(2), grace_seconds=0
    )
    assert events(store) == ["fired", "acknowledged"]


def test_the_watcher_hears_of_another_process_only_when_there_is_something(tmp_path: Path) -> None:
    _, watcher = opened_book(tmp_path)
    watcher.take([bad()], NOON)
    assert not watcher.refresh()
    _, command_line = opened_book(tmp_path)
    watcher.refresh()
    assert not watcher.refresh()
    command_line.acknowledge("unit_down", "ana", at(1))
    assert watcher.refresh()
    assert watcher.open_alerts()[0].acknowledged_by == "ana"
    assert not watcher.refresh()


def test_the_first_to_acknowledge_stays_and_giving_back_is_written_down(tmp_path: Path) -> None:
    store, book = opened_book(tmp_path)
    book.take([bad()], NOON)
    book.acknowledge("unit_down", "ana", at(1))
    assert book.acknowledge("unit_down", "rui", at(2)).acknowledged_by == "ana"
    assert book.unacknowledge("unit_down", "rui", at(3)).acknowledged_by is None
    book.unacknowledge("unit_down", "rui", at(4))
    assert events(store) == ["fired", "acknowledged", "unacknowledged"]


def test_what_is_over_or_only_pending_cannot_be_acknowledged(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    (change, _) = book.take([bad(), bad("cpu_usage")], NOON)
    with pytest.raises(AlertPending):
        book.acknowledge("cpu_usage", "ana", at(1))
    book.take([good(seconds=2)], at(2))
    with pytest.raises(AlertOver):
        book.acknowledge(change.alert.id, "ana", at(3))


def test_an_alert_is_found_by_how_its_id_begins_if_it_is_the_only_one(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    book.take([bad(labels={"unit": str(number)}) for number in range(20)], NOON)
    one = book.open_alerts()[7]
    assert book.get(one.id) == one
    assert book.get(one.id[:15]) == one
    with pytest.raises(AmbiguousAlert):
        book.get("unit_down")
    for unknown in ("", "g", "unit", "%", "f" * 17):
        with pytest.raises(AlertNotFound):
            book.get(unknown)


def test_a_flood_of_others_alerts_is_refused_and_our_own_is_still_taken(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path, document(sent_in_open=10))
    flood = [bad(f"theirs-{number}", severity="low") for number in range(11)]
    with pytest.raises(TooManyAlerts, match="10 may be"):
        book.admit(flood)
    book.admit(flood[:10])
    book.take([*flood[:10], bad()], NOON)
    book.admit([*flood[:10], good("theirs-99", severity="low")])
    with pytest.raises(TooManyAlerts):
        book.admit(flood[10:])


def test_a_full_disk_silences_nothing_and_what_was_known_stays_known(tmp_path: Path) -> None:
    store, book = opened_book(tmp_path)
    book.take([bad()], NOON)
    # No page more than the file has: the next write finds the disk full.
    file = store._file
    assert file is not None
    file.execute("PRAGMA max_page_count = 1")
    flood = [bad("channel_failing", labels={"n": str(n)}, summary="x" * 400) for n in range(500)]
    assert len(book.take(flood, at(1))) == 500
    assert store.degraded
    assert [change.kind for change in book.take([good(seconds=2)], at(2))] == ["resolved"]
    file.execute("PRAGMA max_page_count = 1000000")
    assert store.recover()
    _, after = opened_book(tmp_path)
    assert len(after.open_alerts()) == 500
    book.take([good("channel_failing", 3, labels={"n": str(n)}) for n in range(500)], at(3))
    assert book.open_alerts() == ()


def test_a_document_that_was_changed_moves_what_is_due(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    book.take([bad("cpu_usage")], NOON)
    assert book.next_due(at(1)) == at(300)
    rules = RUNBOOK.alerts.rules | {"cpu_usage": {"severity": "medium", "for": "10s"}}
    book._runbook = lambda: changed
    changed = document(rules=rules)
    assert book.next_due(at(1)) == at(10)


def test_changes_of_what_is_calm_for_long_are_forgotten(tmp_path: Path) -> None:
    store, book = opened_book(tmp_path)
    book.take([bad(labels={"n": str(n)}) for n in range(50)], NOON)
    book.take([good(seconds=1, labels={"n": str(n)}) for n in range(49)], at(1))
    book.tick(at(7200))
    (left,) = store.read(lambda conn: conn.execute("SELECT count(*) FROM alert_change").fetchone())
    assert left == 1


def test_ten_times_the_findings_are_not_a_hundred_times_the_work(tmp_path: Path) -> None:
    _, book = opened_book(tmp_path)
    turns = itertools.count()

    def seconds(number: int) -> float:
        turn = next(turns)
        findings = [bad(labels={"unit": f"{turn}-{each}"}) for each in range(number)]
        began = time.thread_time()
        assert len(book.take(findings, NOON)) == number
        return time.thread_time() - began

    few = min(seconds(100) for _ in range(3))
    assert min(seconds(1000) for _ in range(3)) < 40 * few
