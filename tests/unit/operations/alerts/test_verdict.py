"""When a message is tried again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.alerts.outbox.verdict import NotTaken, Refused, Taken, again_at
from bigbrother.runbook.load import load_runbook
from tests.fakes.told import NOW

FIGURES = load_runbook().alert_config.delivery


def seconds(outcome: NotTaken, attempts: int) -> float | None:
    at = again_at(outcome, attempts, FIGURES, NOW)
    return None if at is None else (at - NOW).total_seconds()


def test_pauses_double_until_the_tries_are_over() -> None:
    pauses = [seconds(NotTaken("500"), attempts) for attempts in range(1, 7)]
    assert pauses == [1.0, 2.0, 4.0, 8.0, None, None]


def test_a_channel_that_asks_for_patience_gets_it() -> None:
    assert seconds(NotTaken("429", 30.0), 1) == 30.0
    assert seconds(NotTaken("429", 0.0), 1) == 1.0


def test_a_channel_that_asks_for_too_much_patience_is_given_up() -> None:
    assert seconds(NotTaken("429", 301.0), 1) is None


def test_what_arrived_or_was_refused_is_not_tried_again() -> None:
    assert again_at(Taken("ok"), 1, FIGURES, NOW) is None
    assert again_at(Refused("404"), 1, FIGURES, NOW) is None


@given(st.integers(1, 10_000), st.one_of(st.none(), st.floats(0, 1e12)))
def test_a_pause_is_never_longer_than_the_longest(attempts: int, asked: float | None) -> None:
    patient = FIGURES.model_copy(update={"attempts": 20_000})
    at = again_at(NotTaken("", asked), attempts, patient, NOW)
    if at is not None:
        assert timedelta(0) < at - NOW <= FIGURES.longest_pause.duration
