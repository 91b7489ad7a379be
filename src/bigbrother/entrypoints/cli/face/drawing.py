"""The option `--draw` of the face commands."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.client.results import DetectedFace, ProbeFace
from bigbrother.entrypoints.cli.face.images import STDIN
from bigbrother.entrypoints.cli.output import shown_path

if TYPE_CHECKING:
    from bigbrother.entrypoints.cli.draw import Mark

DrawOption = Annotated[
    Path | None,
    typer.Option(
        "--draw",
        metavar="FILE",
        help="Write the picture with what was found drawn on it; with several images FILE-1, "
        "FILE-2 and so on.",
        show_default=False,
    ),
]


class Drawings:
    """The drawings that a command writes, one an image."""

    def __init__(self, file: Path | None, images: Sequence[Path]) -> None:
        """Refuses, before any work is done, a file that could or should not be written."""
        self._file = file
        self._images = len(images)
        if file is None:
            return
        # Drawing needs OpenCV, which takes a second of its own; most commands draw nothing.
        from bigbrother.entrypoints.cli.draw import require_drawable  # noqa: PLC0415

        require_drawable(file)
        originals = {image.resolve() for image in images if image != STDIN}
        if any(
            self._target(file, number + 1).resolve() in originals for number in range(len(images))
        ):
            raise typer.BadParameter(f"--draw {shown_path(file)} would overwrite an image.")

    def write(self, number: int, data: bytes, faces: Sequence[DetectedFace | ProbeFace]) -> None:
        """Writes the drawing of the numbered image, where one was asked for."""
        if self._file is None:
            return
        from bigbrother.entrypoints.cli.draw import write_drawing  # noqa: PLC0415 - as above

        marks = [_mark(place, face) for place, face in enumerate(faces, 1)]
        write_drawing(self._target(self._file, number), data, marks)

    def _target(self, file: Path, number: int) -> Path:
        return file if self._images == 1 else file.with_stem(f"{file.stem}-{number}")


def _mark(place: int, face: DetectedFace | ProbeFace) -> "Mark":
    from bigbrother.entrypoints.cli.draw import Mark  # noqa: PLC0415 - as above

    landmarks = face.landmarks.points() if face.landmarks else ()
    if isinstance(face, DetectedFace):
        return Mark(face.box, label=str(place), landmarks=landmarks)
    if not face.matches:
        return Mark(face.box, label="unknown", known=False, landmarks=landmarks)
    best = face.matches[0]
    label = f"{best.name or best.external_id}  {best.similarity:.2f}"
    return Mark(face.box, label=label, landmarks=landmarks)
