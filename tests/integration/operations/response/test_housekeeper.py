"""Housekeeping that is due is started once, on a real ops.db."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bigbrother.operations.procedures import history
from bigbrother.operations.procedures.errors import ActionUnknown
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.response.housekeeper import Housekeeper
from bigbrother.operations.response.starting import Starter
from bigbrother.operations.store.store import Store
from tests.integration.operations.response.desk import MONDAY_NOON, document


class House:
    """A housekeeper that is asked by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "ops.db")
        self.runbook = document(folder)
        self.actions: Any = ACTIONS
        self.begin()

    def begin(self) -> None:
        """A watcher that knows nothing but ops.db."""
        starter = Starter(self.store, self.actions, lambda: self.runbook, self.folder, lambda: None)
        self.keeper = Housekeeper(self.store, starter, lambda: self.runbook)

    def begun(self) -> list[str]:
        """Procedures, the first begun first."""
        runs = self.store.read(lambda conn: history.list_runs(conn, limit=1000))
        return [run.procedure for run in reversed(runs)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One that has just become known: nothing is due before its next moment."""
    made = House(tmp_path)
    yield made
    made.store.close()


def first_due(house: House) -> datetime:
    due = house.keeper.tick(MONDAY_NOON)
    assert due is not None
    assert house.begun() == []
    return due


def test_what_is_due_is_started_once_however_often_it_is_looked_at(house: House) -> None:
    due = first_due(house)
    house.keeper.tick(due - timedelta(seconds=1))
    assert house.begun() == []
    for _ in range(3):
        house.keeper.tick(due)
    house.begin()
    house.keeper.tick(due)
    begun = house.begun()
    assert len(begun) == len(set(begun)) > 0


def test_a_week_in_which_nobody_watched_is_made_up_for_once(house: House) -> None:
    due = first_due(house)
    house.begin()
    house.keeper.tick(due + timedelta(days=7))
    begun = house.begun()
    assert len(begun) == len(set(begun)) > 0


def test_a_clock_that_is_set_back_starts_nothing_twice(house: House) -> None:
    due = first_due(house)
    house.keeper.tick(due)
    begun = house.begun()
    house.keeper.tick(due - timedelta(minutes=1))
    house.keeper.tick(due)
    assert house.begun() == begun


def test_one_that_cannot_begin_keeps_no_other_from_beginning(house: House) -> None:
    first_due(house)
    lacking = house.runbook.housekeeping[min(house.runbook.housekeeping)].steps[0]
    house.actions = {name: each for name, each in ACTIONS.items() if name != lacking}
    house.begin()
    with pytest.raises(ActionUnknown):
        house.keeper.tick(MONDAY_NOON + timedelta(days=40))
    begun = house.begun()
    assert len(begun) == len(set(begun)) > 0
    # Nothing was noted of the one: mended, it is made up for.
    house.actions = ACTIONS
    house.begin()
    house.keeper.tick(MONDAY_NOON + timedelta(days=40))
    assert set(begun) < set(house.begun())
