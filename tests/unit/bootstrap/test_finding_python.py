"""`make up` on machines where Python is missing, too old, or without its venv."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_TOOLS = ("sh", "cat", "cmp", "dirname")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The scripts and locks in a folder of their own, and an empty list of programs."""
    for folder in ("scripts", "requirements"):
        (tmp_path / folder).mkdir()
    for file in ("scripts/bootstrap", "scripts/bootstrap.py", "requirements/runtime.lock"):
        shutil.copy(ROOT / file, tmp_path / file)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in _TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def program(clone: Path, name: str, version: str, *, equipped: bool = True) -> None:
    """A program that answers what the script asks of a Python."""
    file = clone / "bin" / name
    file.write_text(
        "#!/bin/sh\n"
        'case "$2$3" in\n'
        f"  *version_info*) echo {version} ;;\n"
        f"  *ensurepip*) exit {0 if equipped else 1} ;;\n"
        f'  *) echo "{name} runs $2 $3" ;;\n'
        "esac\n"
    )
    file.chmod(0o755)


def bootstrap(clone: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (clone / "scripts" / "bootstrap", "runtime"),
        env={"PATH": str(clone / "bin"), "HOME": str(clone)},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(clone: Path) -> str:
    done = bootstrap(clone)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


def test_without_any_python_the_way_to_one_is_told(clone: Path) -> None:
    assert "found: none" in refusal(clone)
    assert "apt install python3 python3-venv" in refusal(clone)


def test_a_python_that_is_too_old_or_too_new_is_named(clone: Path) -> None:
    program(clone, "python3", "3.9")
    assert "python3 (3.9)" in refusal(clone)
    program(clone, "python3", "3.14")
    assert "python3 (3.14)" in refusal(clone)


def test_without_venv_the_exact_package_is_named(clone: Path) -> None:
    program(clone, "python3", "3.11", equipped=False)
    program(clone, "python3.11", "3.11", equipped=False)
    assert "apt install python3-venv" in refusal(clone)
    program(clone, "python3.12", "3.12", equipped=False)
    (clone / "bin" / "python3").unlink()
    (clone / "bin" / "python3.11").unlink()
    assert "apt install python3.12-venv" in refusal(clone)


def test_the_newest_python_that_is_whole_is_taken(clone: Path) -> None:
    program(clone, "python3.13", "3.13", equipped=False)
    program(clone, "python3.12", "3.12")
    program(clone, "python3", "3.11")
    assert "python3.12 runs" in bootstrap(clone).stdout


def test_an_environment_that_is_current_is_left_alone_at_once(clone: Path) -> None:
    venv = clone / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text("#!/bin/sh\n")
    (venv / "bin" / "python").chmod(0o755)
    shutil.copy(clone / "pyproject.toml", venv)
    shutil.copy(clone / "requirements" / "runtime.lock", venv)
    (venv / "place").write_text(f"{clone.resolve()}\n")
    assert bootstrap(clone).returncode == 0
    (venv / "unfinished").touch()
    assert bootstrap(clone).returncode == 4
    (venv / "unfinished").unlink()
    (venv / "place").write_text("/somewhere/else\n")
    assert bootstrap(clone).returncode == 4


def test_the_lock_files_hold_hashes_and_no_address() -> None:
    for file in sorted((ROOT / "requirements").glob("*.lock")):
        text = file.read_text("utf-8")
        assert "://" not in text
        assert "--hash=sha256:" in text
        assert not any(line.startswith(("-", "--")) for line in text.splitlines())


def test_every_file_of_the_bootstrap_can_be_run() -> None:
    for name in ("scripts/bootstrap", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name
