"""The home: the one folder that holds everything an installation keeps.

A first start may be killed at any instant. So a draft mark is written before anything else and
the mark of a complete home after everything else; between the two every step may be repeated.
"""

import os
import pwd
import shutil
import stat
from enum import StrEnum
from pathlib import Path

from bigbrother.installation.errors import HomeRefused
from bigbrother.security.keys import MasterKey
from bigbrother.settings import Settings

FORMAT = 1
_MARK = "HOME"
_DRAFT = "HOME.unfinished"
_GIVEN_BEFOREHAND = {"etc", "bigbrother.toml", "runbook.yaml", "secrets"}
_PRIVATE = 0o700
_PASSABLE = 0o711
_READABLE = 0o755


class HomeState(StrEnum):
    """How far a home is."""

    ABSENT = "absent"
    UNFINISHED = "unfinished"
    COMPLETE = "complete"


def state_of(settings: Settings) -> HomeState:
    """Looks at the home without changing it.

    Raises HomeRefused for a folder with other things in it, another user's home, one of a newer
    format, and a complete home from which its key or its database has disappeared.
    """
    home = settings.home
    try:
        if not os.path.lexists(home):
            return HomeState.ABSENT
        _refuse_foreign_owner(home)
        if (home / _MARK).exists():
            _refuse_incomplete(settings)
            return HomeState.COMPLETE
        if (home / _DRAFT).exists():
            return HomeState.UNFINISHED
        strange = _strange_contents(home)
    except OSError as error:
        raise HomeRefused(
            f"The home {home} cannot be looked at: {error.strerror} ({error.filename}).",
            remedy="Grant access to it, or set BIGBROTHER_HOME to a folder of yours.",
        ) from error
    if strange:
        raise HomeRefused(
            f"{home} is no home of Big Brother and holds other things ({', '.join(strange)}).",
            remedy="Set BIGBROTHER_HOME to an empty or new folder.",
        )
    return HomeState.ABSENT


def make(settings: Settings, *, passable: bool, face: str | None = None) -> None:
    """Makes the folders and the master key where they are missing; may be repeated.

    `passable` lets other accounts of the machine go through the home to what they own in it;
    `face` names the one that the face unit and the worker run as.
    """
    home, through = settings.home, _PASSABLE if passable else _PRIVATE
    _folder(home, through)
    if not (home / _MARK).exists():
        _write_whole(home / _DRAFT, f"{FORMAT}\n")
    for folder, mode in (
        (settings.etc, _PRIVATE),
        (settings.data, through),
        # Weights are public; whoever serves may look which packs there are.
        (settings.models, _READABLE if passable else _PRIVATE),
        (home / "backup", _PRIVATE),
        (settings.log, _PRIVATE),
        (settings.ops, _PRIVATE),
        (settings.secrets, _PRIVATE),
    ):
        _folder(folder, mode)
    for folder in (settings.spool, settings.ledger):
        _folder(folder, _PRIVATE, face)
    if not settings.master_key_file.exists():
        MasterKey.create(settings.master_key_file)


def complete(settings: Settings) -> None:
    """Marks the home as complete; the last step of the first start."""
    _write_whole(settings.home / _MARK, f"{FORMAT}\n")
    (settings.home / _DRAFT).unlink(missing_ok=True)


def _folder(folder: Path, mode: int, owner: str | None = None) -> None:
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) != mode:
            folder.chmod(mode)
        if owner is not None and folder.owner() != owner:
            shutil.chown(folder, owner, owner)
    except OSError as error:
        raise HomeRefused(
            f"{folder} cannot be made: {error.strerror}.",
            remedy="Make room or grant write permission there, or set BIGBROTHER_HOME.",
        ) from error


def _write_whole(file: Path, text: str) -> None:
    """Writes a file so that it is there whole or not at all, even after a power cut."""
    draft = file.with_name(f".{file.name}.new")
    try:
        with draft.open("w", encoding="ascii") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise HomeRefused(
            f"{file} cannot be written: {error.strerror}.",
            remedy="Make room or grant write permission there, then run `bigbrother up` again.",
        ) from error


def _refuse_foreign_owner(home: Path) -> None:
    if not home.is_dir():
        raise HomeRefused(f"{home} is not a folder.", remedy="Set BIGBROTHER_HOME to a folder.")
    owner = home.stat().st_uid
    if owner == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = str(owner)
    raise HomeRefused(
        f"The home {home} belongs to '{name}'.",
        remedy=f"Run as '{name}', or set BIGBROTHER_HOME to a folder of yours.",
    )


def _refuse_incomplete(settings: Settings) -> None:
    mark = settings.home / _MARK
    version = mark.read_text("utf-8", "replace").strip()
    if version != str(FORMAT):
        raise HomeRefused(
            f"The home {settings.home} has the format '{version}', this release knows {FORMAT}.",
            remedy="Use the release that made it, or set BIGBROTHER_HOME to another folder.",
        )
    needed = [settings.master_key_file]
    if not settings.dsn:
        needed.append(settings.data / "postgres" / "PG_VERSION")
    for file in needed:
        if not file.exists():
            raise HomeRefused(
                f"The home {settings.home} was complete, but {file} is gone.",
                remedy="Put it back from a backup. To begin with an empty home instead, move "
                f"{settings.home} away.",
            )


def _strange_contents(home: Path) -> list[str]:
    """What stands in a folder without a mark, except settings that an operator put there."""
    found = [entry for entry in home.iterdir() if not _is_leftover(entry)]
    if (home / "etc").is_dir():
        found += list((home / "etc").iterdir())
    return sorted(entry.name for entry in found if entry.name not in _GIVEN_BEFOREHAND)[:3]


def _is_leftover(entry: Path) -> bool:
    """The draft of the draft mark: all that a start killed in its first instant leaves."""
    return entry.name == f".{_DRAFT}.new"
