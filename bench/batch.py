"""A batch of 5,000 images against the bare engine, and requests while a batch runs.

The engine has the same images in memory, as many threads as the machine has cores, and the
workers' niceness; it runs one half of them before the batch and the other half after it, so that
a machine that slows down meanwhile slows both. The batch counts from the moment at which a worker
took its first image until its last result was stored. Images are the labelled photographs beside
the project where they exist, else the sample photo, repeated.
"""

import multiprocessing
import os
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from threading import Event
from time import perf_counter

from bench.installation import RunningInstallation, labelled_photographs, running_installation
from bench.report import Result, Row
from bigbrother.client.face_client import FaceClient
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, EngineLimits
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import PackStore
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import Settings

_IMAGES = 5000
_CHUNKS = (16, 64)
_TARGET_RATIO = 0.9
_REQUESTS_EACH_SECOND = 5
_REQUESTS = 150
_WARM_UP = 20
_OPTIONS = AnalyzeOptions(embeddings=True)


def measure() -> Iterator[Result]:
    """Both measurements on one private installation."""
    images = _images()
    with (
        running_installation() as installation,
        FaceClient(installation.url, installation.token) as client,
    ):
        for chunk in _CHUNKS:
            yield against_the_engine(client, images, chunk)
        yield while_a_batch_runs(installation, client, images)


def against_the_engine(client: FaceClient, images: Sequence[bytes], chunk: int) -> Row:
    """A batch with chunks of this size, between two halves of the engine's own run."""
    half = len(images) // 2
    before = raw_each_second(images[:half])
    batch = batch_each_second(client, images, chunk)
    after = raw_each_second(images[half:])
    raw = len(images) / (half / before + (len(images) - half) / after)
    return Row(
        f"batch of {len(images)} images in chunks of {chunk}, {os.cpu_count()} core(s)",
        f"{batch:.1f}/s",
        f"engine {raw:.1f}/s ({before:.1f} before, {after:.1f} after)",
        f"{batch / raw:.2f}",
        f">= {_TARGET_RATIO:.2f}",
        batch / raw >= _TARGET_RATIO,
    )


def raw_each_second(images: Sequence[bytes]) -> float:
    """Images each second of the engine alone, in a process as nice as a worker."""
    # Anew, so that nothing of this process's threads and connections goes along.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_raw, (images,))


def batch_each_second(client: FaceClient, images: Sequence[bytes], chunk: int) -> float:
    """Images each second of a batch that has the workers for itself."""
    sent = client.batches.submit("analyze", images, embeddings=True, chunk=chunk)
    done = client.batches.wait(sent.id)
    if done.succeeded != len(images) or done.started_at is None or done.finished_at is None:
        raise SystemExit(f"The batch did not succeed: {done}.")
    return len(images) / (done.finished_at - done.started_at).total_seconds()


def while_a_batch_runs(
    installation: RunningInstallation, client: FaceClient, images: Sequence[bytes]
) -> Row:
    """Single-face requests at a steady rate while workers have more to do than they can."""
    sent = client.batches.submit("analyze", images, embeddings=True)
    target = load_runbook().daily_checks.application.response_time
    taken_ms = _at_a_steady_rate(installation)
    still_running = client.batches.get(sent.id).running
    client.batches.cancel(sent.id)
    p95_ms = statistics.quantiles(taken_ms, n=20)[18]
    return Row(
        f"single-face request over HTTP, {_REQUESTS_EACH_SECOND}/s, while a batch runs",
        f"p50 {statistics.median(taken_ms):.0f} ms, p95 {p95_ms:.0f} ms",
        f"{len(taken_ms)} requests, batch {'still running' if still_running else 'ENDED EARLY'}",
        "",
        f"p95 {target}",
        still_running and target.passes(p95_ms / 1000),
    )


def _at_a_steady_rate(installation: RunningInstallation) -> list[float]:
    """Milliseconds of each request; one that is late does not keep the next one waiting."""
    photo = sample_photo()
    pause = Event()
    with (
        FaceClient(installation.url, installation.token) as client,
        ThreadPoolExecutor(_WARM_UP) as threads,
    ):

        def timed() -> float:
            started = perf_counter()
            client.analyze(photo, embeddings=True)
            return (perf_counter() - started) * 1000

        timed()
        begun = perf_counter()
        asked = []
        for number in range(_REQUESTS):
            pause.wait(max(0.0, begun + number / _REQUESTS_EACH_SECOND - perf_counter()))
            asked.append(threads.submit(timed))
        return [one.result() for one in asked]


def _raw(images: Sequence[bytes]) -> float:
    runbook = load_runbook()
    os.nice(runbook.batch.niceness)
    settings = Settings(home=Path(), runtime=Path())
    analyzer = Analyzer(
        PackStore(settings.models).load(settings.pack),
        EngineLimits.of(runbook.limits),
    )
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda image: analyzer.analyze(image, _OPTIONS), images[:_WARM_UP]))
        started = perf_counter()
        for _ in threads.map(lambda image: len(analyzer.analyze(image, _OPTIONS).faces), images):
            pass
        return len(images) / (perf_counter() - started)


def _images() -> list[bytes]:
    folder = labelled_photographs()
    if folder is None:
        return [sample_photo()] * _IMAGES
    files = sorted((folder / "lfw").rglob("*.jpg"))[:_IMAGES]
    return list(islice(cycle([file.read_bytes() for file in files]), _IMAGES))
