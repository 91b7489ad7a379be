"""Section 2.2, `endpoints`: whether the face analyzer answers, and how fast."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.application import response_time
from bigbrother.operations.checks.limits import limits
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.findings import findings
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.monitoring.schedule import Every
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.monitoring.tasks.looking import Looking
from bigbrother.ports.face_service import Answer, FaceServiceUnreachable
from bigbrother.runbook.model import Runbook

_PATHS = ("/health", "/readyz")
_REMEDY = "See `bigbrother status` and `bigbrother logs bigbrother-face`."


def endpoints(looking: Looking) -> Task:
    """Asks each endpoint, and looks at the times that callers waited."""

    def run(now: datetime) -> Sequence[Finding]:
        found: list[Finding] = []
        for path in _PATHS:
            found += _ask(looking, path, now)
        observed = looking.observed(now)
        if observed.scraped.now is not None:
            found += findings(response_time.look(observed), now)
        return found

    return Task(
        name="endpoints",
        when=lambda runbook: Every(
            runbook.monitoring_tasks.application.endpoints.interval.duration
        ),
        within=lambda runbook: runbook.watching.task_within.duration,
        run=run,
    )


def _ask(looking: Looking, path: str, now: datetime) -> list[Finding]:
    runbook = looking.runbook
    watching = runbook.watching
    labels = {"endpoint": path}
    try:
        answer = looking.services.face.get(
            path, watching.look_within.value, int(watching.largest_metric_page.value)
        )
    except FaceServiceUnreachable as error:
        why = f"{path} of the face analyzer does not answer: {error.detail}"
        return [Finding("endpoint_failing", Status.FAILED, now, labels, why, _REMEDY)]
    looking.keep([Reading("endpoint_time", now, answer.seconds, "seconds", labels)], now)
    if answer.status != HTTPStatus.OK:
        why = f"{path} of the face analyzer answers with status {answer.status}."
        return [Finding("endpoint_failing", Status.FAILED, now, labels, why, _REMEDY)]
    well = Finding("endpoint_failing", Status.PASSED, now, labels, f"{path} answers.")
    return [well, _speed(runbook, path, answer, now)]


def _speed(runbook: Runbook, path: str, answer: Answer, now: datetime) -> Finding:
    bounds = limits(
        runbook.daily_checks.application.response_time,
        runbook.monitoring_tasks.application.endpoints.alert_threshold,
    )
    status = bounds.judge(answer.seconds)
    return Finding(
        "endpoint_slow",
        status,
        now,
        {"endpoint": path},
        f"{path} of the face analyzer took {1000 * answer.seconds:.0f} ms to answer.",
        "" if status is Status.PASSED else "Look at cpu_usage and queue_size: `bigbrother check`.",
        answer.seconds,
        "seconds",
        bounds.threshold(status),
    )
