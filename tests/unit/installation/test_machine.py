"""What preflight says of processors and disks."""

from pathlib import Path

import pytest

from bigbrother.installation.machine import existing_part, free_disk, processor

GOOD = frozenset({"sse2", "avx", "avx2", "fma", "bmi1", "bmi2"})


@pytest.mark.parametrize("missing", ["avx2", "fma", "bmi2"])
def test_an_old_x86_processor_is_named_with_what_it_lacks_and_the_ways_out(missing: str) -> None:
    finding = processor("x86_64", GOOD - {missing})
    assert not finding.passed
    assert missing.upper() in finding.detail
    assert "-cpu host" in finding.remedy
    assert "BIGBROTHER_DSN" in finding.remedy


@pytest.mark.parametrize(
    ("architecture", "flags"),
    [("x86_64", GOOD), ("AMD64", GOOD), ("aarch64", frozenset()), ("arm64", frozenset())],
)
def test_modern_x86_and_every_arm_processor_pass(architecture: str, flags: frozenset[str]) -> None:
    assert processor(architecture, flags).passed


def test_a_system_that_does_not_tell_its_flags_is_not_called_good() -> None:
    assert not processor("x86_64", frozenset()).passed


def test_the_disk_of_a_folder_that_does_not_exist_yet_is_looked_at(tmp_path: Path) -> None:
    future = tmp_path / "not" / "yet"
    assert existing_part(future) == tmp_path
    assert free_disk(future, 1).passed
    full = free_disk(future, 1e18)
    assert not full.passed
    assert str(tmp_path) in full.detail
    assert "BIGBROTHER_HOME" in full.remedy
