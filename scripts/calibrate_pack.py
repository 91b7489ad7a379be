"""Measures a pack's impostor distribution on labelled photos and computes its thresholds.

    python -m scripts.calibrate_pack IMAGES --source TEXT [--description scripts/packs/sface]
        [--networks src/bigbrother/models/packs/sface]

IMAGES is a folder of people in the layout of Labeled Faces in the Wild: NAME/NAME_0001.jpg. Of
each photo the face nearest the centre is taken, since that is whom the label means. Writes
`calibration.json` beside the pack's description; `scripts.build_packs` puts it into the manifest.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bigbrother.face.engine.align import align
from bigbrother.face.engine.decode import decode
from bigbrother.face.engine.detect import Detector
from bigbrother.face.engine.embed import Embedder
from bigbrother.face.engine.types import Embedding, EngineLimits
from bigbrother.models.impostors import Impostors, Quantile, Tail
from bigbrother.models.manifest import Alignment, Detection

HERE = Path(__file__).resolve().parent
PACKS = HERE.parent / "src" / "bigbrother" / "models" / "packs"
LIMITS = EngineLimits(max_image_bytes=20_000_000, max_image_pixels=64_000_000, max_faces=200)
VERIFICATION_FALSE_MATCH_RATE = 1e-3
RATES = (0.5, 0.2, 0.1, 5e-2, 2e-2, 1e-2, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4)
LEAST_PAIRS_BEYOND = 100
"""A quantile is only believed when this many pairs lie beyond it."""


@dataclass(frozen=True)
class LabelledFaces:
    """One embedding a photo, and whose it is."""

    embeddings: Embedding
    names: list[str]


def main() -> None:
    """Writes the calibration of one pack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("images", type=Path)
    parser.add_argument("--source", required=True, help="what the photos are, in words")
    parser.add_argument("--description", type=Path, default=HERE / "packs" / "sface")
    parser.add_argument("--networks", type=Path, default=PACKS / "sface")
    arguments = parser.parse_args()
    faces = embed_folder(arguments.images, arguments.description, arguments.networks)
    impostors = measure(faces, arguments.source)
    calibration = {
        "verification": {
            "false_match_rate": VERIFICATION_FALSE_MATCH_RATE,
            "threshold": round(impostors.threshold(VERIFICATION_FALSE_MATCH_RATE), 4),
        },
        "impostors": impostors.model_dump(mode="json"),
    }
    text = json.dumps(calibration, indent=2, ensure_ascii=False)
    (arguments.description / "calibration.json").write_text(text + "\n", "utf-8")


def embed_folder(images: Path, description: Path, networks: Path) -> LabelledFaces:
    """The central face of every photo in the folder; photos without a face are left out."""
    described = json.loads((description / "pack.json").read_text("utf-8"))
    files = described["files"]
    alignment = Alignment.model_validate(described["alignment"])
    detection = Detection.model_validate(described["detection"])
    detector = Detector(
        (networks / files["detector"]["path"]).read_bytes(), detection.score_threshold
    )
    embedder = Embedder((networks / files["embedder"]["path"]).read_bytes())
    template = np.array(alignment.template)
    embeddings: list[Embedding] = []
    names: list[str] = []
    for photo in sorted(images.glob("*/*.jpg")):
        pixels = decode(photo.read_bytes(), LIMITS).pixels
        found = detector.detect(pixels)
        if not len(found):
            continue
        middle = np.array([pixels.shape[1], pixels.shape[0]]) / 2
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        central = int(np.linalg.norm(centres - middle, axis=1).argmin())
        crop = align(pixels, found.landmarks[central], template, alignment.size_pixels)
        embeddings.extend(embedder.embed([crop]))
        names.append(photo.parent.name)
    return LabelledFaces(np.stack(embeddings), names)


def measure(faces: LabelledFaces, source: str) -> Impostors:
    """The distribution over all pairs of photos of different people.

    The tail's scale is the median excess over the last quantile divided by ln 2: the scale of the
    exponential distribution with that median. A median, unlike a mean, does not follow the few
    pairs at the very top, which in public data sets are often one person under two names.
    """
    similarities = impostor_similarities(faces)
    pairs = len(similarities)
    believed = [rate for rate in RATES if rate * pairs >= LEAST_PAIRS_BEYOND]
    quantiles = tuple(
        Quantile(false_match_rate=rate, similarity=round(float(similarities[int(rate * pairs)]), 4))
        for rate in believed
    )
    beyond = similarities[: int(believed[-1] * pairs)] - quantiles[-1].similarity
    return Impostors(
        source=source,
        images=len(faces.names),
        identities=len(set(faces.names)),
        pairs=pairs,
        quantiles=quantiles,
        tail=Tail(scale=round(float(np.median(beyond)) / float(np.log(2)), 4)),
    )


def impostor_similarities(faces: LabelledFaces) -> NDArray[np.float32]:
    """Cosine similarities of all pairs of different people, highest first."""
    _, people = np.unique(faces.names, return_inverse=True)
    rows = [
        (faces.embeddings[first + 1 :] @ faces.embeddings[first])[people[first + 1 :] != person]
        for first, person in enumerate(people)
    ]
    return np.asarray(np.sort(np.concatenate(rows))[::-1], np.float32)


if __name__ == "__main__":
    main()
