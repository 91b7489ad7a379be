"""Who is told what, from the finding to the queued message, on a real file with moved time."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts import silences
from bigbrother.operations.alerts.silences import NewSilence
from bigbrother.operations.monitoring.finding import Finding
from tests.integration.operations.response.desk import Desk, document


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with the default document."""
    return Desk(tmp_path, document(tmp_path))


def test_a_unit_that_is_healed_within_its_grace_is_written_down_and_nobody_is_told(
    desk: Desk,
) -> None:
    desk.find(desk.down(grace_seconds=5))
    desk.pass_time(seconds=2)
    desk.find(desk.up())
    desk.pass_time(minutes=30)
    assert desk.messages() == []
    (states,) = desk.store.read(
        lambda conn: conn.execute("SELECT group_concat(state) FROM alert").fetchone()
    )
    assert states == "resolved"


def test_a_unit_that_stays_down_pages_once_its_grace_is_over(desk: Desk) -> None:
    desk.find(desk.down(grace_seconds=5))
    desk.pass_time(seconds=4.9)
    assert desk.messages() == []
    desk.pass_time(seconds=0.7)
    assert desk.said() == [("broadcast", "console"), ("page", "ops"), ("page", "engineering")]


def test_a_killed_watcher_says_nothing_twice(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    before = desk.said()
    assert before
    for _ in range(3):
        desk.again()
        desk.find(desk.down())
        desk.settle()
    assert desk.said() == before


def test_a_watcher_killed_before_it_queued_the_message_queues_it_afterwards(desk: Desk) -> None:
    desk.find(desk.down())
    assert desk.messages() == []
    desk.again()
    desk.find(desk.down())
    desk.settle()
    assert ("page", "ops") in desk.said()


def test_what_ended_while_no_watcher_ran_pages_nobody_at_the_next_start(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    before = desk.paged()
    desk.now += timedelta(hours=2)
    desk.again()
    desk.settle()
    assert desk.paged() == before
    desk.find(desk.up())
    desk.settle()
    assert desk.paged() == before
    assert "resolved" in {kind for kind, _ in desk.said()}


def test_what_still_stands_when_a_watcher_begins_anew_goes_on_where_it_is_by_now(
    desk: Desk,
) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.now += timedelta(minutes=40)
    desk.again()
    desk.find(desk.down())
    desk.settle()
    assert "management" in desk.paged()


def test_nobody_acknowledges_and_it_goes_up_level_by_level(desk: Desk) -> None:
    desk.find(Finding("error_rate", Status.FAILED, desk.now, summary="1 in 20 requests fails."))
    desk.pass_time(minutes=1, seconds=2)
    assert desk.paged() == ["ops", "engineering"]
    desk.pass_time(minutes=31)
    assert "management" in desk.paged()
    assert "director" not in desk.paged()
    desk.pass_time(minutes=31)
    assert "director" in desk.paged()
    told = len(desk.paged())
    desk.pass_time(minutes=95)
    assert len(desk.paged()) > told
    events = desk.store.read(
        lambda conn: [row["kind"] for row in conn.execute("SELECT kind FROM alert_event")]
    )
    assert events.count("breached") == 1


def test_whoever_acknowledges_stops_the_climb_and_whoever_takes_it_back_lets_it_go_on(
    desk: Desk,
) -> None:
    desk.find(desk.down())
    desk.settle()
    paged = desk.paged()
    desk.book.acknowledge(desk.only().id, "ana", desk.now)
    desk.pass_time(hours=3)
    assert desk.paged() == paged
    desk.book.unacknowledge(desk.only().id, "ana", desk.now)
    desk.settle()
    assert len(desk.paged()) > len(paged)


def test_everybody_who_was_told_hears_that_it_is_over(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.find(desk.up())
    desk.settle()
    ended = [hearer for kind, hearer in desk.said() if kind == "resolved"]
    assert sorted(ended) == ["console", "engineering", "ops"]


def test_the_end_is_told_though_the_watcher_was_killed_at_that_moment(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.find(desk.up())
    desk.again()
    desk.settle()
    assert [kind for kind, _ in desk.said()].count("resolved") == 3
    desk.again()
    desk.settle()
    assert [kind for kind, _ in desk.said()].count("resolved") == 3


def test_a_silence_keeps_quiet_and_at_its_end_it_begins_with_the_first_level(desk: Desk) -> None:
    asked = NewSilence({"alert": "unit_down"}, desk.now + timedelta(hours=3), "ana", "new disk")
    silences.add(desk.store, asked, desk.runbook.alerts, desk.now)
    desk.find(desk.down())
    desk.pass_time(hours=2, minutes=59)
    assert desk.messages() == []
    desk.pass_time(minutes=2)
    desk.settle()
    assert desk.paged() == ["ops", "engineering"]


def test_a_dead_database_speaks_for_what_depends_on_it_and_the_ends_are_not_lost(
    desk: Desk,
) -> None:
    errors = Finding("endpoint_failing", Status.FAILED, desk.now, summary="/health says 503.")
    desk.find(desk.down("bigbrother-db"), errors)
    desk.settle()
    assert desk.told_of() == {"unit_down"}
    desk.find(desk.up("bigbrother-db"))
    desk.settle()
    assert desk.told_of() == {"unit_down"}
    desk.pass_time(seconds=desk.runbook.alerts.inhibition_lingers.value)
    desk.settle()
    # What the database kept quiet still stands: it is heard now.
    assert desk.told_of() == {"unit_down", "endpoint_failing"}
    assert "resolved" in {kind for kind, _ in desk.said()}


def test_an_inhibiting_alert_that_flickers_does_not_let_the_others_page_each_time(
    desk: Desk,
) -> None:
    failing = Finding("endpoint_failing", Status.FAILED, desk.now, summary="/health says 503.")
    desk.find(desk.down("bigbrother-db"), failing)
    for _ in range(20):
        desk.pass_time(seconds=3)
        desk.find(desk.up("bigbrother-db"))
        desk.pass_time(seconds=3)
        desk.find(desk.down("bigbrother-db"))
    desk.settle()
    assert desk.told_of() == {"unit_down"}


def test_a_storm_is_a_few_messages_and_names_them_all(desk: Desk) -> None:
    desk.find(*(desk.down(f"unit-{number}") for number in range(1000)))
    desk.settle()
    assert desk.said() == [("broadcast", "console"), ("page", "ops"), ("page", "engineering")]
    (covered,) = desk.store.read(
        lambda conn: conn.execute("SELECT count(DISTINCT alert_id) FROM message_alert").fetchone()
    )
    assert covered == 1000


def test_when_every_message_of_a_page_fails_the_next_contact_is_paged(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    before = desk.paged()
    desk.store.write(
        lambda conn: conn.execute(
            "UPDATE message SET state = 'failed', ended_at = ? WHERE kind = 'page'",
            (desk.now.timestamp(),),
        )
    )
    desk.pager.delivery_failed(desk.now)
    desk.settle()
    assert "management" in desk.paged()[len(before) :]


def test_a_page_that_failed_before_a_crash_goes_to_the_next_contact_after_it(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    before = desk.paged()
    desk.store.write(
        lambda conn: conn.execute(
            "UPDATE message SET state = 'failed', ended_at = ? WHERE kind = 'page'",
            (desk.now.timestamp(),),
        )
    )
    desk.again()
    desk.find(desk.down())
    desk.settle()
    assert "management" in desk.paged()[len(before) :]


def test_the_end_is_told_though_the_round_that_learned_of_it_failed(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.book.take([desk.up()], desk.now)
    desk.settle()
    assert [kind for kind, _ in desk.said()].count("resolved") == 3


def test_what_could_not_be_queued_is_queued_by_a_later_round(desk: Desk) -> None:
    desk.find(desk.down())
    desk.store.read(lambda conn: conn.execute("PRAGMA busy_timeout = 0").fetchall())
    with closing(sqlite3.connect(desk.folder / "ops.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            desk.settle()
        other.execute("ROLLBACK")
    assert desk.messages() == []
    desk.pager.look_again()
    desk.settle()
    assert ("page", "ops") in desk.said()


def test_what_gets_worse_is_told_anew(desk: Desk) -> None:
    slow = Finding("endpoint_slow", Status.WARNING, desk.now, summary="p95 is 300 ms.")
    desk.find(slow)
    desk.pass_time(minutes=2)
    assert desk.said() == [("broadcast", "console")]
    desk.find(Finding("endpoint_slow", Status.FAILED, desk.now, summary="p95 is 900 ms."))
    desk.pass_time(minutes=2)
    assert ("page", "ops") in desk.said()
