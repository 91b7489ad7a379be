"""What `make up` says before it builds anything."""

from pathlib import Path

import pytest
from scripts.bootstrap import lacking

from bigbrother.runbook.load import default_text

ENOUGH = frozenset({"avx2", "fma", "bmi2"})


def test_a_machine_that_fits_lacks_nothing(tmp_path: Path) -> None:
    assert lacking(tmp_path, "x86_64", ENOUGH, default_text()) is None
    assert lacking(tmp_path, "aarch64", frozenset(), default_text()) is None


def test_a_processor_that_cannot_run_the_vector_extension_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lacking(tmp_path, "x86_64", ENOUGH - {"avx2"}, default_text())
    assert found is not None
    assert "AVX2" in found[0]
    assert "-cpu host" in found[1]
    monkeypatch.setenv("BIGBROTHER_DSN", "host=db.example.org")
    assert lacking(tmp_path, "x86_64", frozenset(), default_text()) is None


def test_a_disk_without_the_documents_room_is_told(tmp_path: Path) -> None:
    huge = default_text().replace("free_disk: 1 GB", "free_disk: 90000 TB")
    assert huge != default_text()
    found = lacking(tmp_path, "x86_64", ENOUGH, huge)
    assert found is not None
    assert "90000000.00 GB needed" in found[0]
    assert "Make room" in found[1]
