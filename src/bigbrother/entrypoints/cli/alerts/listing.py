"""`bigbrother alerts list`: what is wrong now."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import Opened, opened
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say

if TYPE_CHECKING:
    from bigbrother.operations.alerts.quiet import Quieter
    from bigbrother.operations.alerts.records import Alert


@explains_errors
def list_alerts(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Those that are over, too, as long as they are kept.")
    ] = False,
    firing: Annotated[bool, typer.Option("--firing", help="Only those that fire.")] = False,
    output: OutputOption = Format.TABLE,
) -> None:
    """Lists the alerts that are open, the gravest first, and why one of them does not page."""
    from bigbrother.entrypoints.cli.alerts import shown  # noqa: PLC0415

    with opened() as at:
        quieter = quieter_of(at)
        alerts = _chosen(at, everything=everything, firing=firing)
    rows = [(alert, quieter.of(alert)) for alert in alerts]
    if output is Format.JSON:
        print_json({"items": [shown.alert_json(alert, quiet) for alert, quiet in rows]})
        return
    if not rows:
        say("No alert is open." if not everything else "There was no alert.")
        return
    print_table(shown.COLUMNS, [shown.row(alert, quiet) for alert, quiet in rows])


def quieter_of(at: Opened) -> "Quieter":
    """Who must not page now."""
    from bigbrother.operations.alerts.quiet import Quieter  # noqa: PLC0415
    from bigbrother.operations.alerts.silences import active  # noqa: PLC0415

    silences = at.store.read(lambda conn: active(conn, at.now))
    return Quieter(at.book.open_alerts(), silences, at.runbook, at.now)


def _chosen(at: Opened, *, everything: bool, firing: bool) -> Sequence["Alert"]:
    from bigbrother.operations.alerts.history import closed  # noqa: PLC0415
    from bigbrother.operations.alerts.records import AlertState  # noqa: PLC0415
    from bigbrother.runbook.sections.alerting import SEVERITIES  # noqa: PLC0415

    alerts = [
        alert for alert in at.book.open_alerts() if not firing or alert.state is AlertState.FIRING
    ]
    rank = {severity: -index for index, severity in enumerate(SEVERITIES)}
    alerts.sort(key=lambda each: (rank[each.severity], each.began_at, each.name, each.id))
    if everything:
        since = at.now - at.runbook.retention.alert_history.duration
        alerts += at.store.read(lambda conn: closed(conn, since))
    return alerts
