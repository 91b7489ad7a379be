"""People as a folder tree holds them: a folder a person."""

from pathlib import Path

from bigbrother.entrypoints.cli.bulk.csv_source import read_names
from bigbrother.entrypoints.cli.bulk.people import Fault, People, Photo, SourceRefused, check
from bigbrother.entrypoints.cli.output import shown_path
from bigbrother.entrypoints.cli.picture_files import files_below

NAMES = "subjects.csv"


def read_folder(folder: Path) -> People:
    """The photos of `<external id>/<photo>`, with the names of `subjects.csv` where it stands.

    Raises SourceRefused for a folder, or a table of names, that cannot be read.
    """
    try:
        found = files_below(folder)
    except OSError as error:
        raise SourceRefused(
            f"{error.filename} cannot be read: {error.strerror}.", remedy="Grant access to it."
        ) from error
    people = People(left_out=[file for file in found.others if file != folder / NAMES])
    names: dict[str, str] = {}
    if folder / NAMES in found.others:
        names, people.faults = read_names(folder / NAMES)
    for file in found.images:
        path = file.relative_to(folder)
        where = shown_path(path)
        if len(path.parts) == 1:
            people.faults.append(
                Fault(
                    where,
                    "It belongs to nobody.",
                    "Put it in a folder whose name is the person's id.",
                )
            )
            continue
        external_id = path.parts[0]
        photo = Photo(file, path.as_posix(), external_id, names.get(external_id, ""))
        fault = check(photo, where)
        if fault is None:
            people.photos.append(photo)
        else:
            people.faults.append(fault)
    return people
