"""The file of rules: recording rules for charts, then the document's alerts."""

from typing import Any

from bigbrother.operations.alerts.prometheus import alerting
from bigbrother.operations.alerts.prometheus import expressions as names
from bigbrother.operations.alerts.prometheus.alerting_rule import AlertingRule
from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.operations.alerts.prometheus.expressions import Expressions
from bigbrother.operations.alerts.prometheus.rendered import RenderedFile
from bigbrother.runbook.model import Runbook

RULES_FILE = "bigbrother_rules.yml"


def groups(runbook: Runbook) -> dict[str, tuple[float, tuple[AlertingRule, ...]]]:
    """Alerts by group, with the seconds between two looks: section 2.2's own intervals."""
    tasks, scrape = runbook.monitoring_tasks.application, runbook.watching.scrape_every.value
    return {
        "bigbrother-units": (scrape, alerting.unit_rules(runbook)),
        "bigbrother-endpoints": (tasks.endpoints.interval.value, alerting.endpoint_rules(runbook)),
        "bigbrother-errors": (tasks.errors.interval.value, alerting.error_rules(runbook)),
        "bigbrother-daily": (scrape, alerting.daily_rules(runbook)),
    }


def rules_file(runbook: Runbook) -> RenderedFile:
    """Prometheus reads it by `rule_files`."""
    rendered = [
        {
            "name": "bigbrother-rates",
            "interval": prometheus_duration(runbook.watching.scrape_every.value),
            "rules": _recording(runbook),
        }
    ]
    computed = set()
    for name, (interval_seconds, rules) in groups(runbook).items():
        computed |= {rule.alert for rule in rules}
        rendered.append(
            {
                "name": name,
                "interval": prometheus_duration(interval_seconds),
                "rules": [rule.content() for rule in rules],
            }
        )
    left = ", ".join(name for name in runbook.alerts.rules if name not in computed)
    return RenderedFile(
        RULES_FILE,
        "prometheus",
        {"groups": rendered},
        (
            f"Check: promtool check rules {RULES_FILE}",
            f"Alerts that stand in no metric, and that only the watcher sees: {left}.",
        ),
    )


def _recording(runbook: Runbook) -> list[dict[str, Any]]:
    words = Expressions(runbook)
    over = words.window
    recorded = {
        f"bigbrother:http_requests:rate{over}": words.rate(names.ANSWERS, names.ASKED),
        f"bigbrother:http_errors:ratio_rate{over}": words.error_ratio(),
        f"bigbrother:http_request_duration_seconds:p95_{over}": words.percentile(
            names.REQUESTS, names.REQUESTS_WANTED
        ),
        f"bigbrother:inference_duration_seconds:p95_{over}": words.percentile(
            names.INFERENCES, names.INFERENCES_WANTED
        ),
        f"bigbrother:images:rate{over}": words.rate("bigbrother_images_total"),
        f"bigbrother:faces:rate{over}": words.rate("bigbrother_faces_total"),
        "bigbrother:queue:sum": names.queue(),
    }
    return [{"record": name, "expr": expression} for name, expression in recorded.items()]
