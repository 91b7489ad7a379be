"""A batch is watched, ended and tried again; its results have the types of its kind."""

import pytest

from bigbrother.client.batch_answers import Batch
from bigbrother.client.errors import ResourceConflict, ServiceUnreachable
from bigbrother.client.face_client import FaceClient
from bigbrother.runbook.load import load_runbook
from tests.fakes.face_api import Answer, FaceApi, Told, problem
from tests.unit.client.answers import BATCH, WHEN, batch, line

BATCH_PATH = "/v1/batches/b-1"
POLL_EVERY_SECONDS = load_runbook().client.poll_every.value
FINISHED = batch(state="finished", pending=0, succeeded=2, failed=1, finished_at=WHEN)


def test_waiting_looks_now_and_then_and_tells_how_far_it_is(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", BATCH_PATH, batch(), batch(pending=1, succeeded=2), FINISHED)
    seen: list[Batch] = []
    ended = client.batches.wait("b-1", progress=seen.append)
    assert (ended.state, ended.failed, ended.running) == ("finished", 1, False)
    assert [one.done for one in seen] == [0, 2, 3]
    assert pauses == [POLL_EVERY_SECONDS] * 2


def test_waiting_outlasts_a_restart_of_the_service(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", BATCH_PATH, batch(), *[Answer(0)] * 12, FINISHED)
    assert client.batches.wait("b-1").state == "finished"
    assert len(pauses) == 1 + 12


def test_waiting_for_a_service_that_is_not_there_ends_soon(
    api: FaceApi, client: FaceClient, pauses: list[float]
) -> None:
    api.answers("GET", BATCH_PATH, Answer(0))
    with pytest.raises(ServiceUnreachable):
        client.batches.wait("b-1")
    assert len(pauses) == 2


def test_a_batch_is_cancelled_listed_and_destroyed(api: FaceApi, client: FaceClient) -> None:
    api.answers("POST", f"{BATCH_PATH}/cancel", Answer(0), batch(state="cancelled"))
    api.answers("DELETE", BATCH_PATH, Answer(204))
    api.answers("GET", "/v1/batches", Answer(200, {"items": [BATCH], "next_cursor": None}))
    assert client.batches.cancel("b-1").state == "cancelled"
    client.batches.delete("b-1")
    assert [found.id for found in client.batches.list(state="running", page_size=7)] == ["b-1"]
    assert api.asked[-1].path == "/v1/batches?limit=7&state=running"


def test_another_try_of_failed_items_is_asked_for_once(api: FaceApi, client: FaceClient) -> None:
    """After a lost answer a second one might try again what has failed meanwhile."""
    api.answers("POST", f"{BATCH_PATH}/retry", Answer(0))
    with pytest.raises(ServiceUnreachable):
        client.batches.retry("b-1")
    assert len(api.asked) == 1
    api.answers("POST", f"{BATCH_PATH}/retry", problem(409, "batch-nothing-to-retry"))
    with pytest.raises(ResourceConflict) as raised:
        client.batches.retry("b-1")
    assert raised.value.code == "batch-nothing-to-retry"


def test_a_result_has_the_type_of_its_batchs_kind(api: FaceApi, client: FaceClient) -> None:
    box = {"x": 1, "y": 2, "width": 3, "height": 4}
    model = {"name": "sface", "version": "1"}
    identified = {
        "threshold": 0.3,
        "false_positive_rate": 0.01,
        "searched_faces": 1,
        "model": model,
        "faces": [{"box": box, "score": 1, "matches": []}],
    }
    enrolled = {
        "id": "f",
        "external_id": "ana",
        "box": box,
        "score": 1,
        "image_sha256": "0" * 64,
        "has_crop": False,
        "created_at": WHEN,
        "already_enrolled": False,
        "subject_created": True,
    }
    refused = {"code": "no-face", "title": "No face", "detail": "None.", "remedy": "Another."}
    told = [
        line(1),
        line(2, answer=identified),
        line(3, answer=enrolled, external_id="ana"),
        line(4, state="failed", answer=None, error=refused),
    ]
    api.answers("GET", f"{BATCH_PATH}/results", Told(told))
    analyzed, found, face, failed = client.batches.results("b-1")
    assert analyzed.analysis is not None
    assert analyzed.analysis.width == 3
    assert found.identification is not None
    assert found.identification.faces[0].box.height == 4
    assert face.enrolment is not None
    assert face.enrolment.subject_created
    assert failed.error is not None
    assert (failed.error.code, failed.analysis) == ("no-face", None)
    assert (failed.identification, failed.enrolment) == (None, None)
