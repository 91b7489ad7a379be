"""`bigbrother alerts history`: what was wrong, and for how long."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import before, opened
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say


@explains_errors
def history(
    since: Annotated[
        str, typer.Option("--since", metavar="SPAN", help="How far back: 7d, 12h.")
    ] = "7d",
    output: OutputOption = Format.TABLE,
) -> None:
    """Lists alerts that are over, the newest first."""
    from bigbrother.entrypoints.cli.alerts import shown  # noqa: PLC0415
    from bigbrother.operations.alerts.history import closed  # noqa: PLC0415

    with opened() as at:
        begin = before(at.now, since)
        found = at.store.read(lambda conn: closed(conn, begin))
    if output is Format.JSON:
        print_json({"items": [shown.alert_json(alert) for alert in found]})
        return
    if not found:
        say(f"No alert ended within {since}.")
        return
    print_table(
        ("ID", "SEVERITY", "ALERT", "LABELS", "STATE", "BEGAN", "RESOLVED", "SUMMARY"),
        [
            (
                shown.short(alert.id),
                shown.severity(alert.severity),
                alert.name,
                shown.labels(alert.labels),
                shown.state(alert),
                shown.moment(alert.fired_at or alert.began_at),
                shown.moment(alert.resolved_at),
                alert.summary,
            )
            for alert in found
        ],
    )
