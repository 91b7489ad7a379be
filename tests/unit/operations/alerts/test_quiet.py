"""Who must not page: silences, maintenance and inhibition."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.alerts.quiet import Quieter, quiet
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.operations.alerts.silences import Silence
from bigbrother.runbook.model import Runbook
from tests.unit.operations.alerts.findings import (
    NOON,
    RUNBOOK,
    alert_of,
    at,
    bad,
    course_of,
    document,
    good,
)


def alert(name: str, seconds: float = 0, **labels: str) -> Alert:
    return alert_of(course_of(bad(name, seconds, labels=labels, severity="high")))


def silence(matcher: dict[str, str], seconds: float = 3600, silence_id: str = "s") -> Silence:
    return Silence(silence_id, matcher, NOON, at(seconds), "ana", "reason", NOON)


DOWN = alert("unit_down", unit="bigbrother-db")


def test_the_end_of_a_quieted_alert_is_never_quiet() -> None:
    over = alert_of(course_of(bad("error_rate"), bad("error_rate", 60), good("error_rate", 61)))
    assert over.state is AlertState.RESOLVED
    everything = document(
        maintenance=[{"name": "m", "cron": "* * * * *", "lasts": "1h", "time_zone": "UTC"}]
    )
    assert quiet(over, (DOWN, over), (silence({}),), everything, at(62)) is None


def test_a_silence_that_ends_lets_the_page_go() -> None:
    found = quiet(DOWN, (DOWN,), (silence({"alert": "unit_down"}),), RUNBOOK, at(3599))
    assert found is not None
    assert (found.reason, found.by, found.until) == ("silence", "s", at(3600))
    assert quiet(DOWN, (DOWN,), (silence({"alert": "unit_down"}),), RUNBOOK, at(3600)) is None


@pytest.mark.parametrize(
    ("matcher", "matches"),
    [
        ({"alert": "unit_down", "unit": "bigbrother-db"}, True),
        ({"unit": "bigbrother-db", "severity": "high"}, True),
        ({"alert": "unit_down", "unit": "bigbrother-face"}, False),
        ({"severity": "critical"}, False),
        ({"mount": "/data"}, False),
        ({}, True),
    ],
)
def test_all_that_a_matcher_names_must_be_equal(matcher: dict[str, str], matches: bool) -> None:
    assert (quiet(DOWN, (DOWN,), (silence(matcher),), RUNBOOK, NOON) is not None) is matches


def test_the_silence_that_lasts_longest_is_told() -> None:
    held = (silence({}, 60, "short"), silence({"alert": "unit_down"}, 600, "long"))
    found = quiet(DOWN, (DOWN,), held, RUNBOOK, NOON)
    assert found is not None
    assert found.by == "long"


def test_a_dead_database_quiets_what_depends_on_it_until_it_is_back() -> None:
    slow = alert("endpoint_slow")
    found = quiet(slow, (DOWN, slow), (), RUNBOOK, NOON)
    assert found is not None
    assert (found.reason, found.by) == ("inhibition", DOWN.id)
    over = replace(DOWN, state=AlertState.RESOLVED)
    assert quiet(slow, (over, slow), (), RUNBOOK, NOON) is None
    assert quiet(slow, (slow,), (), RUNBOOK, NOON) is None


def test_an_alert_that_is_only_pending_quiets_nothing() -> None:
    waiting = replace(DOWN, state=AlertState.PENDING)
    slow = alert("endpoint_slow")
    assert quiet(slow, (waiting, slow), (), RUNBOOK, NOON) is None


def test_a_silenced_alert_still_inhibits_what_it_causes() -> None:
    slow = alert("endpoint_slow")
    quieter = Quieter((DOWN, slow), (silence({"alert": "unit_down"}),), RUNBOOK, NOON)
    assert [found.reason for each in (DOWN, slow) if (found := quieter.of(each))] == [
        "silence",
        "inhibition",
    ]


RULES = st.sampled_from(["a", "b", "c", "d"])


@given(
    pairs=st.lists(st.tuples(RULES, st.lists(RULES, max_size=3)), max_size=5),
    names=st.lists(RULES, min_size=1, max_size=8),
)
def test_inhibition_in_a_circle_leaves_somebody_to_be_heard(
    pairs: list[tuple[str, list[str]]], names: list[str]
) -> None:
    runbook = inhibiting(
        *[({"alert": when}, [{"alert": name} for name in quieted]) for when, quieted in pairs]
    )
    alerts = [alert(name, seconds, n=str(seconds)) for seconds, name in enumerate(names)]
    quieter = Quieter(alerts, (), runbook, at(100))
    by = {each.id: found.by for each in alerts if (found := quieter.of(each))}
    for each in alerts:
        chain = [each.id]
        while chain[-1] in by:
            chain.append(by[chain[-1]])
            assert len(chain) <= len(alerts), "quiet because of itself"


def inhibiting(*pairs: tuple[dict[str, str], list[dict[str, str]]]) -> Runbook:
    names = {matcher["alert"] for when, quieted in pairs for matcher in (when, *quieted)}
    rule = {"severity": "high", "for": "0s"}
    return document(
        rules={"unit_down": rule} | dict.fromkeys(names, rule),
        inhibitions=[{"when": when, "quiet": quieted} for when, quieted in pairs],
    )


def test_what_an_inhibited_alert_causes_is_inhibited_with_it() -> None:
    runbook = inhibiting(({"alert": "a"}, [{"alert": "b"}]), ({"alert": "b"}, [{"alert": "c"}]))
    a, b, c = alert("a"), alert("b"), alert("c")
    quieter = Quieter((c, b, a), (), runbook, NOON)
    assert [found.by for each in (a, b, c) if (found := quieter.of(each))] == [a.id, b.id]


WINDOW = {
    "name": "sunday",
    "cron": "0 2 * * sun",
    "lasts": "3h",
    "time_zone": "America/New_York",
    "quiet": [{"alert": "unit_down"}],
}


@pytest.mark.parametrize(
    ("moment", "open_until"),
    [
        (datetime(2026, 3, 1, 6, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 1, 7, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (datetime(2026, 3, 1, 9, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (datetime(2026, 3, 1, 10, tzinfo=UTC), None),
        # Clocks go forward on the 8th: two o'clock does not exist, three o'clock comes for it.
        (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), datetime(2026, 3, 8, 10, tzinfo=UTC)),
    ],
)
def test_a_maintenance_window_is_open_in_its_own_zone(
    moment: datetime, open_until: datetime | None
) -> None:
    runbook = document(maintenance=[WINDOW])
    found = quiet(DOWN, (DOWN,), (), runbook, moment)
    assert (None if found is None else found.until) == open_until
    assert quiet(alert("cpu_usage"), (), (), runbook, moment) is None


def test_the_epoch_changes_when_answers_may() -> None:
    slow = alert("endpoint_slow")
    held = silence({"alert": "cpu_usage"})
    runbook = document(maintenance=[WINDOW])
    epochs = [
        Quieter((slow,), (), runbook, NOON).epoch,
        Quieter((slow, DOWN), (), runbook, NOON).epoch,
        Quieter((slow,), (held,), runbook, NOON).epoch,
        Quieter((slow,), (replace(held, ends_at=at(60)),), runbook, NOON).epoch,
        Quieter((slow,), (), runbook, datetime(2026, 3, 1, 8, tzinfo=UTC)).epoch,
    ]
    assert all(a != b for i, a in enumerate(epochs) for b in epochs[:i])
    assert Quieter((slow, alert("queue_size")), (), runbook, at(1)).epoch == epochs[0]


def test_ten_times_the_open_alerts_are_not_a_hundred_times_the_work() -> None:
    held = [silence({"alert": f"name-{number}"}, silence_id=str(number)) for number in range(500)]

    def seconds(number: int) -> float:
        alerts = [alert("endpoint_slow", n=str(each)) for each in range(number)]
        alerts += [alert("unit_down", unit="bigbrother-db", n=str(each)) for each in range(100)]
        began = time.thread_time()
        quieter = Quieter(alerts, held, RUNBOOK, NOON)
        found = [quieter.of(each) for each in alerts]
        took = time.thread_time() - began
        assert sum(each is not None for each in found) == number
        return took

    few = min(seconds(1_000) for _ in range(3))
    assert min(seconds(10_000) for _ in range(3)) < 40 * few


def test_a_window_that_never_closes_is_open() -> None:
    always = WINDOW | {"cron": "* * * * *", "lasts": "30 days", "quiet": []}
    found = quiet(DOWN, (), (), document(maintenance=[always]), NOON)
    assert found is not None
    assert found.until is not None
    assert NOON < found.until <= NOON + timedelta(days=30)
