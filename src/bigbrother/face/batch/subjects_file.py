"""The file `subjects.csv` of an archive or folder: names of the people whose faces it holds."""

import csv
import io
from collections.abc import Mapping

from bigbrother.face.batch.errors import SubjectsFileInvalid
from bigbrother.face.gallery import given
from bigbrother.kernel.errors import InvalidInput

_LONGEST_NAME = 200
_REMEDY = "Give it the columns external_id and name, in UTF-8, separated by commas or semicolons."


def read_subjects(data: bytes) -> Mapping[str, str]:
    """Names by external id. Raises SubjectsFileInvalid, naming the line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SubjectsFileInvalid("subjects.csv is not UTF-8.", remedy=_REMEDY) from error
    heading = text.partition("\n")[0]
    delimiter = ";" if ";" in heading and "," not in heading else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _names(reader)
    except csv.Error as error:
        raise _refuse(reader, f"{error}.") from error
    except SubjectsFileInvalid:
        raise
    except InvalidInput as error:
        raise _refuse(reader, error.detail) from error


def _names(reader: "csv.DictReader[str]") -> dict[str, str]:
    if "external_id" not in (reader.fieldnames or ()):
        raise _refuse(reader, "There is no column external_id.")
    names: dict[str, str] = {}
    for line in reader:
        external_id = given.external_id(line["external_id"] or "")
        name = given.text(line.get("name") or "", "name")
        if len(name) > _LONGEST_NAME:
            raise _refuse(reader, f"The name has more than {_LONGEST_NAME} characters.")
        if names.setdefault(external_id, name) != name:
            raise _refuse(reader, "A line before gives another name.")
    return names


def _refuse(reader: "csv.DictReader[str]", what: str) -> SubjectsFileInvalid:
    return SubjectsFileInvalid(f"subjects.csv, line {reader.line_num}: {what}", remedy=_REMEDY)
