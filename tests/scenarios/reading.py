"""Reads a document as its reader does: every command that it shows is typed."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.scenarios.place import Place

ROOT = Path(__file__).parents[2]
MAKE = ("make up\n", "make test\n")
DOCUMENTED_HOME = Path(".local/share/bigbrother")
DOCUMENTED_ADDRESS = "127.0.0.1:8080"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a document in one language, in order."""
    text = (ROOT / document).read_text("utf-8")
    return [body for name, body in _FENCE.findall(text) if name == language]


def read_along(document: str, place: Place, desk: Path, *, also: str = "") -> str:
    """Runs a document's shell blocks one after the other; gives what they said on stdout.

    The home and the address that the documents name are those of `place`. `also` runs before.
    """
    shown = [block for block in blocks(document, "sh") if block not in MAKE]
    assert shown, f"{document} shows nothing to run"
    script = "\n".join(shown).replace(DOCUMENTED_ADDRESS, f"127.0.0.1:{place.port}")
    done = subprocess.run(
        # A refused request is a failed reading.
        ("sh", "-euc", f'curl() {{ command curl --fail-with-body "$@"; }}\n{also}\n{script}'),
        env=reader(place, desk),
        cwd=desk,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, f"{document}: {done.stdout}{done.stderr}"
    return done.stdout


def reader(place: Place, desk: Path) -> Mapping[str, str]:
    """The environment of somebody whose home folder holds the installation as documented."""
    documented = desk / DOCUMENTED_HOME
    if not documented.exists():
        documented.parent.mkdir(parents=True)
        documented.symlink_to(place.home)
    command = Path(place.command[0]).parent
    return {**place.env, "HOME": str(desk), "PATH": f"{command}:{os.environ['PATH']}"}
