"""Whether a solution helped is told by its symptoms before and after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.checks.sentences import in_language
from bigbrother.operations.diagnostics.symptoms import SymptomSeen, symptoms_seen
from bigbrother.operations.troubleshooting.effect import Verdict, effects, helped
from bigbrother.operations.troubleshooting.errors import IssueUnknown
from bigbrother.operations.troubleshooting.issues import checks_to_make, issue_seen
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.symptoms import parse_symptom
from tests.unit.operations.checks.installation import changed
from tests.unit.operations.diagnostics.recorded import WELL, with_faults

RUNBOOK = load_runbook()
LATENCY = parse_symptom("response time > 200ms")


def at(value: float | None) -> tuple[SymptomSeen, ...]:
    present = None if value is None else value > 0.2
    return (SymptomSeen(LATENCY, present, value, "seconds"),)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "good"),
    [
        (None, 0.1, Verdict.UNKNOWN, None),
        (0.9, None, Verdict.UNKNOWN, None),
        (0.1, 0.15, Verdict.ABSENT, None),
        (0.9, 0.1, Verdict.CURED, True),
        (0.9, 0.5, Verdict.BETTER, False),
        (0.9, 0.9, Verdict.UNCHANGED, False),
        (0.5, 0.9, Verdict.WORSE, False),
        (0.1, 0.9, Verdict.WORSE, False),
    ],
)
def test_what_became_of_a_symptom(
    before: float | None, after: float | None, verdict: Verdict, good: bool | None
) -> None:
    found = effects(at(before), at(after))
    assert [effect.verdict for effect in found] == [verdict]
    assert helped(found) is good


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_figure_that_is_back_below_its_threshold_is_cured_and_no_other(
    before: float, after: float
) -> None:
    (effect,) = effects(at(before), at(after))
    assert (effect.verdict is Verdict.CURED) is (before > 0.2 >= after)
    assert effect.as_json()["after"] == after


def test_the_figures_are_said_as_people_say_them() -> None:
    (effect,) = effects(at(0.9), at(0.05))
    assert effect.said() == "response time > 200ms: cured, 900 ms before and 50 ms after."
    assert in_language(effect.said(), "pt_BR") == (
        "response time > 200ms: resolvido, 900 ms antes e 50 ms depois."
    )


def test_an_issue_knows_its_symptoms_where_to_look_and_what_helps() -> None:
    there = issue_seen("database_down", with_faults("database_down"), {}, RUNBOOK)
    gone = issue_seen("database_down", WELL, {}, RUNBOOK)
    assert there.present
    assert not gone.present
    assert there.procedures == ("service_recovery.bigbrother-db",)
    assert there.checks[0] == "database_answers"
    assert helped(effects(there.symptoms, gone.symptoms))


def test_an_issue_is_there_by_the_figure_of_the_document() -> None:
    symptoms = ["response time > 40ms"]
    strict = changed({"common_issues.high_latency.symptoms": symptoms})
    assert not issue_seen("high_latency", WELL, {}, RUNBOOK).present
    assert issue_seen("high_latency", WELL, {}, strict).present


def test_checks_of_an_issue_come_once_and_in_the_document_s_order() -> None:
    looks = checks_to_make("high_latency", RUNBOOK)
    assert looks[:3] == ("response_time", "queue_size", "cpu_usage")
    assert len(looks) == len({*looks})
    assert "locks" in looks


def test_an_issue_that_nobody_knows_is_refused() -> None:
    with pytest.raises(IssueUnknown) as caught:
        issue_seen("high_latencie", (), {}, RUNBOOK)
    assert caught.value.remedy == "Did you mean 'high_latency'?"


def test_of_several_targets_a_symptom_shows_the_one_that_has_it() -> None:
    (seen,) = symptoms_seen(
        (parse_symptom("service down"),), with_faults("queue_stuck"), {}, RUNBOOK
    )
    assert (seen.present, seen.target) == (True, "bigbrother-worker")
