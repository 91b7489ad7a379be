"""What a person sees of an error that nobody foresaw: a line, and where the rest lies."""

import errno
import os
import tempfile
import traceback
from pathlib import Path

from bigbrother.entrypoints.cli.output import say, shown_path
from bigbrother.settings import load_settings

_REMEDIES = {
    errno.ENOSPC: "The disk is full: make room there, then run the same command again.",
    errno.EDQUOT: "Your disk quota is used up: make room, then run the same command again.",
    errno.EROFS: "Mount the file system writable, or set BIGBROTHER_HOME to another place.",
    errno.EACCES: "Grant access to it, or run as its owner.",
    errno.EPERM: "Grant access to it, or run as its owner.",
    errno.ENAMETOOLONG: "Set BIGBROTHER_HOME to a shorter path.",
}


def explain_system_error(error: OSError) -> None:
    """What the operating system refused, and what a person does about it."""
    remedy = _REMEDIES.get(error.errno or 0)
    if remedy is None:
        keep_traceback(error)
        return
    place = f" ({shown_path(error.filename)})" if isinstance(error.filename, str) else ""
    say(f"Error: {error.strerror}{place}. {remedy}")


def keep_traceback(error: BaseException) -> None:
    """Tells the error in one line and keeps its traceback in a private file."""
    reason = str(error).strip().splitlines() or [""]
    text = "".join(traceback.format_exception(error))
    say(
        f"Error: {type(error).__name__}: {reason[0]} This was not foreseen; "
        f"please report it with {_keep(text)}."
    )


def _keep(text: str) -> str:
    for folder in (_log_folder(), None):
        try:
            descriptor, name = tempfile.mkstemp(".log", "cli-error-", folder)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError:
            continue
        return shown_path(name)
    return "the command that you gave"


def _log_folder() -> Path | None:
    try:
        return load_settings().log
    except Exception:  # noqa: BLE001 - the settings may be what is broken
        return None
