"""`bigbrother alerts test-channel`: sends a real message, now."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table, say
from bigbrother.entrypoints.cli.suggestions import did_you_mean
from bigbrother.kernel.errors import BigBrotherError, InvalidInput
from bigbrother.kernel.ids import new_id
from bigbrother.operations.alerts.channels.catalogue import addresses, send
from bigbrother.operations.alerts.channels.errors import UnknownChannel
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.outbox.messages import Content, NewMessage
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import (
    AnyChannel,
    ConsoleChannel,
    EmailChannel,
    SmsChannel,
)
from bigbrother.settings import load_settings


@dataclass(frozen=True, slots=True)
class _Tried:
    address: str
    ok: bool
    answer: str


@explains_errors
def send_test(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A channel of the document.")],
    *,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="A mail address or telephone number; the channel's own without it.",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Sends a test message over a channel at once, also over one that is not enabled, and prints
    what it was answered; exit code 1 when it was not taken."""
    from bigbrother.telemetry.logs import configure_logs  # noqa: PLC0415
    from bigbrother.wiring import system_clock  # noqa: PLC0415

    settings, clock = load_settings(), system_clock()
    runbook = load_runbook(settings.runbook_overlay)
    channel = _channel(name, runbook)
    places = _places(name, channel, to)
    if not channel.enabled:
        say(f"The channel '{name}' is not enabled in the document: alerts do not use it.")
    if isinstance(channel, ConsoleChannel):
        # It writes to the log, which must not mix with the answer.
        configure_logs("bigbrother-cli", clock, sys.stderr)
    tried = []
    for address in places:
        means = Means(runbook, settings.secrets, clock.now())
        try:
            answer = send(channel, _message(name, address, means.now), means)
            tried.append(_Tried(address, True, answer))
        except BigBrotherError as error:
            tried.append(_Tried(address, False, str(error)))
    _print(name, tried, output)
    if not all(each.ok for each in tried):
        raise typer.Exit(ExitCode.FAILED)


def _channel(name: str, runbook: Runbook) -> AnyChannel:
    channels = runbook.alert_config.channels
    if name not in channels:
        raise UnknownChannel(
            f"The document has no channel '{name}'.",
            remedy=did_you_mean(name, channels) or f"It has: {', '.join(channels)}.",
        )
    return channels[name]


def _places(name: str, channel: AnyChannel, to: str | None) -> tuple[str, ...]:
    if to is None:
        found = addresses(channel)
        if not found:
            raise InvalidInput(
                f"The channel '{name}' has no address in the document.", remedy="Give one: --to."
            )
        return found
    if not isinstance(channel, EmailChannel | SmsChannel):
        raise InvalidInput(
            f"The channel '{name}' always sends to the same place.", remedy="Leave --to out."
        )
    return (to,)


def _message(name: str, address: str, now: datetime) -> NewMessage:
    return NewMessage(
        key=f"test {new_id(now)}",
        kind="test",
        channel=name,
        address=address,
        contact="",
        level="",
        page_key="",
        alert_ids=(),
        content=Content(),
        due_at=now,
    )


def _print(name: str, tried: Sequence[_Tried], output: Format) -> None:
    if output is Format.JSON:
        items = [{"address": each.address, "ok": each.ok, "answer": each.answer} for each in tried]
        print_json({"channel": name, "items": items})
        return
    print_table(
        ("CHANNEL", "TO", "TAKEN", "ANSWER"),
        [(name, each.address or None, each.ok, each.answer) for each in tried],
    )
