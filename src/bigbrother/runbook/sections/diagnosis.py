"""Section 3.2, what a look of a diagnosis passes with, and how it is taken. Not in the source."""

from pydantic import model_validator

from bigbrother.runbook.figures import (
    CountThreshold,
    Duration,
    DurationThreshold,
    RatioThreshold,
    SizeThreshold,
    Threshold,
)
from bigbrother.runbook.section import Count, Section


class _Bounds(Section):
    """Beyond `warning` a look warns, beyond `failure` it fails."""

    @model_validator(mode="after")
    def _the_stricter_warns(self) -> "_Bounds":
        warning: Threshold = getattr(self, "warning")  # noqa: B009 - declared by each kind
        failure: Threshold = getattr(self, "failure")  # noqa: B009
        if warning.comparison != failure.comparison:
            raise ValueError(f"{warning} and {failure} look to different sides.")
        if not failure.passes(warning.bound.value) and warning.bound.value != failure.bound.value:
            raise ValueError(f"the warning {warning} is less strict than the failure {failure}.")
        return self


class DurationBounds(_Bounds):
    """Of a time."""

    warning: DurationThreshold
    failure: DurationThreshold


class RatioBounds(_Bounds):
    """Of a share."""

    warning: RatioThreshold
    failure: RatioThreshold


class CountBounds(_Bounds):
    """Of a number of things."""

    warning: CountThreshold
    failure: CountThreshold


class SizeBounds(_Bounds):
    """Of bytes."""

    warning: SizeThreshold
    failure: SizeThreshold


Bounds = DurationBounds | RatioBounds | CountBounds | SizeBounds


class DiagnosisLimits(Section):
    """What the looks of a diagnosis pass with, beside the daily checks' own figures."""

    latency: DurationBounds
    loss: RatioBounds
    jitter: DurationBounds
    dns: DurationBounds
    stranger_cpu: RatioBounds
    stranger_memory: RatioBounds
    pressure: RatioBounds
    open_files: RatioBounds
    inodes: RatioBounds
    oom_kills: CountBounds
    clock_skew: DurationBounds
    certificate: DurationBounds
    log_errors: CountBounds
    database_answer: DurationBounds
    connections: RatioBounds
    lock_wait: DurationBounds
    statement: DurationBounds
    archive_lag: SizeBounds
    dead_rows: RatioBounds
    cache_hits: RatioBounds
    transaction_age: RatioBounds
    disk_full_in: DurationBounds
    queue_age: DurationBounds


class DiagnosisLooks(Section):
    """How looks are taken."""

    try_within: Duration
    statement_within: Duration
    busy_for: Duration
    lately: Duration
    growth_over: Duration
    named: Count
    least_rows: Count
    least_reads: Count
    bundle_over: Duration
    bundle_entries: Count
