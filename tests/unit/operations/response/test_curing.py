"""Which alerts start which procedures."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.response.curing import cures, needless, run_id_of
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from tests.firing import NOON, firing

RUNBOOK = load_runbook(None)
NONE = frozenset[str]()


def alert(name: str = "unit_down", **changes: Any) -> Alert:  # noqa: ANN401 - of all kinds
    """A firing alert about the face unit."""
    return firing(name, **changes)


def with_policy(policy: str) -> Runbook:
    """The document, with this policy for units that are down."""
    cure = RUNBOOK.response.cures["unit_down"]
    changed = cure.model_copy(update={"policy": policy})
    response = RUNBOOK.response.model_copy(
        update={"cures": {**RUNBOOK.response.cures, "unit_down": changed}}
    )
    return RUNBOOK.model_copy(update={"response": response})


def loud(_alert: Alert) -> bool:
    return False


def test_a_unit_that_is_down_is_recovered_by_its_own_procedure_after_its_grace() -> None:
    (due,) = cures([alert()], loud, RUNBOOK)
    assert due.procedure.name == "service_recovery.face_analyzer"
    assert due.due_at == NOON + RUNBOOK.response.cures["unit_down"].after.duration


def test_a_storm_about_one_unit_asks_for_one_run() -> None:
    storm = [alert("unit_down"), alert("unit_silent"), alert("unit_down", id="another")]
    assert len(cures(storm, loud, RUNBOOK)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"state": AlertState.PENDING, "fired_at": None},
        {"state": AlertState.RESOLVED},
        {"acknowledged_at": NOON},
        {"labels": {}},
        {"labels": {"unit": "bigbrother-nobody"}},
    ],
)
def test_nothing_is_begun_about(changes: dict[str, Any]) -> None:
    assert cures([alert(**changes)], loud, RUNBOOK) == ()


def test_nothing_is_begun_while_the_alert_is_kept_quiet() -> None:
    assert cures([alert()], lambda _alert: True, RUNBOOK) == ()


def test_a_suggestion_starts_nothing() -> None:
    assert cures([alert()], loud, with_policy("suggest")) == ()


def test_each_time_that_an_alert_fires_is_a_run_of_its_own_and_always_the_same() -> None:
    again = replace(alert(), fired_at=NOON + timedelta(minutes=5))
    assert run_id_of(alert()) == run_id_of(alert())
    assert run_id_of(alert()) != run_id_of(again)


def test_a_run_that_waits_for_a_person_is_needless_once_its_alert_is_over() -> None:
    runs = {"waits": "id-unit_down", "other": "id-other"}
    assert needless(runs, [], NONE, NONE) == ("waits", "other")
    assert needless(runs, [alert()], NONE, NONE) == ("other",)


def test_a_run_is_not_needless_while_it_is_to_cure_another_alert_that_fires() -> None:
    assert needless({"waits": "id-other"}, [alert()], NONE, frozenset({"waits"})) == ()


def test_who_takes_an_alert_on_keeps_a_run_from_beginning_but_not_from_being_approved() -> None:
    taken_on = alert(acknowledged_at=NOON)
    runs = {"waits": taken_on.id, "queued": taken_on.id}
    assert needless(runs, [taken_on], frozenset({"queued"}), NONE) == ("queued",)


def test_a_storm_of_alerts_about_units_that_nobody_knows_costs_little() -> None:
    storm = [
        alert(id=f"id-{number}", labels={"unit": f"bigbrother-{number}"})
        for number in range(10_000)
    ]
    began = time.process_time()
    assert cures(storm, loud, RUNBOOK) == ()
    assert time.process_time() - began < 0.5
