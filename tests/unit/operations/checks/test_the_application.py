"""services_status, error_rate, response_time, queue_size, inference_time, batch_success."""

import pytest

from bigbrother.kernel.status import Status
from bigbrother.ports.face_service import Answer
from bigbrother.ports.service_manager import UnitState
from tests.unit.operations.checks.installation import Installation, Numbers, page_text

COUNTED = ("error_rate", "response_time", "queue_size", "inference_time", "batch_success")


@pytest.mark.parametrize("name", COUNTED)
def test_a_face_analyzer_that_is_down_makes_its_figures_unknown(
    installation: Installation, name: str
) -> None:
    installation.face.down = True
    result = installation.one(name)
    assert (result.status, result.value) == (Status.UNKNOWN, None)
    assert "Connection refused" in result.evidence[0]
    assert result.remedy == "Start it."


@pytest.mark.parametrize("name", COUNTED)
def test_a_page_that_is_refused_makes_its_figures_unknown(
    installation: Installation, name: str
) -> None:
    installation.serve(b"<html>not found</html>")
    result = installation.one(name)
    assert result.status is Status.UNKNOWN
    assert "Line 1 is no sample" in result.evidence[0]


@pytest.mark.parametrize("name", COUNTED)
def test_a_quiet_service_is_unknown_not_perfect(installation: Installation, name: str) -> None:
    installation.serve(page_text([0.01] * 19, inference=[0.01] * 19))
    result = installation.one(name)
    assert result.status is Status.UNKNOWN
    assert result.evidence


def test_the_same_number_of_events_as_the_document_asks_for_is_enough(
    installation: Installation,
) -> None:
    installation.serve(page_text([0.01] * 20, inference=[0.01] * 20))
    statuses = [installation.one(n).status for n in ("error_rate", "response_time")]
    assert statuses == [Status.PASSED, Status.PASSED]
    assert installation.one("inference_time").status is Status.PASSED


@pytest.mark.parametrize(
    ("failed", "status", "threshold"),
    [
        (0, Status.PASSED, "< 0.1%"),
        (1, Status.WARNING, "< 0.1%"),
        (9, Status.WARNING, "< 0.1%"),
        (10, Status.FAILED, "< 1%"),
    ],
)
def test_errors_warn_at_a_thousandth_and_fail_at_a_hundredth(
    installation: Installation, failed: int, status: Status, threshold: str
) -> None:
    installation.serve(page_text([0.01] * (1000 - failed), failed=failed))
    result = installation.one("error_rate")
    assert (result.status, result.threshold) == (status, threshold)
    assert result.value == failed / 1000


def test_only_what_happened_lately_counts(installation: Installation) -> None:
    installation.remember(page_text([3.0] * 500, failed=100))
    installation.serve(page_text([3.0] * 500 + [0.01] * 100, failed=100))
    errors, times = installation.one("error_rate"), installation.one("response_time")
    assert (errors.status, errors.value) == (Status.PASSED, 0)
    assert times.status is Status.PASSED
    assert "Counted over the last 300 s." in times.evidence


def test_a_service_that_restarted_is_counted_from_its_restart(installation: Installation) -> None:
    installation.remember(page_text([0.01] * 1000, failed=500))
    installation.serve(page_text([0.01] * 90, failed=10))
    result = installation.one("error_rate")
    assert (result.status, result.value) == (Status.FAILED, 0.1)
    assert "Counted since the face analyzer started anew." in result.evidence


@pytest.mark.parametrize(
    ("seconds", "status", "threshold"),
    [
        (0.15, Status.PASSED, "< 200ms"),
        (0.3, Status.WARNING, "< 200ms"),
        (0.7, Status.FAILED, "< 500ms"),
        (60.0, Status.FAILED, "< 500ms"),
    ],
)
def test_response_time_warns_and_fails_by_its_95th_percentile(
    installation: Installation, seconds: float, status: Status, threshold: str
) -> None:
    installation.serve(page_text([0.01] * 80 + [seconds] * 20))
    result = installation.one("response_time")
    assert (result.status, result.threshold) == (status, threshold)


def test_times_beyond_the_last_bound_are_told_as_at_least_that(installation: Installation) -> None:
    installation.serve(page_text([60.0] * 30))
    result = installation.one("response_time")
    assert result.value == 10
    assert "took longer than 10 s" in result.evidence[0]


def test_inference_that_is_slow_fails(installation: Installation) -> None:
    installation.serve(page_text(inference=[0.3] * 50))
    assert installation.one("inference_time").status is Status.FAILED


@pytest.mark.parametrize(("waiting", "status"), [(999, Status.PASSED), (1000, Status.FAILED)])
def test_the_queue_is_everything_that_waits(
    installation: Installation, waiting: int, status: Status
) -> None:
    numbers = Numbers(queue_items={"low": waiting - 100, "high": 100})
    installation.serve(page_text(batches=numbers))
    result = installation.one("queue_size")
    assert (result.status, result.value) == (status, waiting)


def test_batches_without_a_database_are_unknown(installation: Installation) -> None:
    installation.serve(page_text(batches=None))
    queue, success = installation.check("queue_size", "batch_success")
    assert (queue.status, success.status) == (Status.UNKNOWN, Status.UNKNOWN)
    assert "lacks its database" in queue.evidence[0]


@pytest.mark.parametrize(("ratio", "status"), [(0.995, Status.PASSED), (0.99, Status.FAILED)])
def test_batches_must_succeed_in_more_than_99_of_100_images(
    installation: Installation, ratio: float, status: Status
) -> None:
    numbers = Numbers(results={"succeeded": 990, "failed": 10}, success_ratio=ratio)
    installation.serve(page_text(batches=numbers))
    assert installation.one("batch_success").status is status


def test_all_units_that_run_are_green(installation: Installation) -> None:
    results = installation.check("services_status")
    assert {result.status for result in results} == {Status.PASSED}
    assert [result.target for result in results][:2] == ["service-manager", "bigbrother-db"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (UnitState.STOPPED, Status.FAILED),
        (UnitState.FAILED, Status.FAILED),
        (UnitState.RESTARTING, Status.FAILED),
        (UnitState.STOPPING, Status.FAILED),
        (UnitState.STARTING, Status.WARNING),
        (UnitState.UNMANAGED, Status.WARNING),
    ],
)
def test_a_unit_that_does_not_run_is_named_with_the_way_to_its_log(
    installation: Installation, state: UnitState, status: Status
) -> None:
    installation.manager.set("bigbrother-worker", state, "exit status 1")
    found = {result.target: result for result in installation.check("services_status")}
    bad = found.pop("bigbrother-worker")
    assert bad.status is status
    assert f"bigbrother-worker is {state}." in bad.evidence
    assert "exit status 1" in bad.evidence[1]
    assert bad.remedy == "See `bigbrother logs bigbrother-worker`."
    assert {result.status for result in found.values()} == {Status.PASSED}


def test_a_face_analyzer_that_runs_and_is_silent_is_not_green(installation: Installation) -> None:
    installation.face.down = True
    found = {result.target: result for result in installation.check("services_status")}
    assert found["bigbrother-face"].status is Status.FAILED
    assert "It does not answer: Connection refused." in found["bigbrother-face"].evidence


def test_a_face_analyzer_that_is_not_ready_is_not_green(installation: Installation) -> None:
    installation.face.answers["/readyz"] = Answer(503, 0.01, b"")
    found = {result.target: result for result in installation.check("services_status")}
    assert found["bigbrother-face"].status is Status.FAILED


def test_a_dead_service_manager_is_a_finding_not_an_error(installation: Installation) -> None:
    installation.manager.silent = True
    (result,) = installation.check("services_status")
    assert (result.status, result.target) == (Status.FAILED, "service-manager")
    installation.manager.silent, installation.manager.running = False, False
    first, *_ = installation.check("services_status")
    assert first.status is Status.FAILED
