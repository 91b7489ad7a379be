"""Puts back the files of an installed pack that are damaged, where the shipped pack has them."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from bigbrother.models.errors import PackDamaged
from bigbrother.models.manifest import ROLES
from bigbrother.models.store import PackStore


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file that is not what the manifest says, and its good twin."""

    path: Path
    twin: Path | None
    """None: nothing on this machine has the right bytes."""


def damaged_files(store: PackStore, name: str) -> tuple[DamagedFile, ...]:
    """The networks of a pack that are missing or altered; raises PackNotFound, PackInvalid."""
    manifest = store.manifest(name)
    folder, *others = store.folders(name)
    found = []
    for role in ROLES:
        entry = manifest.files[role]
        if _digest(folder / entry.path) != entry.sha256:
            twins = (other / entry.path for other in others)
            twin = next((path for path in twins if _digest(path) == entry.sha256), None)
            found.append(DamagedFile(folder / entry.path, twin))
    return tuple(found)


def restore_files(store: PackStore, name: str) -> tuple[Path, ...]:
    """Puts the twins in the place of damaged files, each at once; what was put back.

    Raises PackDamaged, with nothing changed, where a file has no twin.
    """
    damaged = damaged_files(store, name)
    lost = [str(each.path) for each in damaged if each.twin is None]
    if lost:
        raise PackDamaged(
            f"Nothing on this machine has the right bytes of {', '.join(lost)}.",
            remedy="Copy the pack again from where it came, or choose another pack.",
        )
    for each in damaged:
        if each.twin is not None:
            draft = each.path.with_name(f".{each.path.name}.draft")
            shutil.copyfile(each.twin, draft)
            draft.replace(each.path)
    return tuple(each.path for each in damaged)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
