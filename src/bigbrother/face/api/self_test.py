"""Does the service do its work? Finds out by doing it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np

from bigbrother.face.api.schemas.service import CheckBody
from bigbrother.face.api.services import FaceServices
from bigbrother.face.api.single_flight import SingleFlight
from bigbrother.face.engine.types import AnalyzeOptions, Embedding
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.samples import sample_photo


class SelfTest:
    """Checks the model with a real inference on the sample photo, and the database with a query.

    Both are single-flight, and repeated for `health.cached_for`.
    """

    def __init__(self, services: FaceServices) -> None:
        """Analyses the sample photo once, which also warms the engine up."""
        self._services = services
        self._photo = sample_photo()
        self._known = self._only_embedding()
        # A thread of its own: a full queue does not make a healthy service look ill.
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="self-test")
        self.model = SingleFlight(services.clock, self._kept_for, self._check_model)
        self.database = SingleFlight(services.clock, self._kept_for, self._check_database)

    def _kept_for(self) -> timedelta:
        return self._services.runbook.health.cached_for.duration

    async def _check_model(self) -> CheckBody:
        manifest, figures = self._services.manifest, self._services.runbook.health
        started_seconds = self._services.clock.monotonic_seconds()
        try:
            async with asyncio.timeout(figures.answer_within.value):
                embedding = await asyncio.get_running_loop().run_in_executor(
                    self._executor, self._only_embedding
                )
        except TimeoutError:
            return self._failed(f"no answer within {figures.answer_within}")
        except BigBrotherError as error:
            return self._failed(error.detail)
        seconds = self._services.clock.monotonic_seconds() - started_seconds
        similarity = float(embedding @ self._known)
        # `not >=` so that a similarity that is not a number fails too.
        if not similarity >= figures.sample_similarity:
            return self._failed(f"the sample photo's face is alike to itself by {similarity:.3f}")
        return CheckBody.model_validate(
            {
                "status": "passed",
                "name": manifest.name,
                "version": manifest.version,
                "seconds": round(seconds, 4),
                "similarity": round(similarity, 6),
            }
        )

    async def _check_database(self) -> CheckBody:
        figures = self._services.runbook.health
        try:
            async with asyncio.timeout(figures.answer_within.value):
                await asyncio.get_running_loop().run_in_executor(
                    None,
                    self._services.database.transaction,
                    lambda conn: (conn.execute("SELECT 1"), self._services.model(conn)),
                )
        except TimeoutError:
            return self._failed(f"no answer within {figures.answer_within}")
        except BigBrotherError as error:
            return self._failed(error.detail)
        return CheckBody(status="passed")

    def _only_embedding(self) -> Embedding:
        analysis = self._services.analyzer.analyze(self._photo, AnalyzeOptions(embeddings=True))
        embeddings = [face.embedding for face in analysis.faces]
        if len(embeddings) != 1 or embeddings[0] is None:
            raise SampleNotRecognised(
                f"The sample photo shows one face; the model finds {len(embeddings)}.",
                remedy="Check the pack with 'bigbrother models verify'.",
            )
        return np.asarray(embeddings[0])

    @staticmethod
    def _failed(detail: str) -> CheckBody:
        return CheckBody(status="failed", detail=detail)


class SampleNotRecognised(BigBrotherError):
    """The model does not find what is known to be in the sample photo."""

    code = "sample-not-recognised"
    title = "The model does not recognise the sample photo"
