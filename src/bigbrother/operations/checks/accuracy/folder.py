"""Photographs that an operator has labelled: `<person>/<photograph>`."""

from collections.abc import Iterator
from pathlib import Path

from bigbrother.kernel.clock import Clock
from bigbrother.operations.checks.accuracy.pairs import Embedding
from bigbrother.operations.checks.accuracy.source import Labelled
from bigbrother.operations.checks.sentences import sentence
from bigbrother.ports.face_service import FaceAnalyzer, PictureRefused

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


def labelled_folder(
    folder: Path, face: FaceAnalyzer, clock: Clock, *, within_seconds: float, largest_bytes: int
) -> Labelled | None:
    """The embeddings of the folder's photographs; None where it holds none.

    When the time runs out those that are known by then are given: first one photograph of each
    person, then the second of each, and so on. Raises FaceServiceUnreachable.
    """
    photographs = _photographs(folder)
    if not photographs:
        return None
    deadline = clock.monotonic_seconds() + within_seconds
    people: dict[str, list[Embedding]] = {}
    refused = looked_at = 0
    total = sum(map(len, photographs.values()))
    for name, file in _turns(photographs):
        left = deadline - clock.monotonic_seconds()
        if left <= 0:
            break
        looked_at += 1
        try:
            picture = _picture(file, largest_bytes)
            people.setdefault(name, []).append(face.embed(picture, left))
        except (PictureRefused, OSError):
            refused += 1
    notes = [
        sentence(
            "Source: the folder {folder}, {count} photographs of {people} people.",
            folder=str(folder),
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
        people = sorted(place for place in folder.iterdir() if place.is_dir())
        found = {
            person.name: sorted(
                file for file in person.iterdir() if file.suffix.lower() in _SUFFIXES
            )
            for person in people
        }
    except OSError:
        return {}
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
