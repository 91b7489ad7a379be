"""Giving up root, on real processes."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bigbrother.security.privileges import PrivilegesNotDropped, drop_to

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")

_DROPS = """
import os, sys
from pathlib import Path
from bigbrother.security.privileges import drop_to
sys.path.insert(0, sys.argv[1])
import parcel
drop_to("nobody")
{then}
"""


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder that only its owner may enter, with code in it that everybody may read."""
    folder = Path(tempfile.mkdtemp(prefix="bb-"))
    package = folder / "code" / "parcel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "late.py").write_text("word = 'found'\n")
    (package / "data.txt").write_text("read")
    yield folder
    shutil.rmtree(folder)


def after_dropping(closed: Path, then: str) -> str:
    done = subprocess.run(
        (sys.executable, "-c", _DROPS.format(then=then), str(closed / "code")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@as_root
def test_a_process_becomes_the_account_with_no_group_of_root_and_no_way_back(closed: Path) -> None:
    said = after_dropping(
        closed,
        "print(os.getresuid(), os.getresgid(), 0 in os.getgroups(), os.environ['USER'])\n"
        "status = open('/proc/self/status').read()\n"
        "print([line for line in status.splitlines() if line.startswith(('NoNew', 'CapEff'))])\n"
        "try: os.seteuid(0); print('back')\n"
        "except PermissionError: print('no way back')",
    )
    nobody = "(65534, 65534, 65534)"
    assert said.startswith(f"{nobody} {nobody} False nobody")
    assert "NoNewPrivs:\\t1" in said
    assert "CapEff:\\t0000000000000000" in said
    assert said.endswith("no way back")


@as_root
def test_code_and_data_of_a_closed_folder_are_still_found_but_the_folder_stays_closed(
    closed: Path,
) -> None:
    said = after_dropping(
        closed,
        "import parcel.late, xml.dom.minidom, importlib.resources as r\n"
        "print(parcel.late.word, r.files('parcel').joinpath('data.txt').read_text())\n"
        f"try: os.listdir({str(closed)!r}); print('open')\n"
        "except PermissionError: print('closed')",
    )
    assert said == "found read\nclosed"


@as_root
@pytest.mark.parametrize("name", ["root", "no-such-account"])
def test_an_account_that_does_not_exist_or_is_root_is_refused(name: str) -> None:
    with pytest.raises(PrivilegesNotDropped, match=name if name != "root" else "superuser"):
        drop_to(name)


def test_becoming_oneself_changes_nothing() -> None:
    program = (
        "import os, pwd\n"
        "from bigbrother.security.privileges import drop_to\n"
        "me = pwd.getpwuid(os.getuid())\n"
        "drop_to(me.pw_name) if me.pw_uid else None\n"
        "assert os.getuid() == me.pw_uid"
    )
    subprocess.run((sys.executable, "-c", program), check=True)
