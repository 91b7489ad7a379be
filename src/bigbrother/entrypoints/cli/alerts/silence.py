"""`bigbrother alerts silence`, `unsilence` and `silences`."""

from typing import Annotated

import typer

from bigbrother.entrypoints.cli.alerts.opened import Opened, WhoOption, opened, person, span
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    plain,
    print_json,
    print_table,
    say,
)
from bigbrother.entrypoints.cli.suggestions import did_you_mean
from bigbrother.kernel.errors import InvalidInput


@explains_errors
def silence(
    matchers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="All must hold: alert=cpu_usage, severity=low, or a label such as unit=…",
            show_default=False,
        ),
    ] = None,
    *,
    lasts: Annotated[str, typer.Option("--for", metavar="SPAN", help="How long: 2h, 30min.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    everything: Annotated[bool, typer.Option("--all", help="Every alert is meant.")] = False,
    who: WhoOption = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Keeps alerts from paging for a while; they fire, end and are written down as ever."""
    from bigbrother.entrypoints.cli.alerts.shown import (  # noqa: PLC0415
        moment,
        short,
        silence_json,
    )
    from bigbrother.operations.alerts.silences import NewSilence, add  # noqa: PLC0415

    matcher = _matcher(matchers or [])
    lasting = span(lasts)
    with opened() as at:
        try:
            ends_at = at.now + lasting
        except OverflowError as error:
            raise InvalidInput(f"'{lasts}' is too long.", remedy="Write 2h or so.") from error
        asked = NewSilence(matcher, ends_at, person(who), reason, everything=everything)
        made = add(at.store, asked, at.runbook.alerts, at.now)
        hint = _hint(at, matcher)
    if output is Format.JSON:
        print_json(silence_json(made, at.now))
    else:
        typer.echo(f"Silence {short(made.id)} holds until {moment(made.ends_at)}.")
    if hint:
        say(hint)


@explains_errors
def unsilence(
    reference: Annotated[str, typer.Argument(metavar="ID", help="As 'alerts silences' shows it.")],
    output: OutputOption = Format.TABLE,
) -> None:
    """Ends a silence: what still fires pages again."""
    from bigbrother.entrypoints.cli.alerts.shown import short, silence_json  # noqa: PLC0415
    from bigbrother.operations.alerts.silences import end  # noqa: PLC0415

    with opened() as at:
        ended = end(at.store, reference, at.now)
    if output is Format.JSON:
        print_json(silence_json(ended, at.now))
    else:
        typer.echo(f"Silence {short(ended.id)} is over.")


@explains_errors
def silences(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    output: OutputOption = Format.TABLE,
) -> None:
    """Lists the silences that hold."""
    from bigbrother.entrypoints.cli.alerts import shown  # noqa: PLC0415
    from bigbrother.operations.alerts.silences import listed  # noqa: PLC0415

    with opened() as at:
        found = [
            each for each in at.store.read(listed) if everything or each.state(at.now) != "over"
        ]
    if output is Format.JSON:
        print_json({"items": [shown.silence_json(each, at.now) for each in found]})
        return
    if not found:
        say("Nothing is silenced.")
        return
    print_table(
        ("ID", "ALERTS", "STATE", "UNTIL", "WHO", "REASON"),
        [
            (
                shown.short(each.id),
                shown.labels(each.matcher) or "all",
                each.state(at.now),
                shown.moment(each.ends_at),
                each.who,
                each.reason,
            )
            for each in found
        ],
    )


def _matcher(given: list[str]) -> dict[str, str]:
    matcher: dict[str, str] = {}
    for text in given:
        key, equal, value = text.partition("=")
        if not equal or not key or not value:
            raise InvalidInput(
                f"'{plain(text)}' is not KEY=VALUE.", remedy="Write alert=cpu_usage or unit=…"
            )
        if key in matcher:
            raise InvalidInput(
                f"'{plain(key)}' is given twice, and no alert has two.",
                remedy="Make a silence for each.",
            )
        matcher[key] = value
    return matcher


def _hint(at: Opened, matcher: dict[str, str]) -> str:
    """A name that no rule and no alert has may be meant for one sent in; or it is mistyped."""
    name = matcher.get("alert")
    known = {*at.runbook.alerts.rules, *(alert.name for alert in at.book.open_alerts())}
    if name is None or name in known:
        return ""
    return f"No rule and no open alert is called '{name}'. {did_you_mean(name, known)}".strip()
