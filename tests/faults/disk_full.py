"""The file system with the uploads is full: a private one, mounted for it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.faults.fault import CannotInject, View, as_it_is
from tests.faults.place import FaultPlace

_OLD = 1_000_000_000
FILLER = "left-behind"


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """A file that an upload left behind long ago takes all room, or all but little."""
    spool = place.settings.spool
    owner = spool.stat()
    size_bytes = chance.choice((4, 8, 16)) * 1024 * 1024
    with _mounted(spool, size_bytes):
        os.chown(spool, owner.st_uid, owner.st_gid)
        spool.chmod(owner.st_mode & 0o7777)
        filler = spool / FILLER
        filler.write_bytes(b"\0" * int(size_bytes * chance.uniform(0.97, 1)))
        os.utime(filler, (_OLD, _OLD))
        yield as_it_is
        filler.unlink(missing_ok=True)


@contextmanager
def _mounted(folder: Path, size_bytes: int) -> Iterator[None]:
    options = f"size={size_bytes},mode=0700"
    command = ("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotInject(f"no private mount: {done.stderr.strip()}")
    try:
        yield
    finally:
        # Lazily: an upload may hold a file there.
        subprocess.run(("umount", "--lazy", str(folder)), check=True)
