"""Section 2.1: the daily checks."""

from typing import Literal

from bigbrother.runbook.figures import (
    CountThreshold,
    Duration,
    DurationThreshold,
    RatioThreshold,
    TimeOfDay,
    TimeZone,
)
from bigbrother.runbook.section import Count, Section


class SystemChecks(Section):
    """Section 2.1, the machine."""

    cpu_usage: RatioThreshold
    memory_usage: RatioThreshold
    disk_space: RatioThreshold
    gpu_usage: RatioThreshold


class ApplicationChecks(Section):
    """Section 2.1, the application's own checks."""

    services_status: Literal["all green"]
    error_rate: RatioThreshold
    response_time: DurationThreshold
    queue_size: CountThreshold


class MlChecks(Section):
    """Section 2.1, the checks of the models."""

    model_accuracy: RatioThreshold
    inference_time: DurationThreshold
    batch_success: RatioThreshold


class DailyChecks(Section):
    """Section 2.1."""

    system: SystemChecks
    application: ApplicationChecks
    ml: MlChecks
    at: TimeOfDay
    time_zone: TimeZone
    least_genuine_pairs: Count
    least_impostor_pairs: Count
    most_pairs: Count
    labelled_folder: str
    accuracy_within: Duration
    trend_runs: Count
