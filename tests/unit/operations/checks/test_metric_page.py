"""Reading what /metrics answers: all of it or nothing."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bigbrother.operations.checks.counters import Counters
from bigbrother.operations.checks.errors import MetricPageInvalid
from bigbrother.operations.checks.metric_page import MetricPage, read_page
from tests.fakes.clock import FakeClock
from tests.unit.operations.checks.installation import page, page_text

NOW = FakeClock().now()
BUCKET = 'bigbrother_inference_duration_seconds_bucket{stage="total",workload="single-face",le='


def read(text: str) -> MetricPage:
    return page(text.encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a NaN\n", "no figure"),
        ("a +Inf\n", "no figure"),
        ("a 1e999\n", "no figure"),
        ("a 0x10\n", "no sample"),
        ("a 1_000\n", "no sample"),
        ("a ١\n", "no sample"),
        ("a\n", "no sample"),
        ("a 1 2 3\n", "no sample"),
        ("1a 1\n", "no sample"),
        ('a{b="1"} \n', "no sample"),
        ('a{b="1" 1\n', "no sample"),
        ("a{b=1} 1\n", "no sample"),
        ('a{,b="1"} 1\n', "no sample"),
        ('a{b="\\x"} 1\n', "no sample"),
        ("<html></html>\n", "no sample"),
        ("a 1\na 2\n", "twice"),
        ('a{b="1",c="2"} 1\na{c="2",b="1"} 2\n', "twice"),
        ('a{b="1",b="2"} 1\n', "a label twice"),
        ("# TYPE a counter\n# TYPE a counter\n", "twice"),
        ("# TYPE a speed\n", "names no type"),
        ("# TYPE a\n", "names no type"),
        ("# TYPE a counter\na -1\n", "negative"),
        ('# TYPE a histogram\na_bucket{le="1"} -1\n', "negative"),
    ],
)
def test_a_broken_line_refuses_the_page_and_is_named(text: str, reason: str) -> None:
    with pytest.raises(MetricPageInvalid, match=r"Line \d") as refused:
        read("# HELP well all\nwell 1\n" + text)
    assert reason in refused.value.detail
    assert refused.value.remedy


def test_a_page_of_bytes_that_are_no_text_is_refused() -> None:
    with pytest.raises(MetricPageInvalid, match="not UTF-8 at byte 5"):
        page(b'a{b="\xff"} 1\n')


@pytest.mark.parametrize(
    "text",
    [
        b"a 1\n" * 2_000_000,
        b"\n" * 100_000,
        b"#\n" * 100_000,
        b"".join(b'a{b="%d"} 1\n' % number for number in range(20_001)),
    ],
    ids=["bytes", "blank lines", "comments", "samples"],
)
def test_a_page_without_end_is_refused(text: bytes) -> None:
    with pytest.raises(MetricPageInvalid, match="more than"):
        page(text)


@pytest.mark.parametrize(
    "text",
    [
        b"a{" + b'b="1",' * 600_000 + b"} 1",
        b'a{b="' + b'\\"' * 1_900_000,
        b"a " + b"1" * 3_900_000,
        b"a" * 3_900_000,
    ],
    ids=["labels", "escapes", "digits", "name"],
)
def test_a_line_without_end_is_refused_in_a_sentence_that_has_one(text: bytes) -> None:
    with pytest.raises(MetricPageInvalid) as refused:
        page(text)
    assert len(refused.value.detail) < 300


def test_what_prometheus_allows_is_read() -> None:
    found = read(
        "# a comment\n\n# HELP a what\n# TYPE a gauge\r\n"
        'a{b="x,\\"}\\n\\\\",c="",} -1.5e3 1700000000000\n'
        "d\t.5\n"
        'd{le="+Inf"} 3.\n'
        "# EOF"
    )
    assert found.named("a")[0].labels == (("b", 'x,"}\n\\'), ("c", ""))
    assert found.named("a")[0].value == -1500
    assert [sample.value for sample in found.named("d")] == [0.5, 3]
    assert found.types == {"a": "gauge"}
    assert found.named("nothing") == []


def test_the_service_s_own_page_is_read_to_its_last_line() -> None:
    text = page_text([0.1, 0.3], failed=1, inference=[0.05])
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    assert sum(map(len, page(text).samples.values())) == len(lines)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"\r")
@example(b"a{} 1")
@example(b'a{,b="1"} 1')
def test_whatever_comes_is_read_or_refused_and_nothing_else(text: bytes) -> None:
    with contextlib.suppress(MetricPageInvalid):
        Counters.of(read_page(text, largest_bytes=1000, most_samples=100), NOW)


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,9}", fullmatch=True),
            st.dictionaries(
                st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,9}", fullmatch=True),
                # A line ends at these in text that is read by lines.
                st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])),
                max_size=3,
            ),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=5,
        unique_by=lambda one: (one[0], tuple(sorted(one[1].items()))),
    )
)
def test_what_is_written_is_what_is_read(samples: list[tuple[str, dict[str, str], float]]) -> None:
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
    text = ""
    for name, labels, value in samples:
        inside = ",".join(f'{key}="{said.translate(escapes)}"' for key, said in labels.items())
        text += f"{name}{{{inside}}} {value!r}\n"
    found = [sample for each in read(text).samples.values() for sample in each]
    assert sorted((s.name, sorted(dict(s.labels).items()), s.value) for s in found) == sorted(
        (name, sorted(labels.items()), value) for name, labels, value in samples
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f'{BUCKET}"much"}} 1\n', "bound 'much'"),
        (f'{BUCKET}"NaN"}} 1\n', "bound 'NaN'"),
        (f'{BUCKET}"1"}} 1\n', "do not rise"),
        (f'{BUCKET}"1"}} 5\n{BUCKET}"+Inf"}} 3\n', "do not rise"),
        (f'{BUCKET}"1"}} 1\n{BUCKET}"1.0"}} 1\n{BUCKET}"+Inf"}} 3\n', "do not rise"),
        ("# TYPE bigbrother_http_requests_total gauge\n", "is a gauge, not a counter"),
        ("bigbrother_batch_success_ratio 1.5\n", "bigbrother_batch_success_ratio is 1.5"),
        ('bigbrother_batch_queue_items{priority="low"} -3\n', "is negative"),
    ],
)
def test_a_page_that_contradicts_itself_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MetricPageInvalid, match=reason):
        Counters.of(read(text), NOW)
