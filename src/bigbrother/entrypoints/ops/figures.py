"""The watcher's own figures in the Prometheus text format."""

from collections import Counter

import psutil

from bigbrother.operations.alerts.records import AlertState
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.watcher import Watcher
from bigbrother.runbook.sections.alerting import SEVERITIES


def figures_text(services: WatcherServices, watcher: Watcher) -> str:
    """Gauges of this moment."""
    firing = Counter(
        alert.severity for alert in watcher.book.open_alerts() if alert.state is AlertState.FIRING
    )
    process = psutil.Process()
    cpu = process.cpu_times()
    waiting = services.store.read(
        lambda conn: conn.execute(
            "SELECT count(*) FROM message WHERE state IN ('waiting', 'sending')"
        ).fetchone()[0]
    )
    lines = [
        "# HELP bigbrother_ops_alerts_firing Alerts that fire now.",
        "# TYPE bigbrother_ops_alerts_firing gauge",
        *(
            f'bigbrother_ops_alerts_firing{{severity="{severity}"}} {firing[severity]}'
            for severity in SEVERITIES
        ),
        *_gauge("messages_waiting", "Messages that are still to be sent.", waiting),
        *_gauge(
            "degraded",
            "1 while the disk takes nothing and alerts go on in memory.",
            int(services.store.degraded),
        ),
        *_gauge("alive", "1 while the deciding thread goes round.", int(watcher.lives())),
        *_gauge("resident_bytes", "Memory of the watcher.", process.memory_info().rss),
        "# HELP bigbrother_ops_cpu_seconds_total Processor time of the watcher.",
        "# TYPE bigbrother_ops_cpu_seconds_total counter",
        f"bigbrother_ops_cpu_seconds_total {cpu.user + cpu.system}",
    ]
    return "\n".join(lines) + "\n"


def _gauge(name: str, says: str, value: float) -> list[str]:
    full = f"bigbrother_ops_{name}"
    return [f"# HELP {full} {says}", f"# TYPE {full} gauge", f"{full} {value}"]
