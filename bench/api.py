"""Single-face requests through HTTP on loopback, against the engine alone in the same run.

Starts a private installation. The ratio is what HTTP, tokens, forms and the queue add to
`Analyzer.analyze` of the same photo with the same number of threads.
"""

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import httpx

from bench.installation import running_installation
from bench.report import Result, Row
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, EngineLimits
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import PackStore
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import Settings

_CLIENTS = (1, 2)
_WARM_UP = 5
_OPTIONS = AnalyzeOptions(embeddings=True)


@dataclass(frozen=True)
class Timing:
    """Of one way to have the photo analysed."""

    p50_ms: float
    p95_ms: float
    each_second: float


def timed(clients: int, rounds: int, call: Callable[[], object]) -> Timing:
    """Calls from several threads at once, each `rounds` times."""

    def work(_client: int) -> list[float]:
        taken = []
        for _ in range(rounds):
            started = perf_counter()
            call()
            taken.append((perf_counter() - started) * 1000)
        return taken

    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(lambda _: call(), range(_WARM_UP)))
        started = perf_counter()
        taken = [one for each in threads.map(work, range(clients)) for one in each]
        seconds = perf_counter() - started
    return Timing(
        statistics.median(taken),
        statistics.quantiles(taken, n=20)[18],
        len(taken) / seconds,
    )


def raw_engine() -> Callable[[], object]:
    """The engine without anything around it."""
    settings = Settings(home=Path(), runtime=Path())
    analyzer = Analyzer(
        PackStore(settings.models).load(settings.pack),
        EngineLimits.of(load_runbook().limits),
    )
    photo = sample_photo()
    return lambda: analyzer.analyze(photo, _OPTIONS)


def over_http(client: httpx.Client) -> Callable[[], object]:
    """The same work asked for through the API."""
    photo = sample_photo()

    def call() -> object:
        answer = client.post("/v1/analyze", files={"image": photo}, data={"embeddings": "true"})
        return answer.raise_for_status()

    return call


def measure(rounds: int = 100) -> Iterator[Result]:
    """A row for each number of clients."""
    engine = raw_engine()
    target = load_runbook().daily_checks.application.response_time
    with (
        running_installation() as installation,
        httpx.Client(
            base_url=installation.url,
            headers={"Authorization": f"Bearer {installation.token}"},
            trust_env=False,
        ) as client,
    ):
        call = over_http(client)
        for clients in _CLIENTS:
            raw = timed(clients, rounds, engine)
            http = timed(clients, rounds, call)
            yield Row(
                f"single-face request over HTTP, {clients} client(s)",
                f"p50 {http.p50_ms:.0f} ms, p95 {http.p95_ms:.0f} ms, {http.each_second:.0f}/s",
                f"engine p50 {raw.p50_ms:.0f} ms, {raw.each_second:.0f}/s",
                f"{http.p50_ms / raw.p50_ms:.2f}",
                f"p95 {target}",
                target.passes(http.p95_ms / 1000),
            )
