"""A symptom of the document is a predicate, and what nobody understands is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from bigbrother.runbook.symptoms import STATES, SUBJECTS, SymptomKind, parse_symptom
from tests.unit.runbook.place import overlay


@pytest.mark.parametrize(
    ("text", "check", "kind", "bound"),
    [
        ("response time > 200ms", "response_time", SymptomKind.FIGURE, 0.2),
        ("accuracy < 95%", "model_accuracy", SymptomKind.FIGURE, 0.95),
        ("OOM kills >= 1", "oom_kills", SymptomKind.FIGURE, 1),
        ("certificate validity < 14 days", "certificates", SymptomKind.FIGURE, 14 * 86_400),
        ("increasing queue size", "queue_size", SymptomKind.INCREASING, None),
        ("high CPU usage", "cpu_usage", SymptomKind.BEYOND, None),
        ("high false positives", "model_accuracy", SymptomKind.BEYOND, None),
        ("slow inference", "inference_time", SymptomKind.BEYOND, None),
        ("failing inference", "golden_inference", SymptomKind.FAILING, None),
        ("database unreachable", "database_answers", SymptomKind.BROKEN, None),
    ],
)
def test_what_the_words_mean(text: str, check: str, kind: SymptomKind, bound: float | None) -> None:
    symptom = parse_symptom(text)
    assert (symptom.check, symptom.kind, str(symptom)) == (check, kind, text)
    assert (symptom.bound.bound.value if symptom.bound else None) == pytest.approx(bound)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("respones time > 200ms", "Did you mean 'response time'?"),
        ("response time > 200", "unit"),
        ("response time > fast", "not a figure"),
        ("increasing queue sise", "Did you mean 'queue size'?"),
        ("database unreachabel", "Did you mean 'database unreachable'?"),
        ("the service feels slow", "is not a symptom"),
        ("", "is not a symptom"),
    ],
)
def test_what_nobody_understands_is_refused_with_its_line_and_the_nearest_words(
    text: str, said: str, tmp_path: Path
) -> None:
    written = (
        f"common_issues:\n  high_latency:\n    symptoms:\n      - no worker\n      - '{text}'\n"
    )
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(overlay(tmp_path, written))
    assert "runbook.yaml:5: common_issues.high_latency.symptoms.1" in caught.value.detail
    assert said in caught.value.detail


@given(st.text(max_size=60))
def test_any_text_is_a_symptom_or_is_refused(text: str) -> None:
    remedy = None
    try:
        found = parse_symptom(text).text
    except InvalidInput as refused:
        found, remedy = text, refused.remedy
    assert found == text
    assert remedy != ""


@given(st.sampled_from([*SUBJECTS]), st.sampled_from(["<", "<=", ">", ">="]))
def test_spaces_do_not_matter(subject: str, sign: str) -> None:
    unit = {"duration": "ms", "ratio": "%", "count": "", "size": "B"}[SUBJECTS[subject].dimension]
    plain = parse_symptom(f"{subject} {sign} 5{unit}")
    spread = parse_symptom(f"  {subject.replace(' ', '   ')}{sign}5{unit} ")
    assert (plain.check, plain.bound) == (spread.check, spread.bound)


def test_no_words_mean_two_things() -> None:
    assert not {*STATES} & {
        f"{word} {name}" for word in ("high", "low", "slow") for name in SUBJECTS
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("checks: [verify system resource]", "Did you mean 'verify system resources'?"),
        ("solutions: [recover bigbrother-bd]", "Did you mean 'recover bigbrother-db'?"),
        ("solutions: [free disks]", "Did you mean 'free disk'?"),
    ],
)
def test_a_check_or_solution_that_does_not_exist_is_refused(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(overlay(tmp_path, f"common_issues:\n  disk_full:\n    {text}\n"))
    assert "runbook.yaml:3" in caught.value.detail
    assert said in caught.value.detail
