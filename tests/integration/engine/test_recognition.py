"""Same people match and different people do not, on labelled photographs."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzeOptions, Box, Embedding
from bigbrother.models.samples import reference_embedding, sample_photo
from bigbrother.models.store import Pack

Pair = tuple[Path, Path, bool]


def labelled_pairs(data: Path, each: int) -> list[Pair]:
    """The first `each` matched and mismatched pairs of every fold of the LFW protocol."""
    lines = (data / "lfw" / "pairs.txt").read_text("utf-8").splitlines()
    folds, size = (int(word) for word in lines[0].split())
    pairs: list[Pair] = []
    for block in range(2 * folds):
        start = 1 + block * size
        for line in lines[start : start + each]:
            words = line.split("\t")
            first, second = (words[0], words[1]), (words[-2], words[-1])
            if len(words) == 3:
                second = (words[0], words[2])
            pairs.append((_photo(data, *first), _photo(data, *second), len(words) == 3))
    return pairs


def _photo(data: Path, name: str, number: str) -> Path:
    return data / "lfw" / "images" / name / f"{name}_{int(number):04d}.jpg"


def accuracy(analyzer: Analyzer, threshold: float, pairs: list[Pair]) -> float:
    """Share of pairs that the most prominent faces decide rightly."""
    embeddings: dict[Path, Embedding] = {}
    right = 0
    for first, second, same in pairs:
        for photo in (first, second):
            if photo not in embeddings:
                embedding = analyzer.analyze(photo.read_bytes(), AnalyzeOptions(max_faces=1))
                assert embedding.faces, photo
                made = embedding.faces[0].embedding
                assert made is not None
                embeddings[photo] = made
        similarity = float(embeddings[first] @ embeddings[second])
        right += (similarity >= threshold) == same
    return right / len(pairs)


def test_different_people_do_not_match(analyzer: Analyzer, pack: Pack, real_data: Path) -> None:
    sample = analyzer.analyze(sample_photo()).faces[0].embedding
    assert sample is not None
    people = sorted((real_data / "lfw" / "images").iterdir())[::90]
    for person in people:
        photo = next(person.glob("*.jpg"))
        other = analyzer.analyze(photo.read_bytes()).faces[0].embedding
        assert other is not None
        assert float(sample @ other) < pack.manifest.verification.threshold


def test_labelled_pairs_are_told_apart(analyzer: Analyzer, pack: Pack, real_data: Path) -> None:
    pairs = labelled_pairs(real_data, each=25)
    assert accuracy(analyzer, pack.manifest.verification.threshold, pairs) >= 0.98


@pytest.mark.slow
def test_all_labelled_pairs_reach_the_promised_accuracy(
    analyzer: Analyzer, pack: Pack, real_data: Path
) -> None:
    pairs = labelled_pairs(real_data, each=300)
    assert len(pairs) == 1200
    assert accuracy(analyzer, pack.manifest.verification.threshold, pairs) >= 0.995


@pytest.mark.slow
def test_strangers_are_recognised_no_more_often_than_promised(
    analyzer: Analyzer, pack: Pack, real_data: Path
) -> None:
    """80 people enrolled three times each, probed with one photo of everybody else."""
    images = real_data / "lfw" / "images"
    lines = (real_data / "lfw" / "gallery.txt").read_text("utf-8").splitlines()
    enrolled = [words[0] for words in map(str.split, lines) if words]
    assert len(enrolled) >= 80
    gallery = np.stack(
        [
            _central(analyzer, _photo(real_data, name, str(n)))
            for name in enrolled
            for n in (1, 2, 3)
        ]
    )
    strangers = [folder for folder in sorted(images.iterdir()) if folder.name not in enrolled]
    probes = np.stack([_central(analyzer, min(folder.glob("*.jpg"))) for folder in strangers])
    threshold = pack.manifest.identification_threshold(len(gallery), 0.01)
    false_positives = ((probes @ gallery.T).max(axis=1) >= threshold).mean()
    assert false_positives <= 0.02
    known = np.stack([_central(analyzer, _photo(real_data, name, "4")) for name in enrolled])
    similar = known @ gallery.T
    right = (similar.argmax(axis=1) // 3 == np.arange(len(enrolled))) & (
        similar.max(axis=1) >= threshold
    )
    assert right.mean() >= 0.95


def test_labelled_faces_of_group_photos_are_found(analyzer: Analyzer, real_data: Path) -> None:
    labelled = found = 0
    for listing in ("testing.xml", "training.xml"):
        document = ElementTree.parse(real_data / "groups" / listing)  # noqa: S314  # local file
        for image in document.iter("image"):
            photo = real_data / "groups" / image.attrib["file"]
            if not photo.exists():
                continue
            faces = analyzer.analyze(photo.read_bytes(), AnalyzeOptions(embeddings=False)).faces
            for box in image.iter("box"):
                if box.get("ignore") == "1":
                    continue
                truth = Box(*(float(box.attrib[k]) for k in ("left", "top", "width", "height")))
                labelled += 1
                found += any(_overlap(face.box, truth) > 0.25 for face in faces)
    assert labelled > 40
    assert found / labelled >= 0.97


def _central(analyzer: Analyzer, photo: Path) -> Embedding:
    """The face that an LFW label means: the one nearest the centre."""
    found = analyzer.analyze(photo.read_bytes())
    face = min(
        found.faces,
        key=lambda one: (
            (one.box.x + (one.box.width - found.width) / 2) ** 2
            + (one.box.y + (one.box.height - found.height) / 2) ** 2
        ),
    )
    assert face.embedding is not None
    return face.embedding


def _overlap(one: Box, other: Box) -> float:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(across, 0) * max(down, 0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def test_the_shipped_pack_sees_the_sample_photo_as_it_is_noted(
    analyzer: Analyzer, pack: Pack
) -> None:
    """The watcher takes any other answer of a running analyzer for a wrong one."""
    (face,) = analyzer.analyze(sample_photo(), AnalyzeOptions(embeddings=True)).faces
    known = reference_embedding(pack.manifest.name, pack.manifest.version)
    assert known is not None
    assert face.embedding is not None
    assert float(np.dot(face.embedding, known)) > 0.9999
    assert reference_embedding(pack.manifest.name, "another") is None
