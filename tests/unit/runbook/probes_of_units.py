"""What systemd is told of the units, and when a worker no longer counts as alive."""

from pathlib import Path

from bigbrother.face.batch.worker import Worker
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings
from bigbrother.wiring.systemd import systemd_unit_files
from tests.fakes.clock import FakeClock
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.probes_of_batches import worker_services


def files(runbook: Runbook) -> object:
    settings = Settings(home=Path("/srv/bigbrother"), runtime=Path("/run/bigbrother"))
    return [file.text for file in systemd_unit_files(settings, runbook, {})]


def patience_with_an_image(runbook: Runbook) -> object:
    """For how long a worker that is at one image counts as alive."""
    services = worker_services(runbook)
    clock = FakeClock()
    services.clock = services.in_engine._clock = clock
    worker = Worker(services)
    worker._hands.has_signed_on = True
    services.in_engine._since_seconds[0] = clock.monotonic_seconds()
    for seconds in range(100_000):
        worker._heart_seconds = clock.monotonic_seconds()
        if not worker.lives():
            return seconds
        clock.forward(1)
    return None


UNITS: tuple[Probe, ...] = (
    Probe(("service_management.*", "units.*"), files),
    Probe(("batch.image_within",), patience_with_an_image),
)
