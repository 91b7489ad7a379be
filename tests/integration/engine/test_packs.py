"""Packs that the store gives out run in the engine."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import Pack, PackStore
from tests.fakes.packs import wide_pack
from tests.integration.engine.conftest import LIMITS

ROOT = Path(__file__).parents[3]


def test_a_pack_with_512_dimensions_keeps_similarities(tmp_path: Path, analyzer: Analyzer) -> None:
    wide_pack(tmp_path)
    pack = PackStore(tmp_path).load("wide")
    assert pack.manifest.dimension == 512
    wide = Analyzer(pack, LIMITS)
    (narrow_face,), (wide_face,) = (
        engine.analyze(sample_photo()).faces for engine in (analyzer, wide)
    )
    assert narrow_face.embedding is not None
    assert wide_face.embedding is not None
    assert wide_face.embedding.shape == (512,)
    assert np.linalg.norm(wide_face.embedding) == pytest.approx(1, abs=1e-5)
    assert wide_face.box == narrow_face.box


def test_the_engine_loads_within_a_second(pack: Pack) -> None:
    durations = []
    for _ in range(3):
        started = perf_counter()
        Analyzer(pack, LIMITS)
        durations.append(perf_counter() - started)
    assert min(durations) < 1.0


@pytest.mark.slow
def test_the_build_script_makes_the_shipped_files_again(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "scripts.build_packs", "--destination", str(tmp_path))
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    shipped = ROOT / "src" / "bigbrother" / "models"
    for made in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        assert made.read_bytes() == (shipped / made.relative_to(tmp_path)).read_bytes(), made.name
    assert (tmp_path / "samples" / "astronaut.jpg").is_file()
