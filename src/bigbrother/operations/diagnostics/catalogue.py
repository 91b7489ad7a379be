"""Every look of a diagnosis, in the order of section 3.2. A new one is a module and a line here."""

from collections.abc import Mapping

from bigbrother.operations.checks.catalogue import CATALOGUE as CHECKS
from bigbrother.operations.diagnostics.existing import as_probe, with_counters
from bigbrother.operations.diagnostics.probes.connectivity import (
    dns,
    network_latency,
    port_taken,
    route,
)
from bigbrother.operations.diagnostics.probes.data import (
    archive_lag,
    bloat,
    cache_hits,
    connections,
    database_answers,
    database_growth,
    indexes,
    integrity,
    locks,
    slow_queries,
    transaction_age,
)
from bigbrother.operations.diagnostics.probes.ml import (
    accuracy,
    execution_provider,
    golden_inference,
    model_files,
    model_version,
    poison_images,
    queue_age,
    workers,
)
from bigbrother.operations.diagnostics.probes.resources import (
    certificates,
    clock_skew,
    inodes,
    oom_kills,
    open_files,
    pressure,
    top_users,
)
from bigbrother.operations.diagnostics.probes.services import (
    hung_units,
    log_errors,
    unit_restarts,
)
from bigbrother.operations.diagnostics.records import Group, Probe
from bigbrother.runbook.model import Runbook

_CHECK = {check.name: check for check in CHECKS}
CATALOGUE: tuple[Probe, ...] = (
    Probe("network_latency", "connectivity", network_latency.look),
    Probe("dns", "connectivity", dns.look),
    Probe("route", "connectivity", route.look),
    Probe("port_taken", "connectivity", port_taken.look),
    as_probe(_CHECK["cpu_usage"], "resources", first=True),
    as_probe(_CHECK["memory_usage"], "resources"),
    as_probe(_CHECK["disk_space"], "resources"),
    as_probe(_CHECK["gpu_usage"], "resources"),
    Probe("top_users", "resources", top_users.look, first=True),
    Probe("pressure", "resources", pressure.look, first=True),
    Probe("open_files", "resources", open_files.look),
    Probe("inodes", "resources", inodes.look),
    Probe("oom_kills", "resources", oom_kills.look),
    Probe("clock_skew", "resources", clock_skew.look),
    Probe("certificates", "resources", certificates.look),
    as_probe(_CHECK["services_status"], "services"),
    with_counters(_CHECK["error_rate"], "services"),
    with_counters(_CHECK["response_time"], "services"),
    with_counters(_CHECK["queue_size"], "services"),
    Probe("unit_restarts", "services", unit_restarts.look),
    Probe("log_errors", "services", log_errors.look),
    Probe("hung_units", "services", hung_units.look),
    Probe("database_answers", "data", database_answers.look),
    Probe("connections", "data", connections.look),
    Probe("locks", "data", locks.look),
    Probe("slow_queries", "data", slow_queries.look),
    Probe("archive_lag", "data", archive_lag.look),
    Probe("bloat", "data", bloat.look),
    Probe("cache_hits", "data", cache_hits.look),
    Probe("indexes", "data", indexes.look),
    Probe("integrity", "data", integrity.look),
    Probe("transaction_age", "data", transaction_age.look),
    Probe("database_growth", "data", database_growth.look),
    Probe("model_files", "ml", model_files.look),
    Probe("model_version", "ml", model_version.look),
    Probe("golden_inference", "ml", golden_inference.look),
    Probe("execution_provider", "ml", execution_provider.look),
    # The last run's figure: a new one takes minutes.
    Probe("model_accuracy", "ml", accuracy.look),
    with_counters(_CHECK["inference_time"], "ml"),
    with_counters(_CHECK["batch_success"], "ml"),
    Probe("queue_age", "ml", queue_age.look),
    Probe("workers", "ml", workers.look),
    Probe("poison_images", "ml", poison_images.look),
)
GROUPS: Mapping[str, Group] = {
    "check_network": "connectivity",
    "check_resources": "resources",
    "check_services": "services",
    "check_database": "data",
    "check_models": "ml",
}
"""The looks that the document names (section 3.2), and the group that each takes."""


def chosen(runbook: Runbook) -> tuple[Probe, ...]:
    """The probes of every look that the document names, each once."""
    named = {GROUPS[look] for _, look in runbook.diagnostics.checks}
    return tuple(probe for probe in CATALOGUE if probe.group in named)
