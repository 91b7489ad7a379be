"""A file that is written from the document, and how its writing is kept from doing harm."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bigbrother.operations.alerts.prometheus.errors import ForeignFile, NoFolder

_MARK = "# Written by 'bigbrother render"
_DIGEST = "# sha256:"
_WIDTH = 100
_READABLE = 0o644


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice: people read these files."""

    def ignore_aliases(self, _: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file to be."""

    name: str
    command: str
    """The command that writes it: `prometheus`, `alertmanager` or `systemd`."""
    content: dict[str, Any] | str
    """What is written as YAML, or a text as it is."""
    notes: tuple[str, ...] = ()
    """What a reader should know, a sentence each: the comment at its top."""

    def text(self) -> str:
        """The file, beginning with where it comes from and a digest of all that follows."""
        body = "".join(f"# {note}\n" for note in self.notes) + self._body()
        return (
            f"{_MARK} {self.command}' from the runbook document: change it there, "
            f"then write this anew.\n{_DIGEST}{_digest(body)}\n{body}"
        )

    def _body(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return yaml.dump(
            self.content, Dumper=_Plain, sort_keys=False, width=_WIDTH, allow_unicode=True
        )


def write(files: Sequence[RenderedFile], folder: Path, *, force: bool) -> tuple[Path, ...]:
    """Writes all of them or none; returns where they lie.

    A reader never sees half a file. Raises ForeignFile, unless `force`, where a file stands that
    was not written so or was changed by hand since; NoFolder where none can be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoFolder(
            f"{folder} cannot be made: {error.strerror}.", remedy="Name a folder where you write."
        ) from error
    paths = tuple(folder / file.name for file in files)
    foreign = [str(path) for path in paths if not force and not _is_ours(path)]
    if foreign:
        raise ForeignFile(
            f"Not written by this command, or changed since: {', '.join(foreign)}.",
            remedy="Name another folder, or write over them with --force.",
        )
    for file, path in zip(files, paths, strict=True):
        _replace(path, file.text())
    return paths


def _is_ours(path: Path) -> bool:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return not path.is_symlink()
    except (OSError, UnicodeDecodeError):
        return False
    first, _, rest = text.partition("\n")
    second, _, body = rest.partition("\n")
    return first.startswith(_MARK) and second == _DIGEST + _digest(body)


def _replace(path: Path, text: str) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # Prometheus and Alertmanager run as users of their own; no secret stands in these.
            os.fchmod(file.fileno(), _READABLE)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
