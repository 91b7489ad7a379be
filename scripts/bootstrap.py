"""Builds `.venv` from a hash-locked file. Run by `scripts/bootstrap`; no package is there yet.

An environment is whole when it holds copies of what it was built from. A build that was killed
leaves the file `unfinished` and is begun anew; one that only failed to download leaves what was
there before as it was.
"""

import collections
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Parts of the product that need no package serve here too.
sys.path.insert(0, str(ROOT / "src"))
VENV = ROOT / ".venv"
UNFINISHED = VENV / "unfinished"
_REFUSED = 4
_LINES_KEPT = 30
_PLAIN_LINE_EVERY_SECONDS = 5.0
_REMEDIES = (
    ("No space left on device", "The disk is full. Make room, then run the same again."),
    ("Disk quota exceeded", "Your disk quota is used up. Make room, then run the same again."),
    (
        "DO NOT MATCH THE HASHES",
        (
            "A package is not the one that the lock file names. Do not go on with it: ask "
            "whoever runs the package index (`pip config list` shows which one it is)."
        ),
    ),
    (
        "No matching distribution",
        (
            "The package index has no build of a package for this Python and system. Look at "
            "`pip config list`; served are Linux (glibc 2.28 or newer) and macOS, on x86-64 and "
            "arm64."
        ),
    ),
    ("Permission denied", "Grant write permission to this folder, or clone it to one of yours."),
    ("", "Check the network and pip's settings (`pip config list`), then run the same again."),
)


def main() -> int:
    """Builds what is missing; 0, 4 for a refusal with its remedy, 130 after Ctrl-C."""
    # Under root the service runs as another account, which has to read what is built here.
    os.umask(0o022)
    kind = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    lock = ROOT / "requirements" / f"{kind}.lock"
    if not lock.exists():
        return _refuse(f"There is no {lock}.", "Say 'runtime' or 'dev'.")
    try:
        # The folder itself is the lock, so that nothing is left lying about.
        folder = os.open(ROOT, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        return _build(lock)
    except OSError as error:
        return _refuse(
            f"{error.filename or VENV}: {error.strerror}.",
            "Make room or grant write permission there, then run the same again.",
        )
    except KeyboardInterrupt:
        print("\nInterrupted; the next run begins where it can.", file=sys.stderr)
        return 130


def lacking(
    folder: Path, architecture: str, flags: frozenset[str], document: str
) -> tuple[str, str] | None:
    """What this machine lacks and the remedy, as far as it can be known without any package.

    `document` is the text of the runbook document. `bigbrother up` checks everything again, and
    the port too: only it knows whether the service itself holds that.
    """
    from bigbrother.installation import machine  # noqa: PLC0415
    from bigbrother.kernel.quantity import parse_quantity  # noqa: PLC0415

    processor = machine.processor(architecture, flags)
    if not processor.passed and not os.environ.get("BIGBROTHER_DSN"):
        return processor.detail, processor.remedy
    # The reader of YAML is one of the packages that are still to be installed.
    figure = re.search(r"^requirements:\n(?:.*\n)*?  free_disk: (.+)$", document, re.MULTILINE)
    if figure is None:
        return "The runbook document names no requirements.free_disk.", "Restore the clone."
    disk = machine.free_disk(folder, parse_quantity(figure[1], "size").value)
    return None if disk.passed else (disk.detail, "Make room there, or clone to another disk.")


def _lacks_something() -> bool:
    from bigbrother.installation import machine  # noqa: PLC0415

    document = (ROOT / "src/bigbrother/runbook/default.yaml").read_text("utf-8")
    found = lacking(ROOT, machine.architecture(), machine.processor_flags(), document)
    if found is not None:
        _refuse(*found)
    return found is not None


def _build(lock: Path) -> int:
    if _lacks_something() or not _make_environment():
        return _REFUSED
    wanted = lock.read_text("utf-8")
    names = {match[1] for match in re.finditer(r"^([a-z0-9._-]+)==", wanted, re.MULTILINE)}
    installed = VENV / lock.name
    if not installed.exists() or installed.read_text("utf-8") != wanted:
        arguments = ("--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(lock))
        if not _pip(arguments, f"Installing {len(names)} packages", len(names)):
            return _REFUSED
    editable = ("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    if not _pip(editable, "Installing Big Brother CNN", 1):
        return _REFUSED
    for other in VENV.glob("*.lock"):
        other.unlink()
    shutil.copyfile(ROOT / "pyproject.toml", VENV / "pyproject.toml")
    (VENV / "place").write_text(f"{ROOT}\n", "utf-8")
    shutil.copyfile(lock, VENV / lock.name)
    UNFINISHED.unlink(missing_ok=True)
    return 0


def _make_environment() -> bool:
    """A `.venv` of this place that pip can work in."""
    place = VENV / "place"
    whole = place.exists() and place.read_text("utf-8").strip() == str(ROOT)
    if whole and not UNFINISHED.exists() and (VENV / "bin" / "python").exists():
        return True
    if VENV.is_symlink() or VENV.exists():
        if VENV.is_symlink() or not ((VENV / "pyvenv.cfg").exists() or not any(VENV.iterdir())):
            _refuse(f"{VENV} is no virtual environment.", "Move it away, then run the same again.")
            return False
        _say("Building .venv anew: the one here is of another place or was interrupted.")
        shutil.rmtree(VENV)
    _say(f"Making .venv with Python {sys.version.split()[0]} ...")
    made = subprocess.run(
        (sys.executable, "-I", "-m", "venv", str(VENV)),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        said = (made.stderr or made.stdout).strip().splitlines() or ["it said nothing"]
        _refuse(f"{VENV} cannot be made: {said[-1]}.", _remedy(made.stderr + made.stdout))
        return False
    UNFINISHED.touch()
    return True


def _pip(arguments: tuple[str, ...], what: str, total: int) -> bool:
    was_unfinished = UNFINISHED.exists()
    UNFINISHED.touch()
    command = (
        *(str(VENV / "bin" / "python"), "-I", "-m", "pip", "install", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar=off", "--no-warn-script-location"),
        "--root-user-action=ignore",
        *arguments,
    )
    environment = {**os.environ, "PIP_USER": "0", "LC_ALL": "C.UTF-8"}
    for variable in ("PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES", "PYTHONPATH"):
        environment.pop(variable, None)
    kept: collections.deque[str] = collections.deque(maxlen=_LINES_KEPT)
    changed = False
    progress = _Progress(what, total)
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            kept.append(line.rstrip())
            changed = changed or line.startswith("Installing collected packages")
            progress.see(line)
    progress.end()
    if process.returncode == 0:
        return True
    if not changed and not was_unfinished:
        UNFINISHED.unlink()
    _say("\n".join(f"  {line}" for line in kept))
    _refuse("pip could not install the packages.", _remedy("\n".join(kept)))
    return False


class _Progress:
    """Rewrites one line on a terminal; elsewhere writes a line now and then."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._seen = 0
        self._doing = ""
        self._began = self._told = time.monotonic()
        self._live = sys.stderr.isatty()
        if not self._live:
            _say(f"{what} ...")

    def see(self, line: str) -> None:
        found = re.match(r"\s*(?:Collecting|Obtaining) ([A-Za-z0-9._-]+)", line)
        if found:
            self._seen += 1
            self._doing = f"{self._seen}/{self._total} {found[1]}"
        elif line.startswith("Installing collected packages") and self._total > 1:
            self._doing = "writing files"
        else:
            return
        now = time.monotonic()
        text = f"{self._what}: {self._doing} ({now - self._began:.0f} s)"
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{text[:width]}")
            sys.stderr.flush()
        elif now - self._told > _PLAIN_LINE_EVERY_SECONDS or self._doing == "writing files":
            self._told = now
            _say(text)

    def end(self) -> None:
        took = f"{self._what}: done in {time.monotonic() - self._began:.0f} s"
        if self._live:
            sys.stderr.write("\r\x1b[K")
        _say(took)


def _remedy(said: str) -> str:
    return next(remedy for sign, remedy in _REMEDIES if sign in said)


def _refuse(what: str, remedy: str) -> int:
    _say(f"Error: {what} {remedy}")
    return _REFUSED


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
