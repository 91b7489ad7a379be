"""Chapters 6 and 7: security, and the alerts of monitoring."""

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import Block, Cell, Chapter, Code, Part, Say, Table
from bigbrother.runbook.rendering.phrases import figure, phrase
from bigbrother.runbook.sections.alerting import AnyChannel, EmailChannel, SlackChannel, SmsChannel


def security(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 6."""
    access: list[tuple[Cell, ...]] = []
    for place, rules in runbook.access_management.production:
        access += [(phrase(place, _), phrase(name, _), _shown(rule, _)) for name, rule in rules]
    logs = tuple(
        (
            phrase(name, _),
            Code(stream.path),
            Code(stream.level),
            _(str(stream.rotation)),
            figure(stream.retention, _),
        )
        for name, stream in runbook.logging
    )
    return Chapter(
        6,
        _("Security"),
        (
            Part("6.1", _("Access"), (Table((_("Where"), _("Rule"), _("Value")), tuple(access)),)),
            Part(
                "6.2",
                _("Logs"),
                (Table((_("Log"), _("File"), _("Level"), _("Rotation"), _("Kept for")), logs),),
            ),
        ),
    )


def alerting(runbook: Runbook, _: Say) -> Chapter:
    """Chapter 7."""
    dashboards = tuple(
        (
            phrase(name, _),
            Code(board.url),
            figure(board.refresh, _),
            ", ".join(phrase(panel, _) for panel in board.panels),
        )
        for name, board in runbook.dashboards
    )
    head = (_("Dashboard"), _("Address"), _("Refresh"), _("Panels"))
    return Chapter(
        7,
        _("Monitoring"),
        (
            Part("7.1", _("Dashboards"), (Table(head, dashboards),)),
            Part("7.2", _("Alerts"), (_channels(runbook, _), _rules(runbook, _))),
        ),
    )


def _channels(runbook: Runbook, _: Say) -> Block:
    rows = tuple(
        (
            name,
            phrase(channel.type, _),
            _("enabled") if channel.enabled else _("disabled"),
            _target(channel),
            ", ".join(_(severity) for severity in channel.severity),
        )
        for name, channel in runbook.alert_config.channels.items()
    )
    return Table((_("Channel"), _("Type"), _("State"), _("To"), _("Severities")), rows)


def _target(channel: AnyChannel) -> str:
    if isinstance(channel, EmailChannel):
        return ", ".join(channel.recipients)
    if isinstance(channel, SmsChannel):
        return ", ".join(channel.numbers)
    if isinstance(channel, SlackChannel):
        return channel.channel
    return getattr(channel, "url", "")


def _rules(runbook: Runbook, _: Say) -> Block:
    rows = tuple(
        (
            phrase(name, _),
            _(rule.severity),
            "" if rule.warning is None else _(rule.warning),
            figure(rule.for_, _),
        )
        for name, rule in runbook.alerts.rules.items()
    )
    return Table((_("Alert"), _("Severity"), _("At the stricter figure"), _("After")), rows)


def _shown(value: object, _: Say) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
