"""Finds model packs and refuses those that are damaged, unlicensed or not what they say."""

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from bigbrother.models.errors import PackDamaged, PackInvalid, PackNotFound, PackUnlicensed
from bigbrother.models.manifest import ROLES, Manifest, PackFile, Role

MANIFEST = "manifest.json"
PERMISSIVE_LICENCES = frozenset(
    {
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC-BY-4.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "Unlicense",
    }
)
"""SPDX identifiers of the licences under which anybody may run a network for any purpose."""
_LARGEST_MANIFEST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in a folder."""

    manifest: Manifest
    folder: Path

    def file(self, role: Role) -> bytes:
        """The network's bytes, proven to be those that the manifest names.

        Raises PackDamaged for a missing, cut or altered file, PackInvalid for a path that leaves
        the pack's folder.
        """
        entry = self.manifest.files[role]
        path = _inside(self.folder, entry.path)
        try:
            found_bytes = path.stat().st_size
            data = path.read_bytes() if found_bytes == entry.size_bytes else b""
        except OSError as error:
            raise PackDamaged(f"{path} cannot be read: {error}.", remedy=_remedy(self)) from error
        if found_bytes != entry.size_bytes:
            raise PackDamaged(
                f"{path} has {found_bytes} bytes, its manifest says {entry.size_bytes}.",
                remedy=_remedy(self),
            )
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise PackDamaged(
                f"{path} is not the file that its manifest names: its sha256 differs.",
                remedy=_remedy(self),
            )
        return data


class PackStore:
    """The packs that are shipped with the product and those installed in the home.

    An installed pack hides a shipped one of the same name: that is how a newer version arrives.
    """

    def __init__(self, installed: Path) -> None:
        """`installed` is the home's `models` folder; it need not exist."""
        self._installed = installed

    @property
    def _places(self) -> tuple[Path, Path]:
        # Asked anew each time: a process that gives up root reaches its package on another way.
        return (self._installed, _shipped())

    def names(self) -> tuple[str, ...]:
        """Names of all packs, in alphabetical order; a damaged pack is listed too."""
        found: set[str] = set()
        for place in self._places:
            if place.is_dir():
                found.update(p.name for p in place.iterdir() if (p / MANIFEST).is_file())
        return tuple(sorted(found))

    def manifest(self, name: str) -> Manifest:
        """What the pack says about itself; its files are not looked at.

        Raises PackNotFound, or PackInvalid for a manifest that is not one.
        """
        return _read_manifest(self._folder(name))

    def load(self, name: str) -> Pack:
        """The pack, verified.

        Raises PackNotFound, PackInvalid, PackUnlicensed or PackDamaged; each names the way back.
        """
        folder = self._folder(name)
        pack = Pack(_read_manifest(folder), folder)
        for role in ROLES:
            _require_licence(pack, role, pack.manifest.files[role])
            pack.file(role)
        return pack

    def verify(self, name: str) -> Manifest:
        """Checks all of a pack as `load` does and gives its manifest."""
        return self.load(name).manifest

    def folders(self, name: str) -> tuple[Path, ...]:
        """Where packs of this name lie; the first hides the others. Raises PackNotFound."""
        first = self._folder(name)
        return (
            first,
            *(
                place / name
                for place in self._places
                if place / name != first and (place / name / MANIFEST).is_file()
            ),
        )

    def _folder(self, name: str) -> Path:
        if name in self.names():
            return next(p / name for p in self._places if (p / name / MANIFEST).is_file())
        raise PackNotFound(
            f"There is no model pack '{name}'.",
            remedy=f"Choose one of {', '.join(self.names())}, or put the pack's folder into "
            f"{self._places[0]}.",
        )


def _shipped() -> Path:
    return Path(str(resources.files("bigbrother.models"))) / "packs"


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        if path.stat().st_size > _LARGEST_MANIFEST_BYTES:
            raise PackInvalid(f"{path} is too large for a manifest.", remedy=_way_back(folder))
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'document'}: {item['msg']}"
            for item in error.errors()
        )
        raise PackInvalid(
            f"{path} is not a manifest: {reasons}.", remedy=_way_back(folder)
        ) from error
    except OSError as error:
        raise PackDamaged(f"{path} cannot be read: {error}.", remedy=_way_back(folder)) from error
    if manifest.name != folder.name:
        raise PackInvalid(
            f"The folder {folder} holds a pack that calls itself '{manifest.name}'.",
            remedy=f"Rename the folder to '{manifest.name}'.",
        )
    return manifest


def _require_licence(pack: Pack, role: Role, entry: PackFile) -> None:
    if entry.licence not in PERMISSIVE_LICENCES:
        raise PackUnlicensed(
            f"The {role} of pack '{pack.manifest.name}' has the licence "
            f"'{entry.licence}', which is not one that allows every use.",
            remedy=f"Use a pack whose networks are under one of "
            f"{', '.join(sorted(PERMISSIVE_LICENCES))}.",
        )
    text = _inside(pack.folder, entry.licence_file)
    if not text.is_file() or not text.stat().st_size:
        raise PackUnlicensed(
            f"The licence text {text} of pack '{pack.manifest.name}' is missing.",
            remedy=_remedy(pack),
        )


def _inside(folder: Path, relative: str) -> Path:
    path = (folder / relative).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PackInvalid(
            f"'{relative}' leaves the pack's folder {folder}.", remedy=_way_back(folder)
        )
    return path


def _remedy(pack: Pack) -> str:
    return _way_back(pack.folder)


def _way_back(folder: Path) -> str:
    if folder.parent == _shipped():
        return (
            "This pack came with the product: reinstall it with "
            "`pip install --force-reinstall --no-deps bigbrother-cnn`, or in a clone with "
            f"`git checkout -- {folder.relative_to(folder.parents[4])}`; then check it with "
            f"`bigbrother models verify {folder.name}`."
        )
    return (
        f"Copy the pack into {folder} again from where it came, or remove that folder; then check "
        f"it with `bigbrother models verify {folder.name}`."
    )
