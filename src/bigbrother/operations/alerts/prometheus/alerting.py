"""The document's alerts that can be computed from /metrics.

`up` says whether a unit answers; only Prometheus, which lives outside, sees a dead watcher. What
else the watcher alerts on (disks, processors, channels, heals) stands in no metric of the face
analyzer and stays with the watcher.
"""

from bigbrother.operations.alerts.prometheus import expressions as names
from bigbrother.operations.alerts.prometheus.alerting_rule import AlertingRule, Proof
from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.operations.alerts.prometheus.expressions import FACE_JOB, OPS_JOB, Expressions
from bigbrother.operations.alerts.prometheus.proof_series import always, growing, series, times
from bigbrother.operations.alerts.prometheus.texts import text
from bigbrother.runbook.figures import Threshold
from bigbrother.runbook.model import Runbook

_WORKER = "bigbrother-worker"
_FAILS = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_HALF = "50%"


def unit_rules(runbook: Runbook) -> tuple[AlertingRule, ...]:
    """What is down. A unit that is healed within its grace pages nobody here either."""
    language = runbook.alert_config.language
    down = runbook.alerts.rules["unit_down"]
    unreachable = runbook.alerts.rules["database_unreachable"]
    rules = [
        AlertingRule(
            "unit_down",
            down.severity,
            down.for_.value + runbook.units[unit].grace.value,
            f'up{{job="{unit}"}} == 0',
            text(language, "unit_down", unit=unit),
            Proof({series("up", unit): always(0)}),
            {"unit": unit},
            job=unit,
        )
        for unit in (FACE_JOB, OPS_JOB)
    ]
    rules.append(
        AlertingRule(
            "unit_down",
            down.severity,
            down.for_.value + runbook.units[_WORKER].grace.value,
            "bigbrother_batch_workers == 0",
            text(
                language,
                "no_worker",
                limit=prometheus_duration(runbook.batch.worker_dead_after.value),
            ),
            Proof({series("bigbrother_batch_workers", FACE_JOB): always(0)}),
            {"unit": _WORKER},
            job=FACE_JOB,
        )
    )
    rules.append(
        AlertingRule(
            "database_unreachable",
            unreachable.severity,
            unreachable.for_.value,
            "max by (job, instance) (bigbrother_model_info)"
            " unless on (job, instance) bigbrother_batch_workers",
            text(language, "database_unreachable"),
            Proof({series("bigbrother_model_info", FACE_JOB, 'name="a"'): always(1)}),
            job=FACE_JOB,
        )
    )
    return tuple(rules)


def endpoint_rules(runbook: Runbook) -> tuple[AlertingRule, ...]:
    """Sections 2.1 and 2.2 on response time: the stricter figure warns, the looser pages."""
    words = Expressions(runbook)
    rule = runbook.alerts.rules["endpoint_slow"]
    limits = {
        rule.severity: runbook.monitoring_tasks.application.endpoints.alert_threshold,
        rule.warning: runbook.daily_checks.application.response_time.bound,
    }
    gravest = limits[rule.severity].value
    slow = {
        severity: words.share_within(names.REQUESTS, names.REQUESTS_WANTED, limit.value)
        for severity, limit in limits.items()
    }
    enough = words.enough(names.REQUESTS + "_count", names.REQUESTS_WANTED)
    rules = []
    for severity, limit in limits.items():
        if severity is None or (severity != rule.severity and limit.value >= gravest):
            continue
        bad = f"({slow[severity]}) < {names.SHARE} and {enough}"
        if severity != rule.severity:
            bad += f" and ({slow[rule.severity]}) >= {names.SHARE}"
        within = {gravest: 1.0, limit.value: 0.5}
        rules.append(
            AlertingRule(
                "endpoint_slow",
                severity,
                rule.for_.value,
                bad,
                text(
                    runbook.alert_config.language,
                    "endpoint_slow",
                    limit=str(limit),
                    share=f"{names.SHARE:.0%}",
                ),
                Proof(
                    times(
                        runbook.watching.least_events, names.REQUESTS, names.REQUESTS_WANTED, within
                    ),
                    _HALF,
                ),
                job=FACE_JOB,
            )
        )
    return tuple(rules)


def error_rules(runbook: Runbook) -> tuple[AlertingRule, ...]:
    """Sections 2.1 and 2.2 on errors: the stricter figure warns, the looser pages."""
    words = Expressions(runbook)
    rule = runbook.alerts.rules["error_rate"]
    daily = runbook.daily_checks.application.error_rate
    pages_over = runbook.monitoring_tasks.application.errors.alert_threshold
    ratio, enough = words.error_ratio(), words.enough(names.ANSWERS)
    language = runbook.alert_config.language
    step = runbook.watching.least_events
    rules = [
        AlertingRule(
            "error_rate",
            rule.severity,
            rule.for_.value,
            f"{ratio} > {pages_over.value:g} and {enough}",
            text(language, "error_rate", limit=f"<= {pages_over}", window=words.window),
            Proof(
                {
                    series(names.ANSWERS, FACE_JOB, 'status_class="2xx"'): growing(step),
                    series(names.ANSWERS, FACE_JOB, names.FAILED_ANSWERS): growing(step),
                },
                _HALF,
            ),
            job=FACE_JOB,
        )
    ]
    if rule.warning is not None and daily.bound.value < pages_over.value:
        between = (daily.bound.value + pages_over.value) / 2
        # One failure among so many that the share lies between the two figures.
        good = round(step / between) - step
        rules.append(
            AlertingRule(
                "error_rate",
                rule.warning,
                rule.for_.value,
                f"{ratio} {_FAILS[daily.comparison]} {daily.bound.value:g} and {enough}"
                f" and {ratio} <= {pages_over.value:g}",
                text(language, "error_rate", limit=str(daily), window=words.window),
                Proof(
                    {
                        series(names.ANSWERS, FACE_JOB, 'status_class="2xx"'): growing(good),
                        series(names.ANSWERS, FACE_JOB, names.FAILED_ANSWERS): growing(step),
                    },
                    f"{100 * step / (good + step):.4g}%",
                ),
                job=FACE_JOB,
            )
        )
    return tuple(rules)


def daily_rules(runbook: Runbook) -> tuple[AlertingRule, ...]:
    """Section 2.1: queue, inference, batches."""
    words = Expressions(runbook)
    checks, language = runbook.daily_checks, runbook.alert_config.language
    rules = runbook.alerts.rules
    queue, time = checks.application.queue_size, checks.ml.inference_time
    success, window = checks.ml.batch_success, runbook.batch.success_window
    enough = words.enough(names.INFERENCES + "_count", names.INFERENCES_WANTED)
    full = round(queue.bound.value) + 1
    return (
        AlertingRule(
            "queue_size",
            rules["queue_size"].severity,
            rules["queue_size"].for_.value,
            f"sum by (job, instance) (bigbrother_batch_queue_items) {_fails(queue)}",
            text(language, "queue_size", limit=str(queue)),
            Proof(
                {series("bigbrother_batch_queue_items", FACE_JOB, 'priority="low"'): always(full)},
                str(full),
            ),
            job=FACE_JOB,
        ),
        AlertingRule(
            "inference_time",
            rules["inference_time"].severity,
            rules["inference_time"].for_.value,
            "("
            + words.share_within(names.INFERENCES, names.INFERENCES_WANTED, time.bound.value)
            + f") < {names.SHARE} and {enough}",
            text(language, "inference_time", limit=str(time), share=f"{names.SHARE:.0%}"),
            Proof(
                times(
                    runbook.watching.least_events,
                    names.INFERENCES,
                    names.INFERENCES_WANTED,
                    {time.bound.value: 0.5},
                ),
                _HALF,
            ),
            job=FACE_JOB,
        ),
        AlertingRule(
            "batch_success",
            rules["batch_success"].severity,
            rules["batch_success"].for_.value,
            f"bigbrother_batch_success_ratio {_fails(success)} and on (job, instance) "
            "sum by (job, instance) (bigbrother_batch_results)"
            f" >= {runbook.watching.least_events}",
            text(language, "batch_success", limit=str(success), window=str(window)),
            Proof(
                {
                    series("bigbrother_batch_success_ratio", FACE_JOB): always(0.5),
                    series("bigbrother_batch_results", FACE_JOB, 'state="failed"'): always(
                        runbook.watching.least_events
                    ),
                },
                _HALF,
            ),
            job=FACE_JOB,
        ),
    )


def _fails(threshold: Threshold) -> str:
    return f"{_FAILS[threshold.comparison]} {threshold.bound.value:g}"
