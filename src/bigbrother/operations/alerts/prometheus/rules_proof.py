"""The file with which promtool proves the rules: each alert fires when it must and only then."""

from typing import Any

from bigbrother.operations.alerts.prometheus import expressions as names
from bigbrother.operations.alerts.prometheus.alerting_rule import INSTANCE, AlertingRule
from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.operations.alerts.prometheus.proof_series import always, growing, series
from bigbrother.operations.alerts.prometheus.rendered import RenderedFile
from bigbrother.operations.alerts.prometheus.rules import RULES_FILE, groups
from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.face_metrics import histogram_bounds

RULES_TEST_FILE = "bigbrother_rules_test.yml"


def rules_test_file(runbook: Runbook) -> RenderedFile:
    """`promtool test rules` reads it; Prometheus itself does not."""
    scrape_seconds = runbook.watching.scrape_every.value
    made = [rule for _, rules in groups(runbook).values() for rule in rules]
    # By then the window of every rate is full, and each rule has stood for its time.
    end_seconds = (
        runbook.watching.over.value
        + max(rule.for_seconds for rule in made)
        + 2 * max(interval_seconds for interval_seconds, _ in groups(runbook).values())
    )
    tests = [_fires(rule, scrape_seconds, end_seconds) for rule in made]
    tests.append(_stays_quiet(runbook, made, scrape_seconds, end_seconds))
    return RenderedFile(
        RULES_TEST_FILE,
        "prometheus",
        {
            "rule_files": [RULES_FILE],
            "evaluation_interval": prometheus_duration(scrape_seconds),
            "tests": tests,
        },
        (f"Prove the rules: promtool test rules {RULES_TEST_FILE}",),
    )


def _fires(rule: AlertingRule, scrape_seconds: float, end_seconds: float) -> dict[str, Any]:
    told = rule.content()["annotations"]
    return {
        "name": f"{rule.alert} fires as {rule.severity}",
        "interval": prometheus_duration(scrape_seconds),
        "input_series": [
            {"series": name, "values": values} for name, values in rule.proof.series.items()
        ],
        "alert_rule_test": [
            {
                "eval_time": prometheus_duration(end_seconds),
                "alertname": rule.alert,
                "exp_alerts": [
                    {
                        "exp_labels": {
                            **rule.expected_labels(),
                            "job": rule.job,
                            "instance": INSTANCE,
                        },
                        "exp_annotations": {
                            name: _valued(text, rule.proof.value) for name, text in told.items()
                        },
                    }
                ],
            }
        ],
    }


def _valued(text: str, value: str) -> str:
    before, opening, rest = text.partition("{{")
    return before + value + rest.partition("}}")[2] if opening else text


def _stays_quiet(
    runbook: Runbook, rules: list[AlertingRule], scrape_seconds: float, end_seconds: float
) -> dict[str, Any]:
    events = runbook.watching.least_events
    good = {
        series("up", names.FACE_JOB): always(1),
        series("up", names.OPS_JOB): always(1),
        series("bigbrother_model_info", names.FACE_JOB, 'name="a"'): always(1),
        series("bigbrother_batch_workers", names.FACE_JOB): always(1),
        series("bigbrother_batch_queue_items", names.FACE_JOB, 'priority="low"'): always(0),
        series("bigbrother_batch_success_ratio", names.FACE_JOB): always(1),
        series("bigbrother_batch_results", names.FACE_JOB, 'state="succeeded"'): always(events),
        series("bigbrother_waiting_requests", names.FACE_JOB): always(0),
        series("bigbrother_ops_alive", names.OPS_JOB): always(1),
        series("bigbrother_ops_degraded", names.OPS_JOB): always(0),
        series(names.ANSWERS, names.FACE_JOB, 'route="/v1/verify",status_class="2xx"'): growing(
            events
        ),
        # Whoever asks for its health while it stops is no caller that it failed.
        series(names.ANSWERS, names.FACE_JOB, 'route="/readyz",status_class="5xx"'): growing(
            events
        ),
    }
    for histogram, wanted in (
        (names.REQUESTS, names.REQUESTS_WANTED),
        (names.INFERENCES, names.INFERENCES_WANTED),
    ):
        for bound in histogram_bounds(runbook):
            bucket = f'{wanted},le="{names.bound_label(bound)}"'
            good[series(f"{histogram}_bucket", names.FACE_JOB, bucket)] = growing(events)
        good[series(f"{histogram}_count", names.FACE_JOB, wanted)] = growing(events)
    return {
        "name": "a good hour is quiet",
        "interval": prometheus_duration(scrape_seconds),
        "input_series": [{"series": name, "values": values} for name, values in good.items()],
        "alert_rule_test": [
            {
                "eval_time": prometheus_duration(end_seconds),
                "alertname": alert,
                "exp_alerts": [],
            }
            for alert in dict.fromkeys(rule.alert for rule in rules)
        ],
    }
