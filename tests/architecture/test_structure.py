"""The house rules that a reader relies on, checked against the files themselves."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "bigbrother"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_FILE_LINES = 400

CLOCK_READS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
}


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def tracked() -> list[Path]:
    listed = subprocess.run(
        ("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / line for line in listed.split("\0") if line and (ROOT / line).exists()]


def clock_reads(file: Path) -> Iterator[str]:
    for node in ast.walk(tree(file)):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in CLOCK_READS
        ):
            yield f"{name(file)}:{node.lineno} {node.value.id}.{node.attr}"


def test_the_clock_is_read_in_its_adapter_alone() -> None:
    found = [
        read
        for file in MODULES
        if file != SOURCE / "adapters" / "clock.py"
        for read in clock_reads(file)
    ]
    assert found == []


def test_sql_takes_the_time_as_an_argument() -> None:
    wall_clock = re.compile(
        r"\b(now\s*\(|clock_timestamp|current_timestamp|current_date)", re.IGNORECASE
    )
    found = [
        name(file)
        for file in sorted(SOURCE.rglob("*.sql"))
        if wall_clock.search(re.sub(r"--.*", "", file.read_text("utf-8")))
    ]
    assert found == []


def test_a_person_can_read_each_file_in_one_sitting() -> None:
    code = [*MODULES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    long = {
        name(file): lines
        for file in code
        if (lines := len(file.read_text("utf-8").splitlines())) > LONGEST_FILE_LINES
    }
    assert long == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [name(file) for file in MODULES if file.stem in drawers] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name(file) for file in MODULES if not ast.get_docstring(tree(file))] == []


def test_no_folder_stands_empty() -> None:
    empty = [
        name(folder)
        for folder in sorted(SOURCE.rglob("*"))
        if folder.is_dir() and folder.name != "__pycache__" and not any(folder.iterdir())
    ]
    assert empty == []


def test_every_port_has_an_adapter_of_its_name() -> None:
    ports = {file.stem for file in (SOURCE / "ports").glob("*.py")} - {"__init__"}
    adapters = {file.stem for file in (SOURCE / "adapters").rglob("*.py")}
    assert ports - adapters == set()


def test_every_dependency_has_its_reason() -> None:
    declared = re.findall(
        r'^  "([a-z0-9-]+)[\[>]', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    architecture = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert [package for package in declared if f"`{package}`" not in architecture] == []


@pytest.mark.parametrize("pattern", [r"/(root|home|work)/[a-z.]+/", r"https?://[^\s\"']*/simple\b"])
def test_nothing_committed_names_a_machine_or_an_index(pattern: str) -> None:
    found = [
        name(file)
        for file in tracked()
        if file.suffix in {".py", ".toml", ".md", ".yaml", ".lock", ".sql", ".sh", ""}
        and file != Path(__file__)
        and re.search(pattern, file.read_text("utf-8", "replace"))
    ]
    assert found == []


def test_decisions_are_numbered_without_a_gap_and_say_what_would_change_them() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [file.name[:4] for file in decisions] == [
        f"{number:04}" for number in range(1, len(decisions) + 1)
    ]
    headings = ("## Context", "## Choice", "## Reason", "## What would change our mind")
    assert [
        name(file)
        for file in decisions
        if any(heading not in file.read_text("utf-8") for heading in headings)
    ] == []
