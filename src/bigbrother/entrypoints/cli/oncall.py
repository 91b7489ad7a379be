"""`bigbrother oncall`: who would be paged about an alert, now or at a given time."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say
from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.sections.alerting import SEVERITIES

if TYPE_CHECKING:
    from bigbrother.operations.escalation.oncall import OnCall, Paged


@explains_errors
def oncall(
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Such as '2026-11-22 03:00'; now without it.",
            show_default=False,
        ),
    ] = None,
    zone: Annotated[
        str,
        typer.Option("--zone", metavar="ZONE", help="The zone of TIME and of what is shown."),
    ] = "UTC",
    severity: Annotated[
        str | None,
        typer.Option(
            "--severity",
            "-s",
            metavar="SEVERITY",
            help=f"One of: {', '.join(SEVERITIES)}.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Shows whom an alert of each severity pages at once, over what, and who follows when."""
    from bigbrother.operations.escalation.oncall import on_call  # noqa: PLC0415
    from bigbrother.runbook.load import load_runbook  # noqa: PLC0415
    from bigbrother.settings import load_settings  # noqa: PLC0415
    from bigbrother.wiring import system_clock  # noqa: PLC0415

    place = _zone(zone)
    moment = system_clock().now() if at is None else _moment(at, place)
    if severity is not None and severity not in SEVERITIES:
        raise InvalidInput(
            f"'{severity}' is not a severity.", remedy=f"Name one of: {', '.join(SEVERITIES)}."
        )
    runbook = load_runbook(load_settings().runbook_overlay)
    found = [
        each for each in on_call(runbook, moment) if severity is None or each.severity == severity
    ]
    if output is Format.JSON:
        print_json({"at": moment.isoformat(), "severities": [_as_json(each) for each in found]})
        return
    say(f"An alert that fires at {_shown(moment, place)} ({place}):")
    print_table(
        ("SEVERITY", "LEVEL", "CONTACT", "WHO", "WORKS", "UNTIL", "OVER", "IF NOBODY ACKNOWLEDGES"),
        [row for each in found for row in _rows(each, place)],
    )


def _rows(found: "OnCall", zone: ZoneInfo) -> list[tuple[object, ...]]:
    follows = ", ".join(f"{paged.page.contact} ({paged.page.level})" for paged in found.then)
    if found.then:
        follows += f" at {_shown(found.then[0].page.due_at, zone)}"
    if not found.at_once:
        return [
            (
                found.severity,
                None,
                "nobody in person",
                None,
                None,
                _listed(found.broadcast),
                follows,
            )
        ]
    return [
        (
            found.severity,
            f"{paged.page.level} {paged.condition}",
            paged.page.contact,
            paged.who,
            paged.works,
            "always" if paged.until is None else _shown(paged.until, zone),
            _over(paged),
            follows,
        )
        for paged in found.at_once
    ]


def _over(paged: "Paged") -> str:
    quietly = "quietly: " if paged.page.quiet else ""
    return quietly + _listed(
        tuple(
            each.channel if each.address == each.channel else f"{each.channel} {each.address}"
            for each in paged.addresses
        )
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"


def _as_json(found: "OnCall") -> dict[str, object]:
    return {
        "severity": found.severity,
        "broadcast": list(found.broadcast),
        "at_once": [_paged_as_json(paged) for paged in found.at_once],
        "then": [_paged_as_json(paged) for paged in found.then],
    }


def _paged_as_json(paged: "Paged") -> dict[str, object]:
    return {
        "at": paged.page.due_at.isoformat(),
        "level": paged.page.level,
        "condition": paged.condition,
        "contact": paged.page.contact,
        "who": paged.who,
        "reason": paged.page.reason,
        "quiet": paged.page.quiet,
        "works": paged.works,
        "until": None if paged.until is None else paged.until.isoformat(),
        "over": [
            {"channel": each.channel, "type": each.type, "address": each.address}
            for each in paged.addresses
        ],
    }


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, LookupError) as error:
        raise InvalidInput(
            f"'{text}' is not a time zone.", remedy="Write it like America/Sao_Paulo or UTC."
        ) from error


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"'{text}' is not a time.", remedy="Write it like '2026-11-22 03:00'."
        ) from error
    # Near the calendar's own ends there is no day before or after to look at.
    if not 1970 < moment.year < 9000:
        raise InvalidInput(f"'{text}' is too far away.", remedy="Name a year from 1971 to 8999.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%F %H:%M}"
