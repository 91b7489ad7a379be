"""What a new batch is made of, as the command line names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bigbrother.client.errors import PictureUnreadable
from bigbrother.entrypoints.cli.output import say, shown_path
from bigbrother.entrypoints.cli.picture_files import files_below

if TYPE_CHECKING:
    from bigbrother.client.batch_upload import BatchPicture

_ARCHIVE = ".zip"


@dataclass(frozen=True, slots=True)
class Images:
    """Images of this machine: files, or one archive of them."""

    pictures: "tuple[BatchPicture, ...] | None"
    archive: Path | None


def images(paths: Sequence[Path]) -> Images:
    """What the paths name: files as they are, folders with every image below, or one archive.

    A file below a folder is called by its path from there. Raises PictureUnreadable.
    """
    from bigbrother.client.batch_upload import BatchPicture  # noqa: PLC0415

    archives = [path for path in paths if path.suffix.lower() == _ARCHIVE and not path.is_dir()]
    if archives:
        if len(paths) > 1:
            raise typer.BadParameter("An archive goes alone: one batch for each.")
        return Images(None, archives[0])
    pictures: list[BatchPicture] = []
    for path in paths:
        if path.is_dir():
            pictures += (
                BatchPicture(shown_path(file.relative_to(path)), file) for file in _below(path)
            )
        else:
            pictures.append(BatchPicture(shown_path(path.name), path))
    return Images(tuple(pictures), None)


def _below(folder: Path) -> tuple[Path, ...]:
    try:
        found = files_below(folder)
    except OSError as error:
        raise PictureUnreadable(
            f"{shown_path(error.filename)} cannot be read: {error.strerror}.",
            remedy="Grant access to it.",
        ) from error
    if found.others:
        suffixes = ", ".join(sorted({file.suffix or file.name for file in found.others}))
        say(
            f"{shown_path(folder)}: left out {len(found.others)} files that are no images "
            f"({suffixes})."
        )
    if not found.images:
        raise PictureUnreadable(
            f"{shown_path(folder)} holds no image.", remedy="Give a folder with images."
        )
    return found.images
