"""The document is validated at load, and a mistake is named with its file and line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bigbrother.runbook import planned
from bigbrother.runbook.load import InvalidRunbook, load_runbook
from bigbrother.runbook.section import Section


def overlay(folder: Path, text: str) -> Path:
    file = folder / "runbook.yaml"
    file.write_text(text, "utf-8")
    return file


def test_the_shipped_document_is_valid() -> None:
    runbook = load_runbook()
    assert runbook.daily_checks.application.response_time.bound.value == 0.2
    assert runbook.limits.image_size.value == 20_000_000
    assert list(runbook.units) == [
        "bigbrother-db",
        "bigbrother-face",
        "bigbrother-worker",
        "bigbrother-ops",
    ]


def test_an_overlay_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    changed = load_runbook(overlay(tmp_path, "limits:\n  image_size: 5 MB\n"))
    assert changed.limits.image_size.value == 5_000_000
    assert changed.limits.image_pixels == load_runbook().limits.image_pixels


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_overlay_changes_nothing(tmp_path: Path, text: str) -> None:
    assert load_runbook(overlay(tmp_path, text)) == load_runbook()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("limits:\n  image_size: huge\n", 2, "not a figure with a unit"),
        ("limits:\n\n  image_siez: 5 MB\n", 3, "Extra inputs"),
        ("retention:\n  idempotency_keys: 24 MB\n", 2, "the unit 'MB' does not fit"),
        ("enrolment_quality:\n  pose: 2\n", 2, "less than or equal to 1"),
        ("limits:\n  image_pixels: 0\n", 2, "greater than or equal to 1"),
        ("limits:\n  image_size: 1 GB\n", 1, "no such image could ever arrive"),
        ("daily_checks:\n  ml:\n    inference_time: 100ms\n", 3, "not a threshold"),
        ("a: b: c\n", 1, "mapping values are not allowed"),
        ("limits: {\n", 2, "expected"),
        ("- limits\n", 1, "a mapping of sections"),
        ("limits:\n  matches: 3\n  matches: 4\n", 3, "stands twice"),
        ("limits: 7\n", 1, "valid dictionary"),
        ("units:\n  bigbrother-face: null\n", 2, "valid dictionary"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    file = overlay(tmp_path, text)
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(file)
    assert f"{file}:{line}: " in caught.value.detail
    assert reason in caught.value.detail
    assert caught.value.remedy


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    file = overlay(tmp_path, "limits:\n  matches: x\n  image_size: y\n")
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(file)
    assert f"{file}:2" in caught.value.detail
    assert f"{file}:3" in caught.value.detail


def test_an_overlay_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "runbook.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidRunbook, match="UTF-8"):
        load_runbook(file)


def test_yaml_tags_run_no_code(tmp_path: Path) -> None:
    file = overlay(tmp_path, "limits: !!python/object/apply:os.getpid []\n")
    with pytest.raises(InvalidRunbook):
        load_runbook(file)


def test_a_yaml_bomb_is_refused_in_reasonable_time(tmp_path: Path) -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    with pytest.raises(InvalidRunbook, match="alias"):
        load_runbook(overlay(tmp_path, "\n".join(rows)))


def test_every_value_of_the_document_is_read_by_the_code() -> None:
    """A figure that no line of code reads would be prose; each must be used by its name."""
    source = Path(__file__).parents[3] / "src" / "bigbrother"
    code = "\n".join(
        file.read_text("utf-8")
        for file in source.rglob("*.py")
        if "runbook" not in file.relative_to(source).parts
    )
    names = {
        name
        for section, value in load_runbook()
        if section not in planned.SECTIONS
        for name in {section, *fields(value)}
    }
    assert {name for name in names if f".{name}" not in code} == set()


def test_a_planned_section_is_read_by_no_code_yet() -> None:
    """So that the list shrinks when its machinery arrives."""
    source = Path(__file__).parents[3] / "src" / "bigbrother"
    code = "\n".join(
        file.read_text("utf-8")
        for file in source.rglob("*.py")
        if "runbook" not in file.relative_to(source).parts
    )
    read = {name for name in planned.SECTIONS if f"runbook.{name}." in code}
    assert read == set()


def fields(value: object) -> Iterator[str]:
    """The names of the figures below a value; keys of mappings are the operator's own words."""
    if isinstance(value, Section):
        for name, inner in value:
            yield name
            yield from fields(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from fields(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from fields(inner)
