"""`bigbrother alerts show`: everything about one alert."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.alerts.listing import quieter_of
from bigbrother.entrypoints.cli.alerts.opened import opened
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    plain,
    print_json,
    print_record,
    print_table,
)


@explains_errors
def show(
    reference: Annotated[
        str, typer.Argument(metavar="ID", help="An id, how it begins, or an open alert's name.")
    ],
    output: OutputOption = Format.TABLE,
) -> None:
    """Shows one alert with all that happened to it, open or over."""
    from bigbrother.entrypoints.cli.alerts import shown  # noqa: PLC0415
    from bigbrother.entrypoints.cli.alerts.naming import suggesting  # noqa: PLC0415
    from bigbrother.operations.alerts.history import events  # noqa: PLC0415
    from bigbrother.operations.response.diagnoses import (  # noqa: PLC0415
        diagnosis_of,
        explained,
    )
    from bigbrother.operations.response.said import in_words  # noqa: PLC0415
    from bigbrother.operations.troubleshooting.proposals import proposal  # noqa: PLC0415

    with opened() as at, suggesting(at, reference):
        alert = at.book.get(reference)
        happened = at.store.read(lambda conn: events(conn, alert.id))
        diagnosed = at.store.read(lambda conn: explained(conn, alert.id))
        quiet = quieter_of(at).of(alert)
    if output is Format.JSON:
        found = shown.alert_json(alert, quiet)
        found["diagnosis"] = None if diagnosed is None else dict(diagnosed[1])
        print_json(found | {"events": [shown.event_json(event) for event in happened]})
        return
    value = None if alert.value is None else f"{alert.value:g} {alert.unit}".strip()
    print_record(
        [
            ("id", alert.id),
            ("alert", alert.name),
            ("labels", shown.labels(alert.labels) or None),
            ("severity", alert.severity),
            ("state", shown.state(alert, quiet)),
            ("summary", alert.summary or None),
            ("remedy", alert.remedy or None),
            ("value", value),
            ("threshold", alert.threshold or None),
            ("began", shown.moment(alert.began_at)),
            ("fired", shown.moment(alert.fired_at)),
            ("resolved", shown.moment(alert.resolved_at)),
        ]
    )
    if diagnosed is not None:
        said = proposal(alert, diagnosis_of(diagnosed[0]), at.runbook).text()
        typer.echo(f"\n{plain(said)}")
    typer.echo("")
    print_table(
        ("AT", "WHAT", "WHO", "DETAIL"),
        [
            (shown.moment(each.at), each.kind, each.who, in_words(each.kind, each.detail))
            for each in happened
        ],
    )
