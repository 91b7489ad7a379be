"""Section 2.2: what is watched, and how the watcher looks."""

from typing import Literal

from pydantic import model_validator

from bigbrother.runbook.figures import Duration, Ratio, Size
from bigbrother.runbook.section import Count, Section


class Task(Section):
    """One thing that is looked at again and again."""

    interval: Duration


class ResourcesTask(Task):
    """Section 2.2, the machine's processors, memory and disks."""

    alert_threshold: Ratio


class ServicesTask(Task):
    """Section 2.2, the units."""

    alert_threshold: Literal["any_down"]


class EndpointsTask(Task):
    """Section 2.2, how fast the face analyzer answers."""

    alert_threshold: Duration


class ErrorsTask(Task):
    """Section 2.2, how often the face analyzer fails."""

    alert_threshold: Ratio


class SystemTasks(Section):
    """Section 2.2, what is watched of the machine."""

    resources: ResourcesTask
    services: ServicesTask


class ApplicationTasks(Section):
    """Section 2.2, what is watched of the application."""

    endpoints: EndpointsTask
    errors: ErrorsTask


class MonitoringTasks(Section):
    """Section 2.2."""

    system: SystemTasks
    application: ApplicationTasks


class Alive(Section):
    """How a unit that lives is asked whether it answers."""

    every: Duration
    within: Duration
    misses: Count


class Watching(Section):
    """How the watcher looks."""

    scrape_every: Duration
    largest_metric_page: Size
    most_metric_samples: Count
    look_within: Duration
    over: Duration
    least_events: Count
    alive: Alive
    fresh_line_every: Duration
    healing_every: Duration
    heals: Count
    heals_within: Duration
    late_by: Duration
    task_within: Duration
    long_task_within: Duration
    upkeep_every: Duration

    @model_validator(mode="after")
    def _figures_agree(self) -> "Watching":
        if self.over.value < 2 * self.scrape_every.value:
            raise ValueError(
                f"over ({self.over}) is less than two times scrape_every ({self.scrape_every}): "
                "there would be nothing to compare."
            )
        return self
