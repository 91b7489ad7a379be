"""An alert of the document as Prometheus computes it, with a proof that it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.runbook.sections.alerting import Severity

INSTANCE = "example"


@dataclass(frozen=True, slots=True)
class Proof:
    """Series of a made-up hour in which the alert must fire, for `promtool test rules`."""

    series: Mapping[str, str]
    """Values as promtool writes them (`0+20x240`) by name and labels; a step a scrape."""
    value: str = ""
    """What then stands where the description tells `$value`."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a person is told of an alert; `description` may hold a template of Prometheus."""

    summary: str
    description: str
    remedy: str


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """One alert at one severity. Names and severities are the document's own."""

    alert: str
    severity: Severity
    for_seconds: float
    expression: str
    text: Text
    proof: Proof
    labels: Mapping[str, str] = field(default_factory=dict)
    job: str = ""
    """The job whose series it is computed from."""

    def content(self) -> dict[str, Any]:
        """The rule as its file says it."""
        return {
            "alert": self.alert,
            "expr": self.expression,
            "for": prometheus_duration(self.for_seconds),
            "labels": self.expected_labels(),
            "annotations": {
                "summary": self.text.summary,
                "description": self.text.description,
                "remedy": self.text.remedy,
            },
        }

    def expected_labels(self) -> dict[str, str]:
        """What the rule adds to the labels of its series."""
        return {"severity": self.severity, **self.labels}
