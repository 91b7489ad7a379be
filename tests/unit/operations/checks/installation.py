"""One installation made of fakes, and pages of metrics as the face analyzer writes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bigbrother.operations.checks.counters import Counters
from bigbrother.operations.checks.metric_page import MetricPage, read_page
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.runner import run_checks
from bigbrother.operations.checks.scrapes import Scraped, scraped_now
from bigbrother.operations.store.store import Store
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.telemetry.face_metrics import FaceMetrics
from tests.fakes.clock import FakeClock
from tests.fakes.face_service import FakeFaceService
from tests.fakes.host import FakeHost
from tests.fakes.service_manager import FakeServiceManager

RUNBOOK = load_runbook()


@dataclass
class Numbers:
    """What the face unit knows of batches."""

    queue_items: dict[str, int] = field(default_factory=dict)
    oldest_waiting_seconds: float = 0
    results: dict[str, int] = field(default_factory=dict)
    success_ratio: float | None = None
    workers: int = 1


def page_text(
    seconds: Sequence[float] = (),
    *,
    failed: int = 0,
    inference: Sequence[float] = (),
    batches: Numbers | None = None,
) -> bytes:
    """The page after so many requests with a single face, written by the service's own code."""
    metrics = FaceMetrics(RUNBOOK)
    for one in seconds:
        metrics.requests.labels("POST", "/v1/analyze", "2xx").inc()
        metrics.request_seconds.labels("/v1/analyze", "single-face").observe(one)
    for _ in range(failed):
        metrics.requests.labels("POST", "/v1/analyze", "5xx").inc()
    for one in inference:
        metrics.inference_seconds.labels("total", "single-face").observe(one)
    # What the watcher asks itself is no request of anybody's.
    metrics.requests.labels("GET", "/readyz", "5xx").inc(1000)
    metrics.request_seconds.labels("/readyz", "none").observe(30)
    metrics.batches(batches)
    return metrics.text()


def page(text: bytes) -> MetricPage:
    """The page as the watcher reads it."""
    return read_page(text, largest_bytes=4_000_000, most_samples=20_000)


@dataclass
class Installation:
    """Everything that checks look at."""

    home: Path
    runbook: Runbook = RUNBOOK
    clock: FakeClock = field(default_factory=FakeClock)
    host: FakeHost = field(default_factory=FakeHost)
    manager: FakeServiceManager = field(default_factory=FakeServiceManager)
    face: FakeFaceService = field(default_factory=lambda: FakeFaceService.healthy(page_text()))
    dsn: str = "host=/nowhere dbname=nothing connect_timeout=2"
    before: Counters | None = None

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, runtime=self.home / "run")

    def serve(self, text: bytes) -> None:
        """What /metrics answers from now on."""
        self.face = FakeFaceService.healthy(text)

    def remember(self, text: bytes) -> None:
        """A page of `watching.over` ago."""
        at = self.clock.at - timedelta(seconds=self.runbook.watching.over.value)
        self.before = Counters.of(page(text), at)

    def observed(self) -> Observed:
        found = scraped_now(self.face, self.runbook, self.clock.now(), None)
        if self.before is not None and found.now is not None:
            found = Scraped(found.now, self.before)
        return Observed(
            runbook=self.runbook,
            settings=self.settings,
            clock=self.clock,
            host=self.host,
            face=self.face,
            manager=self.manager,
            scraped=found,
            dsn=self.dsn,
        )

    def check(self, *names: str) -> tuple[Result, ...]:
        """Runs checks."""
        return run_checks(names, self.observed())

    def one(self, name: str) -> Result:
        """Runs a check that finds one thing."""
        (result,) = self.check(name)
        return result

    def store(self) -> Store:
        """A watcher's file."""
        self.settings.ops.mkdir(parents=True, exist_ok=True)
        return Store(self.settings.ops_store)


def changed(figures: dict[str, object]) -> Runbook:
    """The default document with some of its figures, by dotted name, changed."""
    import yaml  # noqa: PLC0415

    from bigbrother.runbook.load import default_text  # noqa: PLC0415

    tree = yaml.safe_load(default_text())
    for name, value in figures.items():
        *above, last = name.split(".")
        place = tree
        for key in above:
            place = place[key]
        place[last] = value
    return Runbook.model_validate(tree)
