"""Photographs that an operator has labelled: `<person>/<photograph>`."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bigbrother.kernel.clock import Clock
from bigbrother.operations.checks.accuracy.pairs import Embedding
from bigbrother.operations.checks.accuracy.source import Labelled
from bigbrother.operations.checks.errors import AccuracyUnknown
from bigbrother.operations.checks.sentences import Sentence, sentence
from bigbrother.ports.face_service import FaceService, PictureRefused

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True, slots=True)
class Analysis:
    """Through whom photographs become embeddings, and how far that may go."""

    face: FaceService
    clock: Clock
    within_seconds: float
    largest_bytes: int


def labelled_folder(folder: Path, analysis: Analysis) -> Labelled | None:
    """The embeddings of the folder's photographs; None where it holds none.

    When the time runs out those that are known by then are given: first one photograph of each
    person, then the second of each, and so on. Raises FaceServiceUnreachable, AccuracyUnknown.
    """
    photographs = _photographs(folder)
    if not photographs:
        return None
    source = sentence("the folder {folder}", folder=str(folder))
    return _analysed(photographs, source, analysis)


def shipped_samples(analysis: Analysis) -> Labelled:
    """The embeddings of the photographs that come with the product, one of each person."""
    folder = Path(str(resources.files("bigbrother.models.samples")))
    photographs = {file.stem: [file] for file in sorted(folder.glob("*.jpg"))}
    return _analysed(photographs, sentence("the shipped samples"), analysis)


def _analysed(photographs: dict[str, list[Path]], source: Sentence, analysis: Analysis) -> Labelled:
    face, clock = analysis.face, analysis.clock
    deadline = clock.monotonic_seconds() + analysis.within_seconds
    people: dict[str, list[Embedding]] = {}
    refused = looked_at = 0
    total = sum(map(len, photographs.values()))
    for name, file in _turns(photographs):
        left = deadline - clock.monotonic_seconds()
        if left <= 0:
            break
        looked_at += 1
        try:
            picture = _picture(file, analysis.largest_bytes)
            people.setdefault(name, []).append(array("f", face.embed(picture, left)))
        except (PictureRefused, OSError):
            refused += 1
    notes = [
        sentence(
            "Source: {source}, {count} photographs of {people} people.",
            source=source,
            count=looked_at - refused,
            people=len(people),
        )
    ]
    if refused:
        notes.append(sentence("{refused} photographs hold no face that is found.", refused=refused))
    if looked_at < total:
        notes.append(
            sentence("The time was up with {left} photographs left.", left=total - looked_at)
        )
    return Labelled((people,), tuple(notes))


def _photographs(folder: Path) -> dict[str, list[Path]]:
    try:
        if not folder.exists():
            return {}
        people = sorted(place for place in folder.iterdir() if place.is_dir())
        found = {
            person.name: sorted(
                file for file in person.iterdir() if file.suffix.lower() in _SUFFIXES
            )
            for person in people
        }
    except OSError as error:
        raise AccuracyUnknown(
            f"The folder {error.filename} cannot be read: {error.strerror}.",
            remedy="Let the account of bigbrother-ops read it.",
        ) from error
    return {name: files for name, files in found.items() if files}


def _turns(photographs: dict[str, list[Path]]) -> Iterator[tuple[str, Path]]:
    for turn in range(max(map(len, photographs.values()))):
        for name, files in photographs.items():
            if turn < len(files):
                yield name, files[turn]


def _picture(file: Path, largest_bytes: int) -> bytes:
    """Raises OSError, PictureRefused for what is larger than the service takes."""
    if file.stat().st_size > largest_bytes:
        raise PictureRefused(f"{file} is larger than the document's limits.image_size.")
    return file.read_bytes()
