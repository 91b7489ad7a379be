"""Causes are ranked by what was seen; what nobody knows is no evidence."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.causes import analyze_results
from bigbrother.operations.diagnostics.causes.analyze import _together, likelihoods
from bigbrother.operations.diagnostics.causes.catalogue import SUSPECTS
from bigbrother.operations.diagnostics.causes.evidence import speaking_for
from bigbrother.operations.diagnostics.causes.narrowing import (
    SymptomUnknown,
    concerns,
    known_symptom,
    symptom_names,
)
from bigbrother.operations.diagnostics.records import Cause
from bigbrother.operations.diagnostics.trends import Trend
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.looks import LOOKS
from bigbrother.runbook.symptoms import STATES, SUBJECTS
from tests.unit.operations.checks.installation import changed
from tests.unit.operations.diagnostics.recorded import (
    BAD,
    DB,
    FACE,
    FAULTS,
    OK,
    WELL,
    WORKER,
    seen,
    with_faults,
)

RUNBOOK = load_runbook()
CHECKS = sorted(
    {result.check for result in WELL} | {sign.check for s in SUSPECTS for sign in s.signs}
)
results_of_anything = st.lists(
    st.builds(
        Result,
        check=st.sampled_from(CHECKS),
        status=st.sampled_from([*Status]),
        value=st.none() | st.floats(0, 1e6),
        target=st.sampled_from(["", DB, "bigbrother-face", "bigbrother-worker", "memory"]),
    ),
    max_size=25,
)


def names(causes: tuple[Cause, ...]) -> list[str]:
    return [cause.name for cause in causes]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_right_cause_of_a_single_fault_comes_first(fault: str) -> None:
    first = analyze_results(with_faults(fault), RUNBOOK)[0]
    assert first.name == fault
    assert first.likelihood >= 0.6
    assert first.reasons


@pytest.mark.parametrize(("one", "other"), [*combinations(FAULTS, 2)])
def test_both_causes_of_two_faults_are_among_the_first_three(one: str, other: str) -> None:
    found = names(analyze_results(with_faults(one, other), RUNBOOK))[:3]
    # A database that answers nobody hides what only it could tell.
    hidden = (
        {"queue_stuck", "poison_batch"} if {"database_down", "disk_full"} & {one, other} else set()
    )
    assert {one, other} - hidden <= {*found}


def test_when_all_is_well_there_is_no_cause() -> None:
    assert analyze_results(WELL, RUNBOOK) == ()


def test_a_busy_machine_with_a_long_queue_is_no_cause_yet() -> None:
    busy = [
        *WELL,
        seen("cpu_usage", BAD, 0.99),
        seen("pressure", Status.WARNING, 0.5, "cpu"),
        seen("top_users", Status.WARNING, 0.5, "cpu"),
        seen("inference_time", BAD, 0.16),
    ]
    grown = {"queue_size": Trend("queue_size", 1, 9)}
    assert analyze_results(busy, RUNBOOK, trends=grown) == ()
    waiting = [*busy, seen("response_time", BAD, 0.4)]
    assert names(analyze_results(waiting, RUNBOOK, trends=grown)) == ["high_latency"]


@given(st.lists(st.sampled_from(CHECKS), max_size=20), st.sampled_from([OK, Status.SKIPPED]))
def test_from_what_passed_or_was_skipped_comes_no_cause(checks: list[str], status: Status) -> None:
    assert analyze_results([Result(check, status) for check in checks], RUNBOOK) == ()


@given(results_of_anything)
def test_what_is_unknown_says_nothing(results: list[Result]) -> None:
    more = [*results, *(Result(check, Status.UNKNOWN, target="else") for check in CHECKS)]
    assert likelihoods(more, RUNBOOK) == likelihoods(results, RUNBOOK)
    assert names(analyze_results(more, RUNBOOK)) == names(analyze_results(results, RUNBOOK))


@given(results_of_anything, st.randoms(use_true_random=False))
def test_the_order_of_the_looks_does_not_matter(results: list[Result], chance: object) -> None:
    other = [*results]
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert likelihoods(results, RUNBOOK) == likelihoods(other, RUNBOOK)
    assert names(analyze_results(results, RUNBOOK)) == names(analyze_results(other, RUNBOOK))


@given(results_of_anything, st.sampled_from([s for s in SUSPECTS if s.signs]), st.data())
def test_more_evidence_for_a_cause_never_makes_it_less_likely(
    results: list[Result], suspect: object, data: st.DataObject
) -> None:
    """Of a suspect by itself: what explains it away is a cause of its own."""
    chosen = next(each for each in SUSPECTS if each is suspect)
    sign = data.draw(st.sampled_from(chosen.signs))
    more = [*results, Result(sign.check, Status.FAILED, target=sign.target)]
    assert _weight(chosen.name, more) >= _weight(chosen.name, results)


def _weight(name: str, results: list[Result]) -> float:
    suspect = next(each for each in SUSPECTS if each.name == name)
    return _together(suspect, speaking_for(suspect, results, {}, RUNBOOK))


@given(results_of_anything)
def test_likelihoods_lie_between_nothing_and_certain(results: list[Result]) -> None:
    assert all(0 <= each < 1 for each in likelihoods(results, RUNBOOK).values())
    found = [cause.likelihood for cause in analyze_results(results, RUNBOOK)]
    assert found == sorted(found, reverse=True)


def test_a_full_disk_explains_a_database_that_is_down() -> None:
    alone = {cause.name: cause for cause in analyze_results(with_faults("database_down"), RUNBOOK)}
    both = {cause.name: cause for cause in analyze_results(with_faults("disk_full"), RUNBOOK)}
    assert both["database_down"].likelihood < alone["database_down"].likelihood
    assert any("It may come of disk_full" in reason for reason in both["database_down"].reasons)


def test_no_cause_explains_one_that_explains_it() -> None:
    """Each takes from those after it alone, so the order of the catalogue is the order of blame."""
    order = [suspect.name for suspect in SUSPECTS]
    assert order.index("disk_full") < order.index("database_down") < order.index("queue_stuck")
    assert order.index("queue_stuck") < order.index("high_latency")
    assert len(order) == len({*order})


def test_the_figure_of_a_symptom_in_the_document_is_what_counts() -> None:
    short = [seen("certificates", OK, 20 * 86_400, "x.pem")]
    assert analyze_results(short, RUNBOOK) == ()
    longer = changed(
        {"common_issues.certificate_expiring.symptoms": ["certificate validity < 30 days"]}
    )
    assert names(analyze_results(short, longer)) == ["certificate_expiring"]


def test_the_least_likelihood_of_the_document_is_what_is_named() -> None:
    strict = changed({"diagnostics.causes.least_likelihood": "90%"})
    faults = with_faults("model_degradation")
    assert names(analyze_results(faults, RUNBOOK)) == ["model_degradation"]
    assert analyze_results(faults, strict) == ()


def test_many_pairs_called_one_are_a_symptom_from_the_document_s_figure_on() -> None:
    faults = [seen("model_accuracy", OK, 0.96, figures={"false_match_ratio": 0.05})]
    lenient = changed({"diagnostics.causes.false_positives": "10%"})
    assert likelihoods(faults, RUNBOOK)["model_degradation"] > 0
    assert likelihoods(faults, lenient)["model_degradation"] == 0


def test_a_queue_that_grew_by_more_than_the_document_s_share_increases() -> None:
    trends = {"queue_size": Trend("queue_size", 100, 130)}
    lenient = changed({"diagnostics.causes.increase": "50%"})
    assert likelihoods((), RUNBOOK, trends)["queue_stuck"] > 0
    assert likelihoods((), lenient, trends)["queue_stuck"] == 0


def test_an_issue_that_the_operator_took_out_is_no_cause() -> None:
    left = {k: v for k, v in RUNBOOK.common_issues.items() if k != "database_down"}
    without = RUNBOOK.model_copy(update={"common_issues": left})
    assert "database_down" not in names(analyze_results(with_faults("database_down"), without))


def test_a_cause_names_its_target_and_what_helps() -> None:
    (cause, *_) = analyze_results(with_faults("database_down"), RUNBOOK)
    assert (cause.target, cause.procedures) == (DB, ("service_recovery.bigbrother-db",))


@pytest.mark.parametrize("service", ["face_analyzer", "bigbrother-worker", "bigbrother-ops"])
def test_of_several_services_the_one_that_hangs_is_recovered_first(service: str) -> None:
    unit = FACE if service == "face_analyzer" else service
    hung = [each for each in WELL if (each.check, each.target) != ("hung_units", unit)]
    (cause, *_) = analyze_results([*hung, seen("hung_units", BAD, None, unit)], RUNBOOK)
    assert (cause.name, cause.target) == ("service_down", unit)
    assert cause.procedures[0] == f"service_recovery.{service}"


def test_a_database_that_hangs_is_the_cause_and_not_the_unit_that_waits_for_it() -> None:
    others = [each for each in with_faults("database_down") if each.check != "hung_units"]
    database, face = (seen("hung_units", BAD, None, unit) for unit in (DB, FACE))
    assert names(analyze_results([*others, database], RUNBOOK)) == ["database_down"]
    found = analyze_results([*others, database, face], RUNBOOK)
    assert names(found) == ["database_down", "service_down"]
    assert found[0].likelihood - found[1].likelihood > 0.3


def test_a_worker_that_hangs_while_work_waits_is_a_queue_that_stands() -> None:
    hung = seen("hung_units", BAD, None, WORKER)
    waiting = [seen("queue_age", BAD, 120, WORKER), seen("workers", BAD, 0, WORKER)]
    changed_checks = {"hung_units", "queue_age", "workers"}
    others = [each for each in WELL if each.check not in changed_checks]
    assert names(analyze_results([*others, hung], RUNBOOK)) == ["service_down"]
    found = names(analyze_results([*others, hung, *waiting], RUNBOOK))
    assert found == ["queue_stuck", "service_down"]


def test_asked_about_a_symptom_only_what_has_to_do_with_it_stays() -> None:
    both = with_faults("certificate_expiring", "queue_stuck")
    assert names(analyze_results(both, RUNBOOK, symptom="queue_stuck")) == ["queue_stuck"]
    assert names(analyze_results(both, RUNBOOK, symptom="certificate_expiring")) == [
        "certificate_expiring"
    ]
    # An alert that no cause has to do with keeps them all.
    assert len(analyze_results(both, RUNBOOK, symptom="channel_failing")) == 2


def test_a_symptom_that_nobody_knows_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SymptomUnknown) as caught:
        known_symptom("high latencies", RUNBOOK)
    assert caught.value.remedy == "Did you mean 'high_latency'?"
    assert known_symptom("high latency", RUNBOOK) == "high_latency"
    assert {"unit_down", "disk_full"} <= {*symptom_names(RUNBOOK)}
    assert concerns("disk_full", "database_unreachable", RUNBOOK)


def test_every_issue_of_the_document_has_its_cause() -> None:
    assert {suspect.name for suspect in SUSPECTS} == {*RUNBOOK.common_issues} == {*FAULTS}


def test_every_symptom_of_the_document_has_a_weight_of_its_own() -> None:
    for suspect in SUSPECTS:
        symptoms = RUNBOOK.common_issues[suspect.name].symptoms
        keys = {
            f"increasing {each.check}" if each.kind == "increasing" else each.check
            for each in symptoms
        }
        assert keys == {*suspect.symptoms}, suspect.name


def test_signs_and_looks_are_of_probes_that_there_are() -> None:
    from bigbrother.operations.diagnostics.catalogue import CATALOGUE  # noqa: PLC0415

    known = {probe.name for probe in CATALOGUE}
    named = {check for checks in LOOKS.values() for check in checks}
    named |= {subject.check for subject in SUBJECTS.values()}
    named |= {check for check, _, _ in STATES.values()}
    for suspect in SUSPECTS:
        named |= {sign.check for sign in (*suspect.signs, *suspect.against)}
        named |= {explained.partition("/")[0] for explained in suspect.explains}
    assert named - known == set()


def test_reasons_come_back_from_json_and_can_be_said_in_portuguese() -> None:
    cause = analyze_results(with_faults("disk_full"), RUNBOOK)[0]
    back = Cause.from_json(cause.as_json())  # type: ignore[arg-type]  # plain JSON values
    assert back == replace(cause)
