"""model_accuracy: where faces come from, what is too few, and what the figure is."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.accuracy.pairs import People, accuracy
from bigbrother.ports.face_service import FaceServiceUnreachable
from tests.unit.operations.checks.installation import Installation, changed


def direction(degrees: float) -> tuple[float, ...]:
    """An embedding of unit length."""
    return (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def label(installation: Installation, people: int, photographs: int, wrong: int = 0) -> None:
    """A labelled folder; the photographs of `wrong` people show somebody else each."""
    embeddings = {}
    draw = random.Random(1)  # noqa: S311 - reproducible
    for person in range(people):
        folder = installation.home / "data" / "accuracy" / f"person {person}"
        folder.mkdir(parents=True)
        at = [draw.gauss(0, 1) for _ in range(256)]
        for number in range(photographs):
            own = [draw.gauss(0, 1) for _ in range(256)] if person < wrong else at
            length = math.hypot(*own)
            picture = f"{person} {number}".encode()
            (folder / f"{number}.jpg").write_bytes(picture)
            embeddings[picture] = tuple(figure / length for figure in own)
    installation.face.embeddings = embeddings


def test_a_database_that_is_down_is_unknown_with_its_reason(installation: Installation) -> None:
    result = installation.one("model_accuracy")
    assert result.status is Status.UNKNOWN
    assert "The gallery cannot be read" in result.evidence[0]
    assert "bigbrother-db" in result.remedy


def test_a_face_analyzer_that_is_down_is_unknown(installation: Installation) -> None:
    label(installation, 30, 5)
    installation.face.down = True
    result = installation.one("model_accuracy")
    assert (result.status, result.value) == (Status.UNKNOWN, None)
    assert "Connection refused" in result.evidence[0]


def test_a_labelled_folder_is_measured_and_named(installation: Installation) -> None:
    label(installation, 30, 5)
    result = installation.one("model_accuracy")
    assert (result.status, result.value, result.threshold) == (Status.PASSED, 1, "> 95%")
    assert "data/accuracy, 150 photographs of 30 people." in result.evidence[0]
    assert "300 genuine and 10,875 impostor pairs" in result.evidence[1]
    assert "sface@" in result.evidence[1]


def test_people_under_wrong_names_make_it_fail(installation: Installation) -> None:
    label(installation, 30, 5, wrong=6)
    result = installation.one("model_accuracy")
    assert result.status is Status.FAILED
    assert result.value == pytest.approx(0.9, abs=0.02)
    assert "wrong name" in result.remedy


@pytest.mark.parametrize(("people", "photographs"), [(30, 2), (3, 12)])
def test_too_few_pairs_of_either_kind_are_unknown_never_a_figure(
    installation: Installation, people: int, photographs: int
) -> None:
    label(installation, people, photographs)
    result = installation.one("model_accuracy")
    assert (result.status, result.value) == (Status.UNKNOWN, None)
    assert "200 genuine and 2,000 impostor pairs at least" in result.evidence[-1]
    assert "data/accuracy" in result.remedy


def test_photographs_without_a_face_are_counted_and_left_out(installation: Installation) -> None:
    label(installation, 30, 5)
    extra = installation.home / "data" / "accuracy" / "person 0"
    (extra / "sky.png").write_bytes(b"sky")
    (extra / "notes.txt").write_bytes(b"no photograph")
    (extra / "gone.jpg").symlink_to("/nowhere")
    result = installation.one("model_accuracy")
    assert result.status is Status.PASSED
    assert "2 photographs hold no face that is found." in result.evidence


def test_when_time_is_up_the_photographs_until_then_count(installation: Installation) -> None:
    label(installation, 40, 6)
    patient = installation.face.embed
    spent = iter(range(10_000))

    def slow(picture: bytes, within_seconds: float) -> tuple[float, ...]:
        next(spent)
        installation.clock.forward(0.5)
        return patient(picture, within_seconds)

    installation.face.embed = slow  # type: ignore[method-assign]
    result = installation.one("model_accuracy")
    # 96 of the document's 120 seconds are for looking: 192 photographs, the first of each first.
    assert "192 photographs of 40 people" in result.evidence[0]
    assert "The time was up with 48 photographs left." in result.evidence


def test_a_folder_that_may_not_be_read_is_unknown_not_passed_over(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(installation, 30, 5)

    look_into = Path.iterdir

    def refuse(folder: Path) -> Iterator[Path]:
        if folder.name == "accuracy":
            raise PermissionError(13, "Permission denied", str(folder))
        return look_into(folder)

    monkeypatch.setattr(Path, "iterdir", refuse)
    result = installation.one("model_accuracy")
    assert result.status is Status.UNKNOWN
    assert "Permission denied" in result.evidence[0]


def test_the_operator_s_own_folder_stands_in_the_document(
    installation: Installation, tmp_path: Path
) -> None:
    label(installation, 30, 5)
    (installation.home / "data" / "accuracy").rename(tmp_path / "elsewhere")
    installation.runbook = changed({"daily_checks.labelled_folder": str(tmp_path / "elsewhere")})
    assert installation.one("model_accuracy").status is Status.PASSED


def test_a_stricter_false_match_rate_raises_the_threshold_that_is_measured_at(
    installation: Installation,
) -> None:
    label(installation, 30, 5)
    before = installation.one("model_accuracy").evidence[1]
    installation.runbook = changed({"matching.verification_false_match_rate": "0.01%"})
    assert installation.one("model_accuracy").evidence[1] != before


GROUPS = st.lists(
    st.dictionaries(
        st.sampled_from("abcd"),
        st.lists(st.floats(0, 360).map(direction), min_size=1, max_size=4),
        max_size=4,
    ),
    max_size=3,
)


@given(GROUPS, st.integers(2, 40))
def test_no_more_pairs_than_the_document_allows_and_all_where_it_allows_them(
    people: list[People], most: int
) -> None:
    found = accuracy(people, 0.5, most)
    everyone = accuracy(people, 0.5, 10_000)
    assert found.genuine_pairs <= most // 2
    assert found.genuine_pairs + found.impostor_pairs <= most
    assert found.genuine_pairs == min(most // 2, everyone.genuine_pairs)
    total = sum(
        len(a) * len(b)
        for group in people
        for name_a, a in group.items()
        for name_b, b in group.items()
        if name_a < name_b
    )
    assert everyone.impostor_pairs == total


def test_a_sample_of_many_pairs_is_the_same_each_time_and_near_the_truth() -> None:
    draw = random.Random(3)  # noqa: S311 - reproducible
    # Everybody looks alike to this model: half of the impostor pairs reach the threshold.
    group = {f"{n}": [direction(draw.uniform(0, 180)) for _ in range(4)] for n in range(150)}
    found = accuracy([group], math.cos(math.radians(60)), 4000)
    assert found == accuracy([group], math.cos(math.radians(60)), 4000)
    assert (found.genuine_pairs, found.impostor_pairs) == (900, 3100)
    assert found.false_match_rate == pytest.approx(5 / 9, abs=0.03)


def test_only_within_a_collection_are_different_names_different_people() -> None:
    alone = [{"ana": [direction(0), direction(1)]}, {"ana again": [direction(2), direction(3)]}]
    found = accuracy(alone, 0.9, 100)
    assert (found.genuine_pairs, found.impostor_pairs) == (2, 0)


def test_the_fake_refuses_as_the_port_says(installation: Installation) -> None:
    installation.face.down = True
    with pytest.raises(FaceServiceUnreachable):
        installation.face.embed(b"", 1)
