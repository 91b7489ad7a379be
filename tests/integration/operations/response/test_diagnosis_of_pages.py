"""A page carries what a diagnosis found, or is followed by it; it never waits for it."""

from pathlib import Path

import pytest

from bigbrother.operations.response.telling import Explanation
from tests.integration.operations.response.desk import Desk, document

CAUSE = "Likely cause: the disk is full."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with the default document."""
    return Desk(tmp_path, document(tmp_path))


def kinds(desk: Desk) -> list[tuple[str, str, bool]]:
    """Of each message its kind, whom it is for, and whether it names the cause."""
    return [
        (each["kind"], each["contact"] or each["channel"], CAUSE in each["content"])
        for each in desk.messages()
    ]


def test_a_page_does_not_wait_for_a_diagnosis_that_hangs(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    assert kinds(desk) == [
        ("broadcast", "console", False),
        ("page", "ops", False),
        ("page", "engineering", False),
    ]


def test_a_diagnosis_that_is_ready_in_time_goes_with_the_page_and_is_not_repeated(
    desk: Desk,
) -> None:
    desk.find(desk.down(grace_seconds=5))
    desk.diagnosed("unit_down", CAUSE)
    desk.pass_time(minutes=2)
    assert kinds(desk) == [
        ("broadcast", "console", True),
        ("page", "ops", True),
        ("page", "engineering", True),
    ]


def test_a_diagnosis_that_comes_later_follows_to_whoever_was_told_once(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.diagnosed("unit_down", CAUSE)
    desk.settle()
    desk.pass_time(minutes=2)
    assert kinds(desk)[3:] == [
        ("diagnosis", "console", True),
        ("diagnosis", "ops", True),
        ("diagnosis", "engineering", True),
    ]


def test_a_watcher_that_was_killed_does_not_tell_the_diagnosis_again(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.diagnosed("unit_down", CAUSE)
    desk.settle()
    before = kinds(desk)
    desk.again()
    desk.pager.explained(desk.now)
    desk.settle()
    assert kinds(desk) == before


def test_a_watcher_killed_before_it_told_the_diagnosis_tells_it_afterwards(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.diagnosed("unit_down", CAUSE)
    desk.again()
    desk.pager.explained(desk.now)
    desk.find()
    desk.settle()
    assert ("diagnosis", "ops", True) in kinds(desk)


def test_who_has_taken_the_alert_on_still_hears_what_the_diagnosis_found(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.book.acknowledge(desk.only().id, "ana", desk.now)
    desk.diagnosed("unit_down", CAUSE)
    desk.settle()
    desk.settle()
    assert ("diagnosis", "ops", True) in kinds(desk)


def test_an_alert_that_is_over_is_told_as_over_without_its_cause(desk: Desk) -> None:
    desk.find(desk.down())
    desk.settle()
    desk.find(desk.up())
    desk.diagnosed("unit_down", CAUSE)
    desk.settle()
    desk.pass_time(minutes=1)
    assert {kind for kind, _, named in kinds(desk) if named} == set()


def test_whoever_was_told_is_asked_once_for_a_yes_to_each_step_that_waits_later(
    desk: Desk,
) -> None:
    desk.find(desk.down())
    desk.diagnosed("unit_down", CAUSE)
    desk.settle()
    told = len(desk.messages())
    for asks in ("run-1:2", "run-1:4"):
        desk.known["unit_down"] = Explanation(f"{CAUSE} {asks}", whole=True, asks=asks)
        desk.pager.explained(desk.now)
        desk.settle()
        desk.pager.explained(desk.now)
        desk.settle()
        # Nor does the next watcher ask again.
        desk.again()
        desk.pager.explained(desk.now)
        desk.settle()
    asked = [(each["kind"], asks_of(each["content"])) for each in desk.messages()[told:]]
    assert asked == [("diagnosis", "run-1:2")] * 3 + [("diagnosis", "run-1:4")] * 3


def asks_of(content: str) -> str:
    """The run and step that a message asks about."""
    return next(asks for asks in ("run-1:2", "run-1:4") if asks in content)
