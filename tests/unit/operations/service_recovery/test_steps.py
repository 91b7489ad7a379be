"""The four steps of section 4.1, each thing that can be wrong in turn."""

import json
import socket
from pathlib import Path

import pytest

from bigbrother.models.samples import sample_photo
from bigbrother.operations.procedures.action import UnitArguments
from bigbrother.operations.procedures.outcome import Happened, StepFailed
from bigbrother.operations.service_recovery import waiting
from bigbrother.ports.service_manager import UnitState, UnitUnknown
from tests.unit.operations.service_recovery.place import ACTIONS, FACE, KNOWN, OPS, Place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Whoever waits moves the clock."""
    made = Place(tmp_path)
    monkeypatch.setattr(waiting, "sleep", made.wait)
    return made


def test_of_a_unit_that_works_nothing_is_touched(place: Place) -> None:
    assert place.do("verify_status").data["healthy"] is True
    place.do("check_logs")
    assert place.do("restart_service").skipped
    assert "similarity 1.0000" in place.do("verify_health").summary
    assert place.manager.restarted == []


def test_a_unit_that_its_manager_gave_up_is_started_again(place: Place) -> None:
    place.dies(OPS, UnitState.FAILED)
    found = place.do("verify_status", OPS)
    assert (found.data["healthy"], found.data["trouble"]) == (False, "down")
    assert place.happened(OPS) is Happened.NO
    assert place.do("restart_service", OPS).data["restarted"] == [OPS]
    assert place.happened(OPS) is Happened.YES


def test_what_was_healed_since_it_was_looked_at_is_left_alone(place: Place) -> None:
    place.dies(FACE)
    place.do("verify_status")
    place.manager.start(FACE)
    place.manager.restarted.clear()
    assert place.do("restart_service").skipped
    assert place.manager.restarted == []


def test_a_unit_that_its_manager_heals_within_its_grace_is_healthy(place: Place) -> None:
    place.dies(FACE, UnitState.RESTARTING)
    place.while_waiting = lambda: place.manager.start(FACE)
    assert place.do("verify_status").data["healthy"] is True


def test_without_its_database_the_database_is_the_trouble_of_the_face_unit(place: Place) -> None:
    body = {"checks": {"database": {"status": "failed", "detail": "refused"}}}
    place.answers(503, json.dumps(body).encode())
    found = place.do("verify_status")
    assert found.data["mend"] == ["bigbrother-db"]
    assert "the database does not answer" in found.summary


def test_a_dead_face_unit_without_its_database_needs_both_the_database_first(place: Place) -> None:
    place.dies(FACE)
    assert place.do("verify_status").data["mend"] == ["bigbrother-db", FACE]


def test_somebody_else_s_database_is_named_and_nothing_is_restarted(place: Place) -> None:
    place.without_database_unit().answers(503)
    assert place.do("verify_status").data["trouble"] == "database-elsewhere"
    with pytest.raises(StepFailed, match="does not run it; nothing was touched") as failed:
        place.do("restart_service")
    assert not failed.value.again
    assert place.manager.restarted == []


def test_a_port_that_a_stranger_holds_is_told_with_its_holder_and_nothing_is_restarted(
    place: Place,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        # The watcher's lies ten above the face unit's.
        place.port = stranger.getsockname()[1] - 10
        place.dies(OPS, UnitState.RESTARTING)
        assert place.do("verify_status", OPS).data["trouble"] == "port-taken"
        assert place.plan("restart_service", OPS).endswith("Refuse: no restart heals that.")
        with pytest.raises(StepFailed, match=r"taken by process \d+ \(") as failed:
            place.do("restart_service", OPS)
        assert not failed.value.again
        with pytest.raises(StepFailed, match=r"taken by process \d+ \("):
            place.do("verify_health", OPS)
    assert place.manager.restarted == []


def test_silence_counts_once_it_was_met_as_often_as_the_watchdog_asks(place: Place) -> None:
    place.face.down = True
    place.dsn = ""
    place.without_database_unit()
    place.do("verify_status")
    # Of each look one question: the first that is not answered is enough.
    assert place.face.asked.count("/readyz") == place.runbook.watching.alive.misses


def test_an_inference_that_is_wrong_is_not_health(place: Place) -> None:
    place.face.embeddings = {sample_photo(): (*KNOWN[1:], KNOWN[0])}
    with pytest.raises(StepFailed, match="alike to what is known of it by"):
        place.do("verify_health")


def test_an_embedding_of_another_length_is_not_health(place: Place) -> None:
    place.face.embeddings = {sample_photo(): (1.0, 0.0)}
    with pytest.raises(StepFailed, match="has 2 numbers"):
        place.do("verify_health")


def test_a_failure_says_what_the_log_knows_of_its_cause(place: Place) -> None:
    place.face.down = True
    line = {
        "event": "cannot start",
        "level": "error",
        "code": "pack-damaged",
        "detail": "sface.onnx is not what the manifest says.",
        "time": place.clock.at.isoformat(),
    }
    place.manager.logs[FACE] = [json.dumps(line)]
    with pytest.raises(StepFailed, match=r"sface\.onnx is not what the manifest says") as failed:
        place.do("verify_health")
    assert "bigbrother models verify" in failed.value.remedy


def test_a_worker_that_was_not_restarted_must_give_a_fresh_heartbeat(place: Place) -> None:
    with pytest.raises(StepFailed, match="its heartbeat cannot be read"):
        place.do("verify_health", "bigbrother-worker")


def test_a_watcher_that_does_not_answer_is_not_healthy(place: Place) -> None:
    with pytest.raises(StepFailed, match="/readyz does not answer"):
        place.do("verify_health", "bigbrother-ops")


def test_check_logs_sums_up_the_unit_and_what_it_lacks(place: Place) -> None:
    place.answers(503)
    place.do("verify_status")
    place.manager.logs["bigbrother-db"] = [
        "2030-05-01 06:00:00.123 UTC [4711] FATAL:  could not write: No space left on device"
    ]
    outcome = place.do("check_logs")
    assert outcome.summary == "bigbrother-db: 1 × The disk is full."
    causes = outcome.data["causes"]
    assert isinstance(causes, list)
    assert [each["cause"] for each in causes if isinstance(each, dict)] == ["disk_full"]


@pytest.mark.parametrize("step", ACTIONS)
def test_a_unit_that_is_not_there_is_told_with_the_nearest_name(place: Place, step: str) -> None:
    with pytest.raises(UnitUnknown, match="bigbrother-face"):
        place.do(step, "bigbrother-fase")


@pytest.mark.parametrize("step", ACTIONS)
def test_a_plan_touches_nothing(place: Place, step: str) -> None:
    place.dies(FACE)
    before = (dict(place.manager.units), dict(place.manager.alive))
    assert place.plan(step)
    assert (place.manager.units, place.manager.alive, place.manager.restarted) == (*before, [])


def test_only_the_restart_changes_anything() -> None:
    assert [name for name, action in ACTIONS.items() if action.changes] == ["restart_service"]
    assert all(action.arguments is UnitArguments for action in ACTIONS.values())
