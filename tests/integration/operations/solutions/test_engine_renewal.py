"""Clean GPU memory: new sessions beside the old ones, and no request fails."""

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.operations.procedures.outcome import StepFailed
from tests.integration.operations.solutions.place import Place
from tests.waiting import until

PATH = "/v1/admin/engine/renew"


def renewals(here: Place) -> float:
    found = here.face.metrics.registry.get_sample_value("bigbrother_engine_renewals_total")
    return found or 0.0


def test_no_request_fails_while_the_sessions_are_made_anew(here: Place, photo: bytes) -> None:
    client, stop = here.client(), threading.Event()
    answers: list[httpx.Response] = []

    def ask() -> None:
        while not stop.is_set():
            answers.append(client.post("/v1/analyze", files=[("image", photo)]))

    before = renewals(here)
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(ask) for _ in range(2)]
        until(lambda: len(answers) >= 2)
        done = here.run("clean GPU memory")
        asked = len(answers)
        until(lambda: len(answers) >= asked + 2)
        stop.set()
        for each in running:
            each.result()
    assert {answer.status_code for answer in answers} == {200}
    assert renewals(here) == before + 1
    assert done["renew_engine"].data["memory_bytes_after"]
    assert done["measure_effect"].data["before"]


def test_the_old_sessions_are_gone_and_the_new_ones_see_the_same(here: Place, photo: bytes) -> None:
    analyzer = here.face.analyzer
    old = weakref.ref(analyzer._networks.embedder)
    known = analyzer.analyze(photo).faces[0].embedding
    assert here.client().post(PATH).status_code == 200
    gc.collect()
    assert old() is None
    found = analyzer.analyze(photo).faces[0].embedding
    assert known is not None
    assert found is not None
    assert float(np.dot(known, found)) > 0.9999


def test_sessions_that_see_something_else_are_not_taken(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyzer = here.face.analyzer
    old = analyzer._networks
    real = Analyzer._open(analyzer)

    class Blind:
        """Finds nobody."""

        embedder = real.embedder

        class detector:  # noqa: N801 - stands for an instance
            """Sees no face at all."""

            @staticmethod
            def detect(*_: object) -> object:
                return real.detector.detect(np.zeros((64, 64, 3), np.uint8))

    monkeypatch.setattr(analyzer, "_open", lambda: Blind)
    refused = here.client().post(PATH)
    assert refused.status_code == 503
    assert refused.json()["type"].endswith("engine-not-renewed")
    assert analyzer._networks is old
    with pytest.raises(StepFailed, match="not renewed: The networks, opened anew, do not see"):
        here.do("renew_engine", "run-1", {})


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_only_an_administrator_may(here: Place, role: str) -> None:
    client = here.service.client(role)  # type: ignore[arg-type]
    assert client.post(PATH).status_code == 403
