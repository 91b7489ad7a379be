"""Figures with units are read as the runbook writes them, and nothing else is."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import Dimension, parse_quantity


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("200ms", "duration", 0.2),
        ("5m", "duration", 300),
        ("15min", "duration", 900),
        ("2 hours", "duration", 7200),
        ("4 weeks", "duration", 2_419_200),
        ("1y", "duration", 31_536_000),
        ("20 MB", "size", 20_000_000),
        ("512 MiB", "size", 536_870_912),
        ("0.1%", "ratio", 0.001),
        ("0.8", "ratio", 0.8),
        ("1000", "count", 1000),
    ],
)
def test_the_runbooks_own_figures_are_read(text: str, dimension: Dimension, value: float) -> None:
    assert parse_quantity(text, dimension).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "dimension"),
    [
        ("", "duration"),
        ("fast", "duration"),
        ("200", "duration"),
        ("-5s", "duration"),
        ("20 mb", "size"),
        ("80% ", "size"),
        ("1e3", "count"),
        ("nan", "ratio"),
        ("10 apples", "count"),
        ("1 000", "count"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str, dimension: Dimension) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_quantity(text, dimension)
    assert "'" in caught.value.remedy


@given(st.text(), st.sampled_from(["duration", "size", "ratio", "count"]))
def test_no_text_breaks_the_reader(text: str, dimension: Dimension) -> None:
    with contextlib.suppress(InvalidInput):
        assert parse_quantity(text, dimension).value >= 0


def test_a_quantity_prints_as_it_was_written() -> None:
    assert str(parse_quantity("4 weeks", "duration")) == "4 weeks"
    assert parse_quantity("1 week", "duration").duration.days == 7
