"""systemctl and journalctl, with a time limit on every call."""

import os
import subprocess
from collections.abc import Iterator, Sequence

from bigbrother.ports.service_manager import ServiceManagerUnavailable, UnitFailed

TARGET = "bigbrother.target"
ANSWER_SECONDS = 5.0
_NO_SYSTEMD = ("not been booted with systemd", "Failed to connect to bus", "Host is down")
_NO_RIGHT = ("Access denied", "authentication required", "authentication is required")
_NO_FILE = ("not found", "not loaded", "does not exist")


def systemctl(*arguments: str, timeout_seconds: float = ANSWER_SECONDS) -> str:
    """What it wrote. Raises ServiceManagerUnavailable, and UnitFailed with systemd's words."""
    done = _run(("systemctl", "--no-pager", "--no-ask-password", *arguments), timeout_seconds)
    if done.returncode == 0:
        return done.stdout
    said = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[0]
    if any(words in done.stderr for words in _NO_SYSTEMD):
        raise ServiceManagerUnavailable(
            f"systemd does not answer: {said}",
            remedy="Where no systemd runs, set service_manager to 'supervisor'.",
        )
    if any(words in done.stderr for words in _NO_RIGHT):
        raise UnitFailed(f"systemd refused: {said}", remedy="Run this as root, such as with sudo.")
    if any(words in done.stderr for words in _NO_FILE):
        raise UnitFailed(
            f"systemd does not know the unit: {said}",
            remedy="Run: bigbrother render systemd /etc/systemd/system && systemctl daemon-reload.",
        )
    raise UnitFailed(
        f"systemd could not do it: {said}",
        remedy="See `bigbrother status` and `bigbrother logs UNIT`.",
    )


def journal(matches: Sequence[str], lines: int) -> tuple[str, ...]:
    """The last messages that match, oldest first, each as its unit wrote it."""
    done = _run(_journalctl(matches, lines), ANSWER_SECONDS)
    if done.returncode != 0:
        raise ServiceManagerUnavailable(
            f"The journal cannot be read: {done.stderr.strip()}",
            remedy="Run this as root, or as a member of the group systemd-journal.",
        )
    return tuple(done.stdout.splitlines())


def follow_journal(matches: Sequence[str]) -> Iterator[str]:
    """Messages from now on; journalctl ends with whoever stops asking."""
    reader = subprocess.Popen(
        (*_journalctl(matches, 0), "--follow"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env=_environment(),
    )
    try:
        assert reader.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in reader.stdout:
            yield line.rstrip("\n")
    finally:
        reader.kill()
        reader.wait()


def _journalctl(matches: Sequence[str], lines: int) -> tuple[str, ...]:
    asked = ("--quiet", "--no-pager", "--all", "--output=cat", f"--lines={lines}")
    return ("journalctl", *asked, *matches)


def _run(command: Sequence[str], timeout_seconds: float) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
            env=_environment(),
        )
    except FileNotFoundError as error:
        raise ServiceManagerUnavailable(
            f"This machine has no {command[0]}.",
            remedy="Set service_manager to 'supervisor'.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ServiceManagerUnavailable(
            f"{command[0]} did not answer within {timeout_seconds:g} s.",
            remedy="See what systemd waits for: systemctl list-jobs.",
        ) from error


def _environment() -> dict[str, str]:
    """The caller's, in a language that is understood here."""
    return {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"}
