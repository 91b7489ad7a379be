"""Alertmanager's configuration: the document's channels, inhibitions and maintenance.

A channel gets what is of its severities, several channels the same alert. What Alertmanager does
not know (contacts, levels, acknowledgement) stays with the watcher.
"""

import json
from collections.abc import Sequence
from typing import Any

from bigbrother.operations.alerts.prometheus.durations import prometheus_duration
from bigbrother.operations.alerts.prometheus.mute_times import time_intervals
from bigbrother.operations.alerts.prometheus.receivers import receiver
from bigbrother.operations.alerts.prometheus.rendered import RenderedFile
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Maintenance, Matcher
from bigbrother.settings import Settings

ALERTMANAGER_FILE = "alertmanager.yml"
NOBODY = "nobody"


def alertmanager_file(runbook: Runbook, settings: Settings) -> RenderedFile:
    """The whole configuration; what could not be said in it stands in the file's notes."""
    notes = [
        f"Check: amtool check-config {ALERTMANAGER_FILE}",
        (
            "Alertmanager neither escalates nor waits for an acknowledgement: contacts and levels "
            "are the watcher's."
        ),
    ]
    muting, intervals, unsaid = _muting(runbook.alerts.maintenance)
    notes += unsaid
    receivers: list[dict[str, Any]] = [{"name": NOBODY}]
    routes: list[dict[str, Any]] = []
    for name, channel in runbook.alert_config.channels.items():
        if not channel.enabled:
            notes.append(f"{name}: not enabled in the document.")
            continue
        made = receiver(name, channel, settings.secrets)
        notes += made.notes
        if made.content is not None:
            receivers.append(made.content)
            routes.append(_route(name, channel.severity, muting))
    if not routes:
        notes.append("Nobody is told: no enabled channel is one that Alertmanager has.")
    every = prometheus_duration(runbook.watching.scrape_every.value)
    root: dict[str, Any] = {
        "receiver": NOBODY,
        "group_by": ["alertname", "severity"],
        "group_wait": prometheus_duration(runbook.alert_config.gather.value),
        "group_interval": every,
        "repeat_interval": prometheus_duration(runbook.escalation.repeat_every.value),
    }
    if routes:
        root["routes"] = routes
    content: dict[str, Any] = {
        "route": root,
        "receivers": receivers,
        "inhibit_rules": _inhibit_rules(runbook),
    }
    if intervals:
        content["time_intervals"] = intervals
    return RenderedFile(ALERTMANAGER_FILE, "alertmanager", content, tuple(notes))


_Muting = list[tuple[list[str], list[str]]]
"""Matchers and the names of the times in which what they match is muted."""


def _muting(
    maintenance: Sequence[Maintenance],
) -> tuple[_Muting, list[dict[str, Any]], list[str]]:
    """What is muted when, its intervals, and what Alertmanager has no words for."""
    by_matcher: dict[tuple[str, ...], list[str]] = {}
    intervals: list[dict[str, Any]] = []
    unsaid = []
    for each in maintenance:
        times = time_intervals(each)
        if times is None:
            unsaid.append(
                f"{each.name}: Alertmanager cannot say '{each.cron}' for {each.lasts}; "
                "only the watcher keeps this maintenance."
            )
            continue
        intervals.append({"name": each.name, "time_intervals": times})
        for matcher in each.quiet or ({},):
            by_matcher.setdefault(tuple(_matchers(matcher)), []).append(each.name)
    always = by_matcher.pop((), [])
    # An alert takes the first route that matches, so the most particular stands first.
    particular = sorted(by_matcher.items(), key=lambda item: -len(item[0]))
    muting: _Muting = []
    for matchers, names in particular:
        wider = [
            name for others, more in particular if set(others) < set(matchers) for name in more
        ]
        muting.append((list(matchers), list(dict.fromkeys([*names, *wider, *always]))))
    muting.append(([], always))
    return muting, intervals, unsaid


def _route(name: str, severities: Sequence[str], muting: _Muting) -> dict[str, Any]:
    *particular, (_, always) = muting
    route: dict[str, Any] = {
        "receiver": name,
        "matchers": [_one_of("severity", severities)],
        "continue": True,
    }
    if always:
        route["mute_time_intervals"] = always
    if particular:
        route["routes"] = [
            {"receiver": name, "matchers": matchers, "mute_time_intervals": names}
            for matchers, names in particular
        ]
    return route


def _inhibit_rules(runbook: Runbook) -> list[dict[str, Any]]:
    rules = []
    for inhibition in runbook.alerts.inhibitions:
        source = _matchers(inhibition.when)
        by_name = [quiet["alert"] for quiet in inhibition.quiet if list(quiet) == ["alert"]]
        if by_name:
            rules.append(
                {"source_matchers": source, "target_matchers": [_one_of("alertname", by_name)]}
            )
        rules += [
            {"source_matchers": source, "target_matchers": _matchers(quiet)}
            for quiet in inhibition.quiet
            if list(quiet) != ["alert"]
        ]
    return rules


def _matchers(matcher: Matcher) -> list[str]:
    return [
        f"{'alertname' if name == 'alert' else name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in matcher.items()
    ]


def _one_of(label: str, values: Sequence[str]) -> str:
    return f'{label}=~"{"|".join(values)}"'
