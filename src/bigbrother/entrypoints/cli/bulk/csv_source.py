"""People as a CSV file lists them: a line a photo."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from bigbrother.entrypoints.cli.bulk.people import Fault, People, Photo, SourceRefused, check
from bigbrother.entrypoints.cli.bulk.people import one_name_each as names_that_differ

_PATHS = ("path", "image")
_ID = "external_id"
_NAME = "name"

Row = Mapping[str, str]


def read_csv(file: Path) -> People:
    """The photos of a CSV file with the columns path (or image), external_id and maybe name.

    Relative paths begin at the file's folder. Raises SourceRefused when it is no such table.
    """
    people = People()
    placed: list[tuple[Photo, str]] = []
    lines: dict[tuple[str, str], str] = {}
    column, rows = _table(file)
    for number, row in rows:
        where = f"line {number}"
        path, external_id = row[column], row[_ID]
        if not path or not external_id:
            missing = column if not path else _ID
            people.faults.append(Fault(where, f"It has no {missing}.", "Fill it in."))
            continue
        photo = Photo(file.parent / path, path, external_id, row.get(_NAME, ""))
        fault = check(photo, where)
        first = lines.setdefault((external_id, path), where)
        if fault is None and first != where:
            fault = Fault(where, f"The same stands in {first}.", "Leave it out.")
        if fault is None:
            placed.append((photo, where))
        else:
            people.faults.append(fault)
    differing = {fault.where: fault for fault in names_that_differ(placed)}
    people.faults += differing.values()
    people.photos = [photo for photo, where in placed if where not in differing]
    return people


def read_names(file: Path) -> tuple[dict[str, str], list[Fault]]:
    """Names by external id, from a CSV file with the columns external_id and name."""
    names: dict[str, str] = {}
    faults = []
    text, delimiter = _text(file)
    columns, rows = _rows(text, delimiter, file)
    _require(file, columns, (_ID, _NAME))
    for number, row in rows:
        if names.setdefault(row[_ID], row[_NAME]) != row[_NAME]:
            faults.append(
                Fault(
                    f"{file.name} line {number}",
                    f"'{row[_ID]}' is called '{names[row[_ID]]}' further up.",
                    "Give one name.",
                )
            )
    return names, faults


def _table(file: Path) -> tuple[str, Iterator[tuple[int, Row]]]:
    text, delimiter = _text(file)
    columns, rows = _rows(text, delimiter, file)
    paths = [name for name in _PATHS if name in columns]
    if len(paths) == 2:
        raise SourceRefused(
            f"{file} has the columns 'path' and 'image'.", remedy="Keep the one that is meant."
        )
    column = paths[0] if paths else _PATHS[0]
    _require(file, columns, (column, _ID))
    return column, rows


def _require(file: Path, columns: list[str], needed: tuple[str, ...]) -> None:
    missing = [name for name in needed if name not in columns]
    if missing:
        raise SourceRefused(
            f"{file} has no column {' and no column '.join(f'{name!r}' for name in missing)}; "
            f"its first line names {', '.join(repr(name) for name in columns) or 'none'}.",
            remedy="Begin it with a line such as 'path,external_id,name'.",
        )


def _text(file: Path) -> tuple[str, str]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SourceRefused(
            f"{file} cannot be read: {error.strerror}.", remedy="Give a CSV file."
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceRefused(
            f"{file} is not UTF-8: line {line} holds the byte 0x{data[error.start]:02x}.",
            remedy="Save it as UTF-8.",
        ) from error
    head = text.partition("\n")[0]
    return text, ";" if head.count(";") > head.count(",") else ","


def _rows(text: str, delimiter: str, file: Path) -> tuple[list[str], Iterator[tuple[int, Row]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head = _next(reader, file) or []
    columns = [name.strip().casefold() for name in head]

    def rows() -> Iterator[tuple[int, Row]]:
        while True:
            number = reader.line_num + 1
            cells = _next(reader, file)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                filled = cells + [""] * (len(columns) - len(cells))
                yield number, dict(zip(columns, (cell.strip() for cell in filled), strict=False))

    return columns, rows()


def _next(reader: "csv._reader", file: Path) -> list[str] | None:  # type: ignore[name-defined]
    number = reader.line_num + 1
    try:
        return next(reader, None)
    except csv.Error as error:
        raise SourceRefused(
            f"{file}, line {number}: {error}.", remedy="Mend the quotes of that line."
        ) from error
