"""Thresholds and false match rates that follow from a measured distribution."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bigbrother.models.impostors import Impostors, Quantile, Tail
from bigbrother.models.manifest import Manifest
from bigbrother.models.store import PackStore
from tests.fakes.packs import NOWHERE

MANIFEST: Manifest = PackStore(NOWHERE).manifest("sface")
IMPOSTORS = MANIFEST.impostors
RATES = st.floats(min_value=1e-12, max_value=0.4)


def test_a_measured_quantile_is_its_own_threshold() -> None:
    for quantile in IMPOSTORS.quantiles:
        assert IMPOSTORS.threshold(quantile.false_match_rate) == pytest.approx(quantile.similarity)


@given(rate=RATES)
def test_rate_and_threshold_are_each_others_inverse(rate: float) -> None:
    threshold = IMPOSTORS.threshold(rate)
    assert threshold <= 1
    if threshold < 1:
        assert IMPOSTORS.false_match_rate(threshold) == pytest.approx(rate, rel=1e-6)


@given(rate=RATES, rarer=st.floats(min_value=1e-6, max_value=1))
def test_a_rarer_mistake_never_asks_for_less_similarity(rate: float, rarer: float) -> None:
    assert IMPOSTORS.threshold(rate * rarer) >= IMPOSTORS.threshold(rate)


@given(low=st.floats(-1, 1), high=st.floats(-1, 1))
def test_more_similarity_never_means_a_higher_false_match_rate(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 1 >= IMPOSTORS.false_match_rate(low) >= IMPOSTORS.false_match_rate(high) > 0


def test_the_tail_goes_on_below_one_over_the_number_of_pairs() -> None:
    rarest = 1 / IMPOSTORS.pairs
    assert IMPOSTORS.threshold(rarest / 1000) > IMPOSTORS.threshold(rarest)
    fall = IMPOSTORS.threshold(rarest / math.e) - IMPOSTORS.threshold(rarest)
    assert fall == pytest.approx(IMPOSTORS.tail.scale)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, 2.0, math.nan])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        MANIFEST.verification_threshold(rate)
    with pytest.raises(ValueError, match="between 0 and 1"):
        MANIFEST.identification_threshold(10, rate)


@pytest.mark.parametrize(
    "quantiles",
    [
        (Quantile(false_match_rate=0.1, similarity=0.2),),
        (
            Quantile(false_match_rate=0.01, similarity=0.2),
            Quantile(false_match_rate=0.1, similarity=0.3),
        ),
        (
            Quantile(false_match_rate=0.1, similarity=0.3),
            Quantile(false_match_rate=0.01, similarity=0.3),
        ),
    ],
)
def test_a_distribution_that_is_not_one_is_refused(quantiles: tuple[Quantile, ...]) -> None:
    with pytest.raises(ValidationError):
        Impostors(
            source="made up",
            images=2,
            identities=2,
            pairs=1,
            quantiles=quantiles,
            tail=Tail(scale=0.1),
        )


def test_verification_uses_the_rate_it_is_asked_for() -> None:
    declared = MANIFEST.verification
    computed = MANIFEST.verification_threshold(declared.false_match_rate)
    assert computed == pytest.approx(declared.threshold, abs=1e-3)
    assert MANIFEST.verification_threshold(1e-4) > computed


@given(faces=st.integers(0, 10**8), more=st.integers(0, 10**8))
def test_a_larger_gallery_asks_for_more_similarity(faces: int, more: int) -> None:
    few = MANIFEST.identification_threshold(faces, 0.01)
    assert few <= MANIFEST.identification_threshold(faces + more, 0.01)


@given(faces=st.integers(1, 10**7))
def test_the_chance_of_any_match_stays_at_the_target(faces: int) -> None:
    threshold = MANIFEST.identification_threshold(faces, 0.01)
    one = MANIFEST.false_match_rate(threshold)
    assert -math.expm1(faces * math.log1p(-one)) == pytest.approx(0.01, rel=1e-3)


def test_an_empty_gallery_counts_as_one_face() -> None:
    assert MANIFEST.identification_threshold(0, 0.01) == MANIFEST.identification_threshold(1, 0.01)
