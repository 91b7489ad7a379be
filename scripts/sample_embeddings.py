"""Writes what the shipped packs compute of the sample photo: `python -m scripts.sample_embeddings`.

The watcher compares what a running face analyzer answers with it, so run this once for each new
version of a pack, and look at the difference before you commit it.
"""

import json
from pathlib import Path

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, EngineLimits
from bigbrother.models import samples
from bigbrother.models.store import PackStore
from bigbrother.runbook.load import load_runbook

_FIGURES = 6


def main() -> None:
    """Shipped packs alone: what lies in somebody's home is not looked at."""
    limits = EngineLimits.of(load_runbook().limits)
    packs = PackStore(Path("/nonexistent"))
    found: dict[str, list[float]] = {}
    for name in packs.names():
        pack = packs.load(name)
        analysis = Analyzer(pack, limits).analyze(
            samples.sample_photo(), AnalyzeOptions(embeddings=True)
        )
        (face,) = analysis.faces
        if face.embedding is None:
            raise SystemExit(f"{name} gives no embedding.")
        embedding = [round(float(number), _FIGURES) for number in face.embedding]
        found[f"{name} {pack.manifest.version}"] = embedding
    file = Path(samples.__file__).with_name("embeddings.json")
    file.write_text(json.dumps(found) + "\n", "ascii")


if __name__ == "__main__":
    main()
