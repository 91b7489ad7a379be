"""Whatever stands in an alert, what is sent of it steers nothing."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.alerts.channels.cleaning import (
    answer_line,
    cut,
    lines,
    one_line,
    place,
    plain_letters,
)

ANY = st.text(st.characters(), max_size=300)


@given(ANY)
def test_one_line_has_no_control_direction_or_invisible_characters(text: str) -> None:
    line = one_line(text)
    assert all(
        unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in line
    )
    assert line == line.strip()
    assert one_line(line) == line
    line.encode()


@given(ANY)
def test_lines_are_each_clean_and_none_is_empty(text: str) -> None:
    assert all(line and one_line(line) == line for line in lines(text).split("\n") if lines(text))


@given(ANY, st.integers(2, 50))
def test_a_cut_text_is_no_longer_than_asked_for(text: str, longest: int) -> None:
    assert len(cut(text, longest)) <= longest
    assert cut(text, longest) == text or cut(text, longest).endswith("…")


def test_a_text_message_loses_accents_and_keeps_other_scripts() -> None:
    assert plain_letters("CRÍTICO “não” está – já…") == 'CRITICO "nao" esta - ja...'
    assert plain_letters("наблюдатель") == "наблюдатель"


def test_an_answer_shows_no_secret_even_if_the_server_repeats_it() -> None:
    line = answer_line("400 bad\r\ntoken s3cret-s3cret", ("s3cret-s3cret",), 100)
    assert line == "400 bad token [redacted]"


def test_an_address_is_told_without_what_may_be_secret_in_it() -> None:
    assert place("https://user:pw@hooks.example.org:8443/services/T/B/x?y=z") == (
        "https://hooks.example.org:8443"
    )
    assert place("http://[::1]:80/x") == "http://[::1]:80"
