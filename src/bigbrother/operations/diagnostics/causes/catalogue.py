"""Every cause. One explains away only what comes after it, so that no circle can arise."""

from bigbrother.operations.diagnostics.causes import (
    certificate_expiring,
    clock_skew,
    corrupt_model,
    database_down,
    disk_full,
    high_latency,
    memory_exhausted,
    model_degradation,
    poison_batch,
    port_taken,
    queue_stuck,
    service_down,
)
from bigbrother.operations.diagnostics.causes.suspect import Suspect

SUSPECTS: tuple[Suspect, ...] = (
    clock_skew.SUSPECT,
    disk_full.SUSPECT,
    memory_exhausted.SUSPECT,
    corrupt_model.SUSPECT,
    port_taken.SUSPECT,
    certificate_expiring.SUSPECT,
    database_down.SUSPECT,
    poison_batch.SUSPECT,
    service_down.SUSPECT,
    queue_stuck.SUSPECT,
    model_degradation.SUSPECT,
    high_latency.SUSPECT,
)
