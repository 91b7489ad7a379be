"""As many images at once as there are cores and memory, or one image and nothing beside it."""

import threading

import pytest

from bigbrother.face.batch.cores import Cores
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from tests.waiting import until

OPTIONS = AnalyzeOptions()


class Gauge(Analyzer):
    """An analyzer that holds each image until it is let go, and remembers how many it held."""

    def __init__(self, image_bytes: int) -> None:
        self.image_bytes = image_bytes
        self.lock = threading.Lock()
        self.inside = 0
        self.most = 0
        self.let_go = threading.Semaphore(0)

    def decoded_bytes(self, data: bytes) -> int:
        return self.image_bytes - len(data)

    def analyze(
        self,
        data: bytes,  # noqa: ARG002 - the analyzer's own signature
        options: AnalyzeOptions = OPTIONS,  # noqa: ARG002
    ) -> ImageAnalysis:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.let_go.acquire()
        with self.lock:
            self.inside -= 1
        return ImageAnalysis(1, 1, (), 0, 0, 0, 0)


def begin(cores: Cores, images: int) -> list[threading.Thread]:
    begun = [
        threading.Thread(target=lambda: cores.analyze(b"x", OPTIONS), daemon=True)
        for _ in range(images)
    ]
    for thread in begun:
        thread.start()
    return begun


@pytest.mark.parametrize(
    ("memory_bytes", "at_once"), [(1000, 3), (250, 2), (10, 1)], ids=["cores", "memory", "large"]
)
def test_no_more_images_at_once_than_cores_and_memory_allow(
    memory_bytes: int, at_once: int
) -> None:
    gauge = Gauge(image_bytes=100)
    begun = begin(Cores(gauge, 3, memory_bytes), 6)
    until(lambda: gauge.inside == at_once)
    for _ in begun:
        gauge.let_go.release()
    for thread in begun:
        thread.join(5)
    assert gauge.most == at_once
    assert gauge.inside == 0


def test_who_is_alone_has_nobody_beside_and_is_not_kept_waiting_for_ever() -> None:
    gauge = Gauge(image_bytes=1)
    cores = Cores(gauge, 2, 1000)
    begun = begin(cores, 2)
    until(lambda: gauge.inside == 2)
    seen: list[int] = []
    entered = threading.Event()
    leave = threading.Event()

    def suspicious() -> None:
        with cores.alone():
            seen.append(gauge.inside)
            entered.set()
            leave.wait(5)
            seen.append(gauge.inside)

    alone = threading.Thread(target=suspicious, daemon=True)
    alone.start()
    begun += begin(cores, 3)
    gauge.let_go.release(2)
    assert entered.wait(5)
    leave.set()
    alone.join(5)
    assert seen == [0, 0]
    gauge.let_go.release(3)
    for thread in begun:
        thread.join(5)
    assert gauge.inside == 0
