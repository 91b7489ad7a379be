"""A file that only grows: torn ends are set aside, every other change is found."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigbrother.telemetry.chained_file import ChainedFile, ChainedFileDamaged
from tests.waiting import until

KEY = bytes(range(32))
_APPENDS_FOR_EVER = """
import sys
from pathlib import Path
from bigbrother.telemetry.chained_file import ChainedFile
file = ChainedFile(Path(sys.argv[1]), bytes(range(32)))
while True:
    file.append(lambda lines: {"number": lines, "padding": "x" * 3000})
"""


def filled(path: Path, lines: int = 5) -> ChainedFile:
    file = ChainedFile(path, KEY)
    for _ in range(lines):
        file.append(lambda number: {"number": number})
    return file


def numbers(path: Path) -> list[int]:
    return [line["number"] for line in ChainedFile(path, KEY).lines()]


def test_lines_are_read_back_in_their_order_by_others(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    assert numbers(path) == []
    file = filled(path)
    assert numbers(path) == [0, 1, 2, 3, 4]
    assert path.stat().st_mode & 0o777 == 0o600
    ChainedFile(path, KEY).append(lambda number: {"number": number})
    assert [line["number"] for line in file.lines()] == [0, 1, 2, 3, 4, 5]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10**6), value=st.integers(0, 255))
def test_any_changed_byte_before_the_last_newline_is_found(
    tmp_path: Path, position: int, value: int
) -> None:
    path = tmp_path / "lines"
    path.unlink(missing_ok=True)
    filled(path)
    raw = bytearray(path.read_bytes())
    position %= len(raw) - 1
    before, raw[position] = raw[position], value
    path.write_bytes(raw)
    # Some changes say the same, such as an upper-case figure of a digest; no other passes.
    try:
        read = numbers(path)
    except ChainedFileDamaged:
        read = None
    assert read in (None, [0, 1, 2, 3, 4])
    if before == value:
        assert read is not None


@pytest.mark.parametrize("lines", [[0, 1, 3, 4], [0, 2, 1, 3, 4], [1, 2, 3, 4], [0, 0, 1, 2, 3]])
def test_removed_moved_and_repeated_lines_are_found(tmp_path: Path, lines: list[int]) -> None:
    path = tmp_path / "lines"
    filled(path)
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[number] for number in lines))
    with pytest.raises(ChainedFileDamaged):
        numbers(path)


def test_another_key_finds_every_line_wrong(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    filled(path)
    with pytest.raises(ChainedFileDamaged, match="Line 1"):
        ChainedFile(path, bytes(32)).lines()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, 60))
def test_a_torn_last_line_is_set_aside_and_the_file_goes_on(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "lines"
    path.unlink(missing_ok=True)
    filled(path)
    raw = path.read_bytes()
    path.write_bytes(raw[:-cut])
    assert numbers(path) == [0, 1, 2, 3]
    ChainedFile(path, KEY).append(lambda number: {"number": number})
    assert numbers(path) == [0, 1, 2, 3, 4]
    aside = path.with_name("lines.torn")
    assert aside.read_bytes().splitlines()[-1] == raw[:-cut].rpartition(b"\n")[2]


def test_a_killed_writer_leaves_whole_lines_only(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    for _ in range(5):
        size = path.stat().st_size if path.exists() else 0
        writer = subprocess.Popen((sys.executable, "-c", _APPENDS_FOR_EVER, str(path)))
        until(lambda: path.exists() and path.stat().st_size > size + 50_000)  # noqa: B023
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        ChainedFile(path, KEY).append(lambda number: {"number": number})
        found = numbers(path)
        assert found == list(range(len(found)))


def test_threads_and_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    files = [ChainedFile(path, KEY) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda turn: files[turn % 4].append(lambda number: {"number": number}), range(80)
            )
        )
    assert numbers(path) == list(range(80))


def test_a_file_that_cannot_grow_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    filled(path)
    before = path.read_bytes()
    script = (
        "import resource, sys; from pathlib import Path;"
        "from bigbrother.telemetry.chained_file import ChainedFile;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 20},) * 2);"
        "ChainedFile(Path(sys.argv[1]), bytes(range(32))).append(lambda n: {'number': n})"
    )
    done = subprocess.run(
        (sys.executable, "-c", script, str(path)), capture_output=True, text=True, check=False
    )
    assert "File too large" in done.stderr
    assert path.read_bytes() == before
    assert json.loads(before.splitlines()[0])["line"] == {"number": 0}
    assert [file.name for file in tmp_path.iterdir()] == ["lines"]
