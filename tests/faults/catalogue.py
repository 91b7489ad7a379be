"""Every fault, by its issue."""

from collections.abc import Mapping

from tests.faults import (
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
from tests.faults.fault import Inject

FAULTS: Mapping[str, Inject] = {
    "high_latency": high_latency.inject,
    "model_degradation": model_degradation.inject,
    "database_down": database_down.inject,
    "disk_full": disk_full.inject,
    "queue_stuck": queue_stuck.inject,
    "corrupt_model": corrupt_model.inject,
    "certificate_expiring": certificate_expiring.inject,
    "clock_skew": clock_skew.inject,
    "memory_exhausted": memory_exhausted.inject,
    "port_taken": port_taken.inject,
    "poison_batch": poison_batch.inject,
    "service_down": service_down.inject,
}
