"""What the parts of the document say of each other must be true."""

from pathlib import Path

import pytest

from bigbrother.runbook import looks, planned
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from tests.unit.runbook.place import overlay

SMS = (
    "alert_config:\n  channels:\n    sms:\n"
    "      {enabled: true, account: a, sender: '+5511999990000', numbers: [NUMBER]}\n"
)
NIGHTLY = (
    "alerts:\n  maintenance:\n"
    "    - {name: n, cron: '0 2 * * *', lasts: 1h, time_zone: UTC, quiet: [{alert: NAME}]}\n"
)
PHONES = "contacts:\n" + "".join(
    f"  {name}: {{phone: '+551199999000{index}'}}\n"
    for index, name in enumerate(("ops", "engineering", "management", "deputy", "director"))
)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(overlay(folder, text))
    return caught.value.detail


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("dr_checklist:\n  pre_disaster: [verify_backup]\n", 2, "Did you mean 'verify_backups'?"),
        (
            "disaster_recovery:\n  data_corruption:\n    steps: [stop_service, restore_bakup]\n",
            3,
            "no step 'restore_bakup'. Did you mean 'restore_backup'?",
        ),
        (
            "service_recovery:\n  face_analyzer:\n    restart_servce: {command: x}\n",
            3,
            "Did you mean 'restart_service'?",
        ),
        ("service_recovery:\n  face_analyser: {}\n", 2, "Did you mean 'face_analyzer'?"),
        (
            "diagnostics:\n  checks:\n    data: check_databases\n",
            3,
            "Did you mean 'check_database'?",
        ),
        (
            "common_issues:\n  high_latency:\n    solutions: [scale resource]\n",
            3,
            "Did you mean 'scale resources'?",
        ),
        ("dashboards:\n  overview:\n    panels: [sytem_health]\n", 3, "'system_health'?"),
        (
            "units:\n  bigbrother-fase: {start_within: 1s, stop_within: 1s, grace: 1s}\n",
            2,
            "Did you mean 'bigbrother-face'?",
        ),
        (
            "alerts:\n  rules:\n    disk_spce: {severity: low, for: 0s}\n",
            3,
            "Did you mean 'disk_space'?",
        ),
        (
            "alerts:\n  inhibitions:\n    - {when: {alert: unit_down, unit: x-db}, quiet: []}\n",
            3,
            "no unit 'x-db'",
        ),
        (
            NIGHTLY.replace("NAME", "unit_dwn"),
            3,
            "Did you mean 'unit_down'?",
        ),
        (
            "escalation:\n  matrix:\n    L2: {contact: enginering}\n",
            3,
            "no contact 'enginering'. Did you mean 'engineering'?",
        ),
        ("contacts:\n  ops: {backup: depty}\n", 2, "Did you mean 'deputy'?"),
        ("contacts:\n  ops: {backup: ops}\n", 2, "its own backup"),
        ("contacts:\n  deputy: {backup: management}\n", 2, "its own backup"),
        ("contacts:\n  director: {email: '', phone: ''}\n", 2, "'director' has no address"),
    ],
)
def test_a_name_behind_which_nothing_stands_is_refused_with_the_nearest(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    detail = refused(tmp_path, text)
    assert f"runbook.yaml:{line}: " in detail
    assert said in detail


def test_names_of_alerts_that_others_send_in_may_be_in_a_maintenance(tmp_path: Path) -> None:
    text = NIGHTLY.replace("NAME", "BackupFailed")
    assert load_runbook(overlay(tmp_path, text)).alerts.maintenance[0].name == "n"


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("email: {enabled: true, recipients: []}", "recipients is empty"),
        ("email: {enabled: true, recipients: [ops]}", "'ops' is not a mail address"),
        ("email: {enabled: true, server: smtp.company.com}", "Write host and port"),
        ("email: {enabled: true, server: 'smtp.company.com:99999'}", "not a mail server"),
        ("email: {enabled: true, sender: me}", "'me' is not a mail address"),
        ("email: {enabled: true, user: me}", "secret is empty"),
        ("slack: {enabled: true, secret: ''}", "secret is empty"),
        ("webhook: {enabled: true}", "'' is not an address"),
        ("webhook: {enabled: true, url: 'ftp://a.b'}", "Begin with http"),
        ("webhook: {enabled: true, url: 'http://[x/'}", "Begin with http"),
        ("webhook: {enabled: true, url: 'https://a b/'}", "Begin with http"),
        ("sms: {enabled: true}", "account is empty"),
        ("console: {enabled: false}", "no channel is enabled"),
    ],
)
def test_an_enabled_channel_is_complete(tmp_path: Path, channel: str, said: str) -> None:
    detail = refused(tmp_path, f"alert_config:\n  channels:\n    {channel}\n")
    assert said in detail


def test_a_disabled_channel_may_be_incomplete(tmp_path: Path) -> None:
    text = "alert_config:\n  channels:\n    email: {server: '', recipients: []}\n"
    load_runbook(overlay(tmp_path, text))


@pytest.mark.parametrize("key", ["heartbeat:\n  url", "alert_config:\n  public_url"])
def test_an_address_outside_is_one(tmp_path: Path, key: str) -> None:
    assert "is not an address" in refused(tmp_path, f"{key}: example.org\n")


def test_with_text_messages_every_phone_that_could_ring_is_international(tmp_path: Path) -> None:
    text = SMS.replace("NUMBER", "'5511'")
    detail = refused(tmp_path, text)
    for name in ("ops", "engineering", "management", "deputy", "director"):
        assert f"contacts.{name}.phone: " in detail
    assert "channels.sms.numbers.0: '5511'" in detail
    assert load_runbook(overlay(tmp_path, SMS.replace("NUMBER", "'+5511999990000'") + PHONES))


def test_a_phone_that_nobody_would_ring_may_be_anything(tmp_path: Path) -> None:
    text = SMS.replace("NUMBER", "'+5511999990000'") + PHONES
    text += "  guard: {phone: '12', schedule: 24/7}\n"
    assert load_runbook(overlay(tmp_path, text)).contacts["guard"].phone == "12"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "backup_procedures:\n  database:\n    full: {retention: 6 days}\n",
            "the retention (6 days) is shorter than the schedule (weekly)",
        ),
        (
            "backup_procedures:\n  configs:\n    full: {schedule: monthly}\n",
            "the retention (30 days) is shorter than the schedule (monthly)",
        ),
        (
            "backup_procedures:\n  models:\n    snapshot: {retention: 30 days}\n",
            "Keep a number of versions",
        ),
        (
            "logging:\n  audit:\n    retention: 30d\n",
            "the retention (30d) is shorter than the rotation (monthly)",
        ),
        ("retention:\n  readings_1h: 1h\n", "readings_1h (1h) is shorter than readings_5m"),
        ("retention:\n  readings: 1min\n", "shorter than watching.over"),
        ("retention:\n  alert_history: 1h\n", "shorter than escalation.matrix.L4.time"),
        ("retention:\n  reports: 5h\n", "less than the day until the next"),
        ("retention:\n  idempotency_keys: 1s\n", "shorter than purge_every"),
    ],
)
def test_no_retention_is_shorter_than_what_it_follows(tmp_path: Path, text: str, said: str) -> None:
    detail = refused(tmp_path, text)
    assert said in detail


def test_a_mistake_against_a_shipped_value_says_where_to_set_it_otherwise(tmp_path: Path) -> None:
    file = overlay(tmp_path, "backup_procedures:\n  configs:\n    full: {schedule: monthly}\n")
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(file)
    assert caught.value.detail.startswith("default.yaml:")
    assert str(file) in caught.value.remedy


def test_every_planned_name_is_named_by_the_document() -> None:
    """A name that the document no longer needs leaves the list."""
    text = str(load_runbook())
    names = planned.STEPS | set(looks.GROUP_LOOKS) | planned.SOLUTIONS | planned.PANELS
    assert {name for name in names if f"'{name}'" not in text} == set()


def test_a_wrong_key_of_a_channel_is_named_as_it_was_written(tmp_path: Path) -> None:
    detail = refused(tmp_path, "alert_config:\n  channels:\n    email: {servr: x}\n")
    assert "runbook.yaml:3: alert_config.channels.email.servr: " in detail
    assert "Did you mean 'server'?" in detail
