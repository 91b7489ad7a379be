"""How often each unit died and came back lately, as the watcher wrote it down."""

import json
import sqlite3

from bigbrother.kernel.quantity import Quantity
from bigbrother.operations.checks.limits import Limits
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.runbook.figures import Threshold

NAME = "unit_restarts"
_DOWN = "unit_down"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each unit of the document, within `watching.heals_within`."""
    watching = scene.runbook.watching
    since = scene.clock.now() - watching.heals_within.duration
    deaths = history.read(scene, lambda conn: _deaths(conn, since.timestamp()))
    bound = Quantity(watching.heals, "count", str(watching.heals))
    bounds = Limits(Threshold("<=", bound))
    return tuple(
        measured(
            NAME,
            float(deaths.get(unit, 0)),
            "count",
            bounds,
            target=unit,
            evidence=(
                sentence(
                    "It went down {count} times within {within}.",
                    count=Figure(deaths.get(unit, 0), "count"),
                    within=str(watching.heals_within),
                ),
            ),
            remedy=sentence("See why it dies: bigbrother logs {unit}.", unit=unit),
        )
        for unit in scene.runbook.units
    )


def _deaths(conn: sqlite3.Connection, since: float) -> dict[str, int]:
    """How often each unit went down; of an alert that flaps, and stays one, its changes count."""
    found: dict[str, int] = {}
    rows = conn.execute(
        "SELECT a.labels, a.fingerprint, max(a.began_at) AS newest, count(*) AS alerts, c.times"
        " FROM alert a LEFT JOIN alert_change c USING (fingerprint)"
        " WHERE a.name = ? AND a.origin = 'watcher'"
        " AND (a.began_at >= ? OR a.resolved_at IS NULL OR a.resolved_at >= ?)"
        " GROUP BY a.fingerprint",
        (_DOWN, since, since),
    )
    for row in rows:
        unit = json.loads(row["labels"]).get("unit")
        if unit is not None:
            changes = [at for at in json.loads(row["times"] or "[]") if at >= since]
            # Down and up again are two changes.
            found[unit] = max((len(changes) + 1) // 2, int(row["newest"] >= since))
    return found
