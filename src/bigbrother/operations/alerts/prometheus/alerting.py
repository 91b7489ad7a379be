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
from bigbrother.operations.checks.limits import limits
from bigbrother.operations.checks.percentile import SHARE
from bigbrother.runbook.figures import Threshold
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Severity

_WORKER = "bigbrother-worker"
_FAILS = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_HALF = "50%"
_ROUTE = 'route="/v1/verify"'


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
    failing = runbook.alerts.rules["watcher_failing"]
    rules += [
        AlertingRule(
            "watcher_failing",
            failing.severity,
            failing.for_.value,
            expression,
            text(language, f"watcher_{part}"),
            Proof({series(metric, OPS_JOB): always(value)}),
            {"part": part},
            job=OPS_JOB,
        )
        for part, metric, value, expression in (
            ("loop", "bigbrother_ops_alive", 0, "bigbrother_ops_alive == 0"),
            ("store", "bigbrother_ops_degraded", 1, "bigbrother_ops_degraded == 1"),
        )
    ]
    return tuple(rules)


def endpoint_rules(runbook: Runbook) -> tuple[AlertingRule, ...]:
    """Sections 2.1 and 2.2 on response time: the stricter figure warns, the looser pages."""
    words = Expressions(runbook)
    rule = runbook.alerts.rules["endpoint_slow"]
    bounds = limits(
        runbook.daily_checks.application.response_time,
        runbook.monitoring_tasks.application.endpoints.alert_threshold,
    )
    events = runbook.watching.least_events
    enough = words.enough(names.REQUESTS + "_count", names.REQUESTS_WANTED)

    def within(limit: Threshold) -> str:
        return f"({words.share_within(names.REQUESTS, names.REQUESTS_WANTED, limit.bound.value)})"

    def made(severity: Severity, limit: Threshold, expression: str) -> AlertingRule:
        shares = {bounds.failure.bound.value: 1.0, limit.bound.value: 0.5}
        return AlertingRule(
            "endpoint_slow",
            severity,
            rule.for_.value,
            expression,
            text(
                runbook.alert_config.language,
                "endpoint_slow",
                limit=str(limit.bound),
                share=f"{SHARE:.0%}",
            ),
            Proof(times(events, names.REQUESTS, names.REQUESTS_WANTED, shares), _HALF),
            job=FACE_JOB,
        )

    pages = f"{within(bounds.failure)} < {SHARE} and {enough}"
    rules = [made(rule.severity, bounds.failure, pages)]
    if rule.warning is not None and bounds.warning is not None:
        warns = (
            f"{within(bounds.warning)} < {SHARE} and {enough}"
            f" and {within(bounds.failure)} >= {SHARE}"
        )
        rules.append(made(rule.warning, bounds.warning, warns))
    return tuple(rules)


def error_rules(runbook: Runbook) -> tuple[AlertingRule, ...]:
    """Sections 2.1 and 2.2 on errors: the stricter figure warns, the looser pages."""
    words = Expressions(runbook)
    rule = runbook.alerts.rules["error_rate"]
    bounds = limits(
        runbook.daily_checks.application.error_rate,
        runbook.monitoring_tasks.application.errors.alert_threshold,
    )
    ratio, enough = words.error_ratio(), words.enough(names.ANSWERS, names.ASKED)
    failed = runbook.watching.least_events

    def made(severity: Severity, limit: Threshold, expression: str, well: int) -> AlertingRule:
        return AlertingRule(
            "error_rate",
            severity,
            rule.for_.value,
            expression,
            text(
                runbook.alert_config.language, "error_rate", limit=str(limit), window=words.window
            ),
            Proof(
                {
                    series(names.ANSWERS, FACE_JOB, f'{_ROUTE},status_class="2xx"'): growing(well),
                    series(names.ANSWERS, FACE_JOB, f'{_ROUTE},status_class="5xx"'): growing(
                        failed
                    ),
                },
                f"{100 * failed / (failed + well):.4g}%",
            ),
            job=FACE_JOB,
        )

    pages = f"{ratio} {_fails(bounds.failure)} and {enough}"
    rules = [made(rule.severity, bounds.failure, pages, failed)]
    if rule.warning is not None and bounds.warning is not None:
        warns = (
            f"{ratio} {_fails(bounds.warning)} and {enough}"
            f" and {ratio} {bounds.failure.comparison} {bounds.failure.bound.value:g}"
        )
        between = (bounds.warning.bound.value + bounds.failure.bound.value) / 2
        rules.append(made(rule.warning, bounds.warning, warns, round(failed / between) - failed))
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
            f"{names.queue()} {_fails(queue)}",
            text(language, "queue_size", limit=str(queue)),
            Proof(
                {
                    series("bigbrother_batch_queue_items", FACE_JOB, 'priority="low"'): always(
                        full - 1
                    ),
                    series("bigbrother_waiting_requests", FACE_JOB): always(1),
                },
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
            + f") < {SHARE} and {enough}",
            text(language, "inference_time", limit=str(time), share=f"{SHARE:.0%}"),
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
