"""Writes a bundle: one file that only its owner may read, and that replaces nothing."""

import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from bigbrother.kernel.errors import InvalidInput
from bigbrother.operations.diagnostics.bundle.contents import files
from bigbrother.operations.diagnostics.errors import BundleExists, BundleUnwritable
from bigbrother.operations.diagnostics.records import Diagnosis
from bigbrother.operations.diagnostics.scene import Scene

_MODE = 0o600
Files = Iterator[tuple[str, str]]
_Pack = Callable[[BinaryIO, Files, datetime], None]


class BundleNameInvalid(InvalidInput):
    """The name says of no kind of archive that a bundle can be."""

    code = "bundle-name-invalid"
    title = "Not a name for a bundle"


def check_bundle(file: Path) -> None:
    """Whether a bundle can be written there, before work is done for it.

    Raises BundleNameInvalid, BundleExists, BundleUnwritable.
    """
    _packing(file)
    if file.exists() or file.is_symlink():
        raise BundleExists(
            f"{file} exists already.", remedy="Name another file: nothing is replaced."
        )
    if not file.absolute().parent.is_dir():
        raise BundleUnwritable(
            f"There is no folder {file.absolute().parent}.", remedy="Make it, or name another."
        )


def write_bundle(scene: Scene, found: Diagnosis, file: Path) -> None:
    """Packs a diagnosis with what explains it. Raises as `check_bundle`."""
    check_bundle(file)
    pack = _packing(file)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    except FileExistsError as error:
        raise BundleExists(f"{file} exists already.", remedy="Name another file.") from error
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with os.fdopen(handle, "wb") as opened:
            pack(opened, files(scene, found), found.at)
    except BaseException as error:
        # Half a bundle would be taken for a whole one.
        with suppress(OSError):
            file.unlink()
        if isinstance(error, OSError):
            raise _unwritable(file, error) from error
        raise


def _packing(file: Path) -> _Pack:
    name = file.name.lower()
    if name.endswith((".tar.gz", ".tgz")):
        return _tar
    if name.endswith(".zip"):
        return _zip
    raise BundleNameInvalid(
        f"'{file.name}' is not the name of an archive.", remedy="End it with .tar.gz or .zip."
    )


def _tar(opened: BinaryIO, contents: Files, at: datetime) -> None:
    with tarfile.open(fileobj=opened, mode="w:gz") as archive:
        for name, text in contents:
            content = text.encode("utf-8", "replace")
            entry = tarfile.TarInfo(f"bigbrother/{name}")
            entry.size, entry.mode, entry.mtime = len(content), _MODE, at.timestamp()
            archive.addfile(entry, io.BytesIO(content))


def _zip(opened: BinaryIO, contents: Files, at: datetime) -> None:
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents:
            entry = zipfile.ZipInfo(f"bigbrother/{name}", at.timetuple()[:6])
            entry.external_attr = _MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8", "replace"))


def _unwritable(file: Path, error: OSError) -> BundleUnwritable:
    return BundleUnwritable(
        f"{file} cannot be written: {error.strerror or error}.",
        remedy="Make room there, or name a file elsewhere.",
    )
