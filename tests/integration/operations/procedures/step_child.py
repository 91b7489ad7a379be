"""A step's process with steps of its own: `python -m tests...step_child FOLDER`."""

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bigbrother.adapters.clock import SystemClock
from bigbrother.operations.procedures.action import (
    Action,
    ActionServices,
    Arguments,
    StepContext,
)
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from bigbrother.operations.procedures.step_process import serve
from bigbrother.runbook.load import load_runbook
from bigbrother.settings import Settings
from tests.fakes.face_service import FakeFaceService
from tests.fakes.host import FakeHost
from tests.fakes.service_manager import FakeServiceManager

SECRET = "correct-horse-battery"  # noqa: S105 - a made-up one
STUBBORN = "trap '' TERM HUP INT; sleep 300 & echo $! >> {file}; echo $$ >> {file}; wait"


class Given(Arguments):
    """What the steps here are told."""

    text: str = ""
    folder: Path = Path("/")


def _linger(context: StepContext, given: Given) -> Outcome:
    """Begins a family that ignores what it can, and stands still itself."""
    file = given.folder / "family"
    # One in its own process group besides.
    subprocess.Popen(
        ("sh", "-c", STUBBORN.format(file=file)), process_group=0, stdout=subprocess.DEVNULL
    )
    context.journal.say("lingering")
    stop = "kill -STOP $PPID; " if given.text == "stop" else ""
    context.journal.command(("sh", "-c", stop + STUBBORN.format(file=file)))
    return Outcome("It ended by itself.")


def _flood(context: StepContext, _: Given) -> Outcome:
    """10 MB in one line, 1 MB in many lines, bytes that are no text, and a short word."""
    megabyte = "head -c 1000000 /dev/zero"
    done = context.journal.command(
        ("sh", "-c", f"for i in 1 2 3 4 5 6 7 8 9 10; do {megabyte}; done")
    )
    context.journal.command(("sh", "-c", "yes 'one more line' | head -c 1000000; echo the-end"))
    context.journal.command(("head", "-c", "20000", "/dev/urandom"))
    context.journal.command(("echo", "still heard"))
    print("printed by the step itself")
    os.write(2, b"\xff\xfe on stderr\n")
    return Outcome("flooded", {"characters": len(done.output)})


def _leak(context: StepContext, given: Given) -> Outcome:
    """Tries to tell a secret in every way that there is."""
    command = context.journal.command
    command(
        ("sh", "-c", 'echo "$0 $1 $DB_PASSWORD"', "--password", given.text),
        environment={"DB_PASSWORD": "from-the-environment"},
    )
    command(("echo", "postgres://me:in-the-address@host/db", "--token=in-an-option"))
    command(("echo", "--token", "abc"))
    command(("cat", str(context.services.settings.admin_token_file)))
    context.journal.say(f"the token is {SECRET}")
    sys.stderr.write(f"printed {SECRET}\n")
    raise StepFailed(f"It did not take {SECRET}.", remedy=f"Not {SECRET}.", again=False)


def _crash(context: StepContext, _: Given) -> Outcome:
    """Reads where nothing is, after it began something that would outlive it."""
    subprocess.Popen(("sleep", "300"))
    context.journal.say("about to crash")
    ctypes.string_at(0)
    return Outcome("It lived.")


def _slow_program(context: StepContext, given: Given) -> Outcome:
    script = STUBBORN.format(file=given.folder / "program")
    try:
        context.journal.command(("sh", "-c", script), within_seconds=0.3)
    except StepFailed as error:
        left = [pid for pid in map(int, _read(given.folder / "program")) if _lives(pid)]
        return Outcome(error.detail, {"left": list(left)})
    return Outcome("It ended by itself.")


def _background(context: StepContext, given: Given) -> Outcome:
    """A service begun by the step holds its output open; neither waits for it."""
    script = f"sleep 300 & echo $! > {given.folder / 'service'}; echo begun"
    done = context.journal.command(("setsid", "sh", "-c", script))
    missing = context.journal.command(("sh", "-c", "exit 3"), check=False)
    return Outcome(done.output, {"exit": missing.exit})


def _read(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except OSError:
        return False
    return " Z " not in Path(f"/proc/{process_id}/stat").read_text()


def _echo(context: StepContext, given: Given) -> Outcome:
    before = context.earlier["before"]
    return Outcome(f"{given.text} {before.summary} {context.reason}", {"was": dict(before.data)})


def _hang_at_exit(_context: StepContext, _given: Given) -> Outcome:
    threading.Thread(target=threading.Event().wait).start()
    return Outcome("done, but does not leave")


def _unforeseen(_context: StepContext, _given: Given) -> Outcome:
    raise LookupError(SECRET)


def _action(name: str, do: Callable[[StepContext, Given], Outcome]) -> Action[Any]:
    return Action(name, Given, do, lambda _context, given: f"would {given.text}", idempotent=True)


ACTIONS: Mapping[str, Action[Any]] = {
    name: _action(name, do)
    for name, do in (
        ("linger", _linger),
        ("flood", _flood),
        ("leak", _leak),
        ("crash", _crash),
        ("slow_program", _slow_program),
        ("background", _background),
        ("hang_at_exit", _hang_at_exit),
        ("unforeseen", _unforeseen),
    )
} | {
    "echo": replace(
        _action("echo", _echo),
        verify=lambda _context, given: Happened(given.text),
        undo=lambda context, _: Outcome(f"took back {context.earlier['echo'].summary}"),
    )
}


def services(folder: Path) -> ActionServices:
    """Fakes, with a real clock: programs take real time."""
    settings = Settings(home=folder, runtime=folder)
    return ActionServices(
        settings,
        load_runbook(),
        SystemClock(),
        FakeServiceManager(),
        FakeFaceService(),
        FakeHost(),
        "host=/nowhere password=in-the-dsn",
    )


if __name__ == "__main__":
    sys.exit(serve(ACTIONS, lambda: services(Path(sys.argv[1]))))
