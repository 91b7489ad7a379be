"""What the watcher makes of a document."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bigbrother import wiring
from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.channels.catalogue import addresses as broadcast_addresses
from bigbrother.operations.alerts.channels.email import send as email
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.slack import send as slack
from bigbrother.operations.alerts.channels.sms import send as sms
from bigbrother.operations.alerts.errors import InvalidAlerts
from bigbrother.operations.alerts.intake import parse_sent_in
from bigbrother.operations.alerts.life import Course, after_finding, due
from bigbrother.operations.alerts.links import LinkKey
from bigbrother.operations.alerts.outbox.verdict import NotTaken, again_at
from bigbrother.operations.alerts.prometheus.alertmanager import alertmanager_file
from bigbrother.operations.alerts.prometheus.scraping import ALERTMANAGER_ADDRESS, prometheus_files
from bigbrother.operations.alerts.quiet import Quieter
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.checks.catalogue import CATALOGUE
from bigbrother.operations.escalation.escalate import EscalationFacts, breached_at, pages
from bigbrother.operations.escalation.heartbeat import Heartbeat
from bigbrother.operations.escalation.oncall import on_call
from bigbrother.operations.escalation.reach import addresses
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.tasks.catalogue import tasks
from bigbrother.operations.monitoring.units.life import Moment, UnitLife
from bigbrother.operations.response.acknowledging import acknowledge_url
from bigbrother.operations.store.migrations import migrate
from bigbrother.ports.service_manager import UnitState, UnitStatus
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import SEVERITIES, EmailChannel, SlackChannel, SmsChannel
from bigbrother.settings import Settings
from tests.fakes import told
from tests.unit.runbook.probe import Probe

# A Tuesday, in and out of the hours of people who work 8x5.
IN_HOURS = datetime(2026, 11, 24, 10, tzinfo=UTC)
OFF_HOURS = datetime(2026, 11, 24, 22, tzinfo=UTC)
SETTINGS = Settings(home=Path("/nonexistent"), runtime=Path("/nonexistent"))


def limits_of_checks(runbook: Runbook) -> object:
    return [
        (check.name, check.limits_of and check.limits_of(runbook), check.within(runbook))
        for check in CATALOGUE
    ]


def schedule_of_tasks(runbook: Runbook) -> object:
    services: Any = SimpleNamespace(runbook=lambda: runbook)
    made = tasks(services)
    return [(task.name, task.when(runbook), task.within(runbook)) for task in made]


def prometheus(runbook: Runbook) -> object:
    files = prometheus_files(runbook, SETTINGS, alertmanager=ALERTMANAGER_ADDRESS)
    return [str(file.content) for file in files]


def alertmanager(runbook: Runbook) -> object:
    return str(alertmanager_file(runbook, SETTINGS).content)


def escalation(runbook: Runbook) -> object:
    return [
        (pages(facts, runbook, at + timedelta(hours=9)), breached_at(facts, runbook))
        for severity in SEVERITIES
        for at in (IN_HOURS, OFF_HOURS)
        for facts in [EscalationFacts("a", severity, at, at)]
    ]


def who_is_on_call(runbook: Runbook) -> object:
    return [on_call(runbook, at) for at in (IN_HOURS, OFF_HOURS)]


def reach(runbook: Runbook) -> object:
    return [
        addresses(contact, runbook, quiet)
        for contact in runbook.contacts
        for quiet in (False, True)
    ]


def lives_of_alerts(runbook: Runbook) -> object:
    """Each rule's finding; then one that comes and goes."""
    seen: list[object] = []
    for name in runbook.alerts.rules:
        for status in (Status.WARNING, Status.FAILED):
            step = after_finding(
                Finding(name, status, IN_HOURS), Course(), runbook.alerts, IN_HOURS
            )
            alert = step.course.alert
            when = due(step.course, runbook.alerts, IN_HOURS)
            seen.append((name, step.reason, alert and (alert.severity, alert.state), when))
    return seen


def flapping(runbook: Runbook) -> object:
    course, seen = Course(), []
    for minute in range(0, 90, 3):
        at = IN_HOURS + timedelta(minutes=minute)
        status = Status.PASSED if minute % 2 else Status.FAILED
        finding = Finding("endpoint_failing", status, at)
        course = after_finding(finding, course, runbook.alerts, at).course
        flaps = course.alert is not None and course.alert.flapping
        seen.append((flaps, due(course, runbook.alerts, IN_HOURS)))
        if course.alert is not None and course.alert.state is AlertState.RESOLVED:
            course = replace(course, alert=None)
    return seen


def sent_in(runbook: Runbook) -> object:
    """Alerts of others that say nothing of their severity, and much else."""
    labels = {"alertname": "others"} | {f"label{number}": "v" for number in range(100)}
    long = {"alertname": "others", "text": "x" * 100_000}
    items = ({"labels": {"alertname": "others"}}, {"labels": labels}, {"labels": long})
    seen = [taken(json.dumps([item]).encode(), runbook) for item in items]
    seen += [taken(b" " * 2**power, runbook) for power in range(16, 24)]
    finding = Finding("others", Status.FAILED, IN_HOURS, severity="high")
    course = after_finding(finding, Course(), runbook.alerts, IN_HOURS).course
    return seen, due(course, runbook.alerts, IN_HOURS)


def taken(body: bytes, runbook: Runbook) -> object:
    try:
        return [finding.severity for finding in parse_sent_in(body, runbook, IN_HOURS)]
    except InvalidAlerts as refused:
        return str(refused)[:100]


def quiet(runbook: Runbook) -> object:
    """Which of all alerts, of all units, each one keeps from paging."""
    units = ("", *runbook.units)
    every = [firing(name, unit) for name in runbook.alerts.rules for unit in units]
    seen = []
    for source in every:
        quieter = Quieter([source], (), runbook, IN_HOURS)
        seen.append([alert.id for alert in every if quieter.of(alert) is not None])
    return seen


def firing(name: str, unit: str) -> Alert:
    labels = {"unit": unit} if unit else {}
    finding = Finding(name, Status.FAILED, IN_HOURS, labels)
    return Alert(
        f"{name}-{unit}", f"{name}-{unit}", name, labels, "high", AlertState.FIRING, "watcher",
        "", "", None, "", "", finding.at, finding.at, finding.at, None, finding.at, False, None,
        None,
    )  # fmt: skip


def tries(runbook: Runbook) -> object:
    figures = runbook.alert_config.delivery
    moments = [again_at(NotTaken(""), count, figures, IN_HOURS) for count in range(1, 20)]
    asked = [again_at(NotTaken("", seconds), 1, figures, IN_HOURS) for seconds in range(0, 900, 7)]
    means = Means(runbook, SETTINGS.secrets, IN_HOURS)
    return moments, asked, means.within_seconds


def messages(runbook: Runbook) -> object:
    """What is sent, and where to."""
    alerts = tuple(
        replace(told.DOWN, id=str(number), summary="x" * 20_000, diagnosis="y" * 20_000)
        for number in range(200)
    )
    message = told.message("email", "ops@example.org", alerts=alerts).bounded(runbook.alert_config)
    means = Means(runbook, SETTINGS.secrets, told.NOW)
    return (len(message.content.alerts), message.content.rest, str(message.content)), [
        (broadcast_addresses(channel), *composed(channel, means))
        for channel in runbook.alert_config.channels.values()
    ]


def composed(channel: object, means: Means) -> Iterator[object]:
    message = told.message("email", "ops@example.org")
    if isinstance(channel, EmailChannel):
        yield str(email.compose(channel, message, means)["From"])
        yield email._server(channel)
    elif isinstance(channel, SlackChannel):
        yield json.dumps(slack.compose(channel, message, means))
    elif isinstance(channel, SmsChannel):
        yield sms.compose(channel, message, means)


def acknowledgement(runbook: Runbook) -> object:
    services: Any = SimpleNamespace(runbook=lambda: runbook, settings=SETTINGS)
    return acknowledge_url(services, LinkKey(bytes(32)), "page", "ops", IN_HOURS)


def heartbeats(runbook: Runbook) -> object:
    called: list[object] = []
    came = threading.Event()

    def call(url: str, within_seconds: float) -> None:
        called.append((url, within_seconds))
        came.set()

    following = Heartbeat(lambda: runbook.heartbeat, lambda: True, call).tick(IN_HOURS)
    if runbook.heartbeat.url:
        came.wait(10)
    return following, called


def units(runbook: Runbook) -> object:
    folder = SETTINGS.home
    return [wiring._unit(name, runbook, command=(), folder=folder) for name in runbook.units]


def lives_of_units(runbook: Runbook) -> object:
    """Each unit dies and comes back, again and again, and then stays dead."""
    seen: list[object] = []
    for unit in runbook.units:
        life, seconds, process = UnitLife(unit), 0.0, 100
        for pause in (30, 40, 50, 60, 70, 80, 300, 400, 500, 2000, 3000):
            began = Moment(IN_HOURS + timedelta(seconds=seconds), 1000 + seconds)
            running = UnitStatus(unit, UnitState.RUNNING, process, began.at, "")
            found = life.seen(running, began, runbook, managed=True)
            seconds, process = seconds + pause, process + 1
            died = Moment(IN_HOURS + timedelta(seconds=seconds - 1), 999 + seconds)
            found += life.exited(died, runbook)
            seen += [(each.alert, each.status, each.grace_seconds) for each in found]
    return seen


def upkeep(runbook: Runbook) -> object:
    """What is thrown away: the statements as they are run, and what the histories are told."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.row_factory = sqlite3.Row
    migrate(conn)
    run: list[object] = []
    conn.set_trace_callback(run.append)

    def give_back(pages: int) -> bool:
        run.append(pages)
        return False

    store = SimpleNamespace(
        write=lambda work: work(conn),
        read=lambda work: work(conn),
        give_back=give_back,
    )
    services: Any = SimpleNamespace(runbook=lambda: runbook, store=store, settings=SETTINGS)
    histories = [lambda _, before: run.append(before)]
    (task,) = (task for task in tasks(services, histories) if task.name == "upkeep")
    for at in (IN_HOURS, IN_HOURS + timedelta(days=30)):
        task.run(at)
    conn.close()
    return run


WATCHER: tuple[Probe, ...] = (
    Probe(("daily_checks.*", "monitoring_tasks.*", "watching.*"), limits_of_checks),
    Probe(("daily_checks.*", "monitoring_tasks.*", "watching.*"), schedule_of_tasks),
    Probe(
        ("daily_checks.*", "watching.*", "alerts.*", "alert_config.*", "batch.*", "units.*"),
        prometheus,
    ),
    Probe(("alert_config.*", "alerts.*"), alertmanager),
    Probe(("escalation.*", "contacts.*"), escalation),
    Probe(("escalation.*", "contacts.*", "alert_config.channels.*"), who_is_on_call),
    Probe(("escalation.quiet_channels", "contacts.*", "alert_config.channels.*"), reach),
    Probe(("alerts.rules.*",), lives_of_alerts),
    Probe(("alerts.flapping*",), flapping),
    Probe(("alerts.sent_in*", "alerts.largest_request"), sent_in),
    Probe(("alerts.inhibitions.*", "alerts.maintenance"), quiet),
    Probe(("alert_config.delivery.*",), tries),
    Probe(("alert_config.*",), messages),
    Probe(("alert_config.public_url",), acknowledgement),
    Probe(("heartbeat.*",), heartbeats),
    Probe(("units.*.grace", "watching.heals*"), lives_of_units),
    Probe(
        (
            "retention.readings*",
            "retention.alert_history",
            "retention.reports",
            "watching.late_by",
            "cleaning.at_once",
        ),
        upkeep,
    ),
    Probe(("units.*", "retention.unit_log*"), units),
)
