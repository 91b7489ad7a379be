"""A worker's process for tests: the real one, with an analyzer that can be made to die or fail.

Its only argument is JSON: `dsn`, `overlay`, `threads`; `kills`: at an image with this SHA-256 the
process kills itself; `pause_seconds`: each image takes so much longer.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from bigbrother.adapters.clock import SystemClock
from bigbrother.entrypoints.worker import run
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.runbook.load import load_runbook
from bigbrother.telemetry.logs import configure_logs
from tests.integration.batch.workers import worker_services

_DEFAULT = AnalyzeOptions()


class DeadlyAnalyzer(Analyzer):
    """The real analyzer, and what the test adds."""

    kills: str | None = None
    pause_seconds = 0.0

    def analyze(self, data: bytes, options: AnalyzeOptions = _DEFAULT) -> ImageAnalysis:
        """Kills the process at the image that the test named."""
        if hashlib.sha256(data).hexdigest() == self.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.pause_seconds)
        return super().analyze(data, options)


def services_of(given: dict[str, object]) -> WorkerServices:
    """The worker's services with the deadly analyzer."""
    services = worker_services(
        str(given["dsn"]),
        load_runbook(Path(str(given["overlay"]))),
        threads=int(str(given.get("threads", 1))),
    )
    services.analyzer.__class__ = DeadlyAnalyzer
    if "kills" in given:
        services.analyzer.kills = str(given["kills"])  # type: ignore[attr-defined]
    services.analyzer.pause_seconds = float(str(given.get("pause_seconds", 0)))  # type: ignore[attr-defined]
    return services


if __name__ == "__main__":
    configure_logs("bigbrother-worker", SystemClock())
    run(services_of(json.loads(sys.argv[1])), None)
