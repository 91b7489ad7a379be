"""Alerts that others send in: taken as Prometheus sends them, refused with a reason otherwise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.errors import InvalidAlerts
from bigbrother.operations.alerts.fingerprint import fingerprint
from bigbrother.operations.alerts.intake import parse_sent_in
from bigbrother.operations.monitoring.finding import Finding
from tests.unit.operations.alerts.findings import NOON, RUNBOOK, bad


def parsed(*items: object) -> tuple[Finding, ...]:
    return parse_sent_in(json.dumps(items).encode(), RUNBOOK, NOON)


def item(**more: object) -> dict[str, object]:
    return {"labels": {"alertname": "DiskFull", "mount": "/data"}} | more


def test_what_prometheus_sends_becomes_findings() -> None:
    (finding,) = parsed(
        item(
            labels={"alertname": "DiskFull", "severity": "critical", "empty": ""},
            annotations={"summary": "The disk is full.", "runbook_url": "https://x/y"},
            startsAt="2026-03-02T11:59:00.123456789Z",
            endsAt="2026-03-02T12:04:00.123456789Z",
            generatorURL="http://prometheus/graph",
        )
    )
    assert (finding.alert, finding.status, finding.severity) == (
        "DiskFull",
        Status.FAILED,
        "critical",
    )
    assert (finding.summary, finding.remedy) == ("The disk is full.", "https://x/y")
    assert finding.labels == {"severity": "critical"}


def test_one_whose_end_has_come_is_resolved_and_a_year_one_means_no_end() -> None:
    over, open_end = parsed(
        item(endsAt="2026-03-02T12:00:00Z"), item(endsAt="0001-01-01T00:00:00Z")
    )
    assert (over.status, open_end.status) == (Status.PASSED, Status.FAILED)
    assert fingerprint(over) == fingerprint(open_end)


def test_a_severity_that_is_not_ours_counts_as_not_said() -> None:
    said, unsaid = parsed(item(labels={"alertname": "a", "severity": "warning"}), item())
    assert {said.severity, unsaid.severity} == {RUNBOOK.alerts.sent_in_severity}


def test_nobody_from_outside_can_end_an_alert_of_the_watchers_own() -> None:
    (sent,) = parsed(item(labels={"alertname": "unit_down", "unit": "bigbrother-db"}))
    assert fingerprint(sent) != fingerprint(bad(labels={"unit": "bigbrother-db"}))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (7, "no object"),
        ({}, "labels"),
        ({"labels": []}, "labels"),
        ({"labels": {"alertname": 7}}, "labels"),
        ({"labels": {"job": "x"}}, "alertname"),
        (item(labels={"alertname": ""}), "alertname"),
        (item(labels={"alertname": "a\0b"}), "control"),
        (item(labels={"alertname": "\ud800"}), "control"),
        (item(labels={"alertname": "a" * 1001}), "longer"),
        (item(labels={"alertname": "a"} | {str(n): "x" for n in range(40)}), "41 labels"),
        (item(annotations=["x"]), "annotations"),
        (item(endsAt="tomorrow"), "endsAt"),
        (item(startsAt="2026-03-02T12:00:00"), "time zone"),
        (item(endsAt=12), "endsAt"),
        (item(startsAt="2026-03-02T12:00:00Z", endsAt="2026-03-02T11:00:00Z"), "ends before"),
    ],
)
def test_one_that_is_no_alert_is_refused_with_its_reason_and_the_others_are_kept(
    wrong: object, reason: str
) -> None:
    with pytest.raises(InvalidAlerts, match=f"Alert 1.*{reason}") as refused:
        parsed(item(), wrong, item())
    assert len(refused.value.usable) == 2


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"null", b"\xff", b"[" * 100_000, b'[{"labels"', b"1" * 5000]
)
def test_what_is_no_list_of_alerts_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidAlerts) as refused:
        parse_sent_in(body, RUNBOOK, NOON)
    assert refused.value.remedy


def test_a_request_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidAlerts, match="1 MB"):
        parse_sent_in(b" " * 1_000_001, RUNBOOK, NOON)


def test_a_long_sentence_is_cut_and_cannot_steer_a_terminal() -> None:
    (finding,) = parsed(item(annotations={"summary": "\x1b[2J" + "x" * 5000}))
    assert len(finding.summary) == 1000
    assert "\x1b" not in finding.summary


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["labels", "annotations", "alertname", "startsAt", "endsAt"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3))
def test_any_json_is_findings_or_a_reason(items: list[object]) -> None:
    try:
        findings = parsed(*items)
    except InvalidAlerts:
        return
    assert len(findings) == len(items)
