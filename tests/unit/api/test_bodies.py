"""Times, spans and quality as clients send and see them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bigbrother.face.api.schemas.gallery import ChangedConsent, CollectionRequest, GivenConsent
from bigbrother.face.api.schemas.parts import span_text
from bigbrother.face.engine.types import Quality
from bigbrother.face.gallery.errors import QualityTooLow
from bigbrother.face.gallery.examples import check_quality
from bigbrother.face.gallery.records import Consent
from bigbrother.kernel.quantity import parse_quantity
from bigbrother.runbook.load import load_runbook

REQUIRED = load_runbook().enrolment_quality
GOOD = {"size": 1.0, "sharpness": 1.0, "pose": 1.0, "brightness": 1.0, "overall": 1.0}


@given(st.integers(1, 10**9).map(lambda n: timedelta(milliseconds=n)))
def test_a_span_reads_back_as_it_was_written(span: timedelta) -> None:
    assert parse_quantity(span_text(span), "duration").duration == span


def test_spans_are_written_in_the_largest_unit_that_fits() -> None:
    texts = {
        timedelta(days=30): "30 days",
        timedelta(hours=36): "36 h",
        timedelta(seconds=1): "1 s",
    }
    assert {span: span_text(span) for span in texts} == texts


@given(st.text())
def test_any_text_is_a_span_or_a_refusal(text: str) -> None:
    try:
        retention = CollectionRequest(name="x", retention=text).retention  # type: ignore[arg-type]
    except ValidationError:
        return
    assert retention is not None
    assert retention > timedelta(0)


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_time_with_a_zone_is_understood(time: datetime) -> None:
    given_consent = GivenConsent(
        legal_basis="consent",
        purpose="p",
        expires_at=time.isoformat().replace("+00:00", "Z"),  # type: ignore[arg-type]
    )
    assert given_consent.expires_at == time


def test_a_changed_consent_keeps_what_was_not_sent() -> None:
    old = Consent("consent", "doors", "form 1", datetime(2030, 1, 1, tzinfo=UTC))
    assert ChangedConsent().applied_to(old) == old
    withdrawn = ChangedConsent.model_validate({"withdrawn_at": "2029-01-01T00:00:00Z"})
    assert withdrawn.applied_to(old).withdrawn_at == datetime(2029, 1, 1, tzinfo=UTC)
    assert withdrawn.applied_to(old).expires_at == old.expires_at
    assert ChangedConsent.model_validate({"expires_at": None}).applied_to(old).expires_at is None


@pytest.mark.parametrize("score", GOOD)
def test_each_score_below_its_figure_refuses_enrolment_and_is_named(score: str) -> None:
    least = float(getattr(REQUIRED, score))
    check_quality(Quality(**{**GOOD, score: least}, reasons=()), REQUIRED)
    with pytest.raises(QualityTooLow) as refused:
        check_quality(Quality(**{**GOOD, score: least - 0.01}, reasons=()), REQUIRED)
    assert refused.value.reasons == [f"low-{score}"]
    assert refused.value.required[score] == least
    assert score in refused.value.detail
