"""The errors of a log by cause."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.operations.checks.log_summary import portuguese
from bigbrother.operations.checks.log_summary.causes import CAUSES
from bigbrother.operations.checks.log_summary.records import ErrorGroup, Weight
from bigbrother.operations.checks.log_summary.summary import deaths, of_unit, shape, summarize
from bigbrother.operations.checks.sentences import in_language
from bigbrother.runbook.load import load_runbook
from tests.fakes.service_manager import FakeServiceManager

AT = datetime(2030, 5, 1, 6, 0, tzinfo=UTC)
FACE = "bigbrother-face"


def event(level: str, said: str, seconds: float = 0, **about: object) -> str:
    """A line of one of our units."""
    time = (AT + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    return json.dumps({"event": said, "level": level, "time": time, "unit": FACE, **about})


def postgres(level: str, said: str) -> str:
    return f"2030-05-01 06:00:00.123 UTC [4711] bigbrother@bigbrother {level}:  {said}"


def only(*lines: str) -> ErrorGroup:
    (group,) = summarize(lines)
    return group


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            event(
                "error",
                "cannot start",
                code="address-taken",
                detail="127.0.0.1:8080 cannot be listened on: Address already in use.",
                remedy="Stop what uses it, or choose another with BIGBROTHER_PORT.",
            ),
            "port_taken",
        ),
        (event("error", "request failed", exception="OSError: [Errno 28] No space"), "disk_full"),
        (postgres("PANIC", "could not write to file: No space left on device"), "disk_full"),
        (postgres("ERROR", "out of memory"), "out_of_memory"),
        (
            event("error", "x", exception="Traceback (most recent call last):\n  f\nMemoryError"),
            "out_of_memory",
        ),
        (event("error", "cannot start", code="pack-damaged", detail="sface.onnx"), "corrupt_model"),
        (
            event("error", "cannot start", code="home-refused", detail="x: Permission denied"),
            "permission",
        ),
        (postgres("FATAL", 'Peer authentication failed for user "bigbrother"'), "permission"),
        (postgres("FATAL", 'lock file "postmaster.pid" already exists'), "lock_in_the_way"),
        (postgres("PANIC", "could not locate a valid checkpoint record"), "data_damaged"),
        (
            postgres("FATAL", "remaining connection slots are reserved for roles"),
            "connections_exhausted",
        ),
        (
            postgres("LOG", "server process (PID 1) was terminated by signal 9: Killed"),
            "killed_by_signal",
        ),
        (
            "2030-05-01 06:00:00,363 WARN exited: x (terminated by SIGBUS; not expected)",
            "killed_by_signal",
        ),
        (
            "bigbrother-face.service: Main process exited, code=killed, status=9/KILL",
            "killed_by_signal",
        ),
        (
            event(
                "warning",
                "error connecting in 'face': connection to server on socket \"/run/x\" failed: No "
                "such file or directory",
            ),
            "database_away",
        ),
        (postgres("FATAL", "the database system is starting up"), "starting"),
        ("python: error while loading shared libraries: libfoo.so", "installation_damaged"),
        (event("error", "x", reason="[Errno 24] Too many open files"), "descriptors_exhausted"),
        (event("error", "a page", reason="certificate has expired"), "certificate"),
    ],
)
def test_a_known_cause_is_called_by_its_name(line: str, cause: str) -> None:
    assert only(line).cause == cause


def test_what_a_unit_says_as_it_lives_is_no_error() -> None:
    lines = (
        event("info", "serving", url="http://127.0.0.1:8080"),
        event("warning", "was taken for dead", worker_id=3),
        postgres("LOG", "database system is ready to accept connections"),
        "2030-05-01 06:00:00,363 INFO spawned: 'bigbrother-face' with pid 1",
        "2030-05-01 06:00:00,363 INFO exited: bigbrother-face (exit status 0; expected)",
        '{"event": "cut off in mid li',
        "",
    )
    assert summarize(lines) == ()


def test_messages_of_one_shape_are_one_group_and_the_newest_is_its_sample() -> None:
    group = only(
        *(
            event("error", "an image failed", n, reason=f"item {n} of /data/spool/{n}.jpg")
            for n in (1, 2, 3)
        )
    )
    assert (group.count, group.cause) == (3, "")
    assert group.newest_at == AT + timedelta(seconds=3)
    assert "item 3" in group.sample
    assert "item … of …" in group.title


def test_a_traceback_in_plain_lines_is_one_error_with_its_exception() -> None:
    group = only(
        event("info", "serving"),
        "Traceback (most recent call last):",
        '  File "face.py", line 7, in run',
        "    raise ValueError(7)",
        "bigbrother.errors.Odd: the figure 7 is odd",
    )
    assert group.title == "Odd: the figure … is odd"
    assert group.newest_at == AT


def test_a_traceback_at_the_very_end_counts_too() -> None:
    assert only("Traceback (most recent call last):", '  File "x", line 1').count == 1


def test_what_ended_a_unit_stands_before_what_passes_by_itself() -> None:
    groups = summarize(
        (
            event("error", "cannot start", code="pack-damaged", detail="sface.onnx"),
            postgres("FATAL", "the database system is starting up"),
        )
    )
    assert [group.cause for group in groups] == ["corrupt_model", "starting"]
    assert [group.weight for group in groups] == [Weight.ENDED, Weight.PASSING]


def test_what_is_known_and_was_last_stands_first() -> None:
    groups = summarize(
        (
            event("error", "cannot start", 0, code="address-taken", detail="x"),
            event("error", "odd", 9),
            event("error", "y", 5, reason="No space left on device"),
        )
    )
    assert [group.cause for group in groups] == ["disk_full", "", ""]


def test_old_errors_are_left_out() -> None:
    lines = (event("error", "an old one"), event("error", "a fresh one", 60))
    (group,) = summarize(lines, since=AT + timedelta(seconds=1))
    assert group.sample == "a fresh one"


def test_the_units_own_way_out_is_the_remedy_where_the_cause_is_not_known() -> None:
    line = event("error", "cannot start", code="odd", detail="It is odd.", remedy="Make it even.")
    assert only(line).remedy == "Make it even."


@pytest.mark.parametrize(
    "secret",
    ["bb_0123456789ab_c2VjcmV0c2VjcmV0", "hunter2hunter2", "c2VjcmV0" * 20],
)
def test_no_secret_is_in_a_summary(secret: str) -> None:
    lines = (
        event("error", f"sent Bearer {secret}"),
        f"Error: password={secret} was refused",
        "Traceback (most recent call last):",
        f"ValueError: postgresql://owner:{secret}@db/bigbrother",
    )
    assert secret not in json.dumps([group.as_json() for group in summarize(lines)])


def test_the_manager_s_log_tells_what_the_unit_could_not() -> None:
    runbook = load_runbook()
    kill = f"2030-05-01 05:59:00,363 WARN exited: {FACE} (terminated by SIGKILL; not expected)"
    manager = FakeServiceManager(manager_logs={FACE: [kill]})
    assert [each.cause for each in of_unit(manager, FACE, runbook, AT)] == ["killed_by_signal"]
    assert deaths(manager, FACE, runbook, AT - timedelta(days=1)) == 1
    assert deaths(manager, FACE, runbook, AT + timedelta(days=1)) == 0


@given(st.lists(st.text(max_size=200), max_size=20))
def test_whatever_stands_in_a_log_it_can_be_summed_up(lines: list[str]) -> None:
    groups = summarize(lines)
    assert sum(group.count for group in groups) <= len(lines)
    assert all("\n" not in group.sample for group in groups)


@given(st.text(max_size=300))
def test_a_shape_is_the_same_for_the_same_message(text: str) -> None:
    assert shape(f"{text} 17") == shape(f"{text} 9")


def test_every_cause_is_told_in_portuguese() -> None:
    said = {str(s) for cause in CAUSES for s in (cause.title, cause.remedy) if s is not None}
    assert said == set(portuguese.SENTENCES)
    assert in_language(CAUSES[2].title, "pt_BR") == "O endereço está ocupado por outro processo."
