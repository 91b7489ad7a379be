"""A message as a person reads it: every text clean, every figure in words, nothing left to decide
for a template but the order."""

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from bigbrother.operations.alerts.channels.cleaning import lines, one_line
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.titles import TITLES
from bigbrother.operations.alerts.channels.wording import figure, moment, severity_word, span
from bigbrother.operations.alerts.outbox.messages import MessageKind, NewMessage, ToldAlert
from bigbrother.runbook.sections.alerting import Language

_TARGETS = ("unit", "mount", "channel", "endpoint", "gpu", "target", "instance")
"""Labels that say what an alert is about; the first that it has names it."""


@dataclass(frozen=True, slots=True)
class ReadAlert:
    """One alert. Texts may be empty."""

    id: str
    name: str
    severity: str
    title: str
    """What is wrong, in a few words."""
    summary: str
    where: str
    since: str
    ended: str
    lasted: str
    value: str
    threshold: str
    remedy: str
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One message."""

    kind: MessageKind
    channel: str
    contact: str
    level: str
    headline: str
    """One line that says it all; what is wrong stands at its beginning."""
    alerts: tuple[ReadAlert, ...]
    rest: int
    acknowledge_url: str


def read(message: NewMessage, means: Means) -> Reading:
    """The message in the document's language, its times in the contact's zone."""
    language = means.runbook.alert_config.language
    contact = means.runbook.contacts.get(message.contact)
    zone: tzinfo = UTC if contact is None else contact.time_zone
    alerts = tuple(_alert(alert, language, zone) for alert in message.content.alerts)
    reading = Reading(
        kind=message.kind,
        channel=one_line(message.channel),
        contact=one_line(message.contact),
        level=one_line(message.level),
        headline="",
        alerts=alerts,
        rest=message.content.rest,
        acknowledge_url=one_line(message.content.acknowledge_url).replace(" ", ""),
    )
    return replace(reading, headline=_headline(reading, language))


def _headline(reading: Reading, language: Language) -> str:
    portuguese = language == "pt_BR"
    if not reading.alerts:
        return (
            f"TESTE do Big Brother: o canal '{reading.channel}' funciona"
            if portuguese
            else f"TEST of Big Brother: the channel '{reading.channel}' works"
        )
    first, more = reading.alerts[0], len(reading.alerts) - 1 + reading.rest
    others = "" if not more else f", e mais {more}" if portuguese else f", and {more} more"
    if reading.kind == "diagnosis":
        return f"{'DIAGNÓSTICO' if portuguese else 'DIAGNOSIS'} [{first.title}]{others}"
    if reading.kind != "resolved":
        return f"{first.severity} {first.title}{others}"
    word = "RESOLVIDO" if portuguese else "RESOLVED"
    after = " após " if portuguese else " after "
    lasted = f"{after}{first.lasted}" if first.lasted else ""
    return f"{word} [{first.title}]{lasted}{others}"


def _alert(alert: ToldAlert, language: Language, zone: tzinfo) -> ReadAlert:
    labels = {one_line(name): one_line(value) for name, value in sorted(alert.labels.items())}
    fired, resolved = alert.fired_at, alert.resolved_at
    return ReadAlert(
        id=one_line(alert.id),
        name=one_line(alert.name),
        severity=severity_word(alert.severity, language),
        title=_title(alert, labels, language),
        summary=one_line(alert.summary),
        where=", ".join(f"{name}={value}" for name, value in labels.items()),
        since="" if fired is None else moment(fired, zone),
        ended="" if resolved is None else moment(resolved, zone),
        lasted="" if fired is None or resolved is None else span(resolved - fired),
        value=figure(alert.value, one_line(alert.unit), language),
        threshold=one_line(alert.threshold),
        remedy=one_line(alert.remedy),
        diagnosis=lines(alert.diagnosis),
    )


def _title(alert: ToldAlert, labels: dict[str, str], language: Language) -> str:
    target = next((labels[name] for name in _TARGETS if labels.get(name)), "")
    known = TITLES[language].get(alert.name)
    if known is not None:
        return known.of(target)
    # Of an alert that was sent in nobody knows better than its sender what is wrong.
    return one_line(alert.summary) or " ".join(filter(None, (one_line(alert.name), target)))
