"""Where a step says what it does: every command, what it printed, how it ended."""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence

from bigbrother.kernel.clock import Clock
from bigbrother.operations.procedures.action import CommandDone
from bigbrother.operations.procedures.outcome import StepFailed
from bigbrother.operations.procedures.step_output import Excerpt, Lines
from bigbrother.operations.procedures.step_secrets import (
    Secrets,
    of_arguments,
    of_environment,
    told_arguments,
)
from bigbrother.ports.step_runner import StepLine
from bigbrother.processes import has_ended, kill_session, output, session_members

_SHOWN_OF_A_FAILURE = 500

Tell = Callable[[StepLine], None]


class StepJournal:
    """Implements `action.Journal` in the step's own process.

    `most` is how many characters of all output are told: half for what the step itself says, the
    other half for its commands, of which each takes at most three quarters of what is left.
    """

    def __init__(self, tell: Tell, secrets: Secrets, clock: Clock, most: int) -> None:
        self._tell = tell
        self._secrets = secrets
        self._clock = clock
        self._most = most
        self._left = most // 2
        self._own = Excerpt(self._line, beginning=most // 4, end=most // 4)
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        with self._lock:
            for line in text.splitlines() or [""]:
                self._own.add(self._secrets.taken_out(line))

    def command(
        self,
        arguments: Sequence[str],
        *,
        within_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> CommandDone:
        given = dict(environment or {})
        secrets = self._secrets.plus((*of_environment(given), *of_arguments(arguments)))
        shown = told_arguments(arguments, secrets)
        self._tell(StepLine("command", shown))
        done = self._run(arguments, given, within_seconds, secrets, shown)
        if check and done.exit != 0:
            last = done.output.strip()[-_SHOWN_OF_A_FAILURE:]
            raise StepFailed(f"{shown} ended with exit {done.exit}. {last}".strip())
        return done

    def close(self) -> None:
        """Tells the end of what the step said."""
        with self._lock:
            self._own.close()

    def _run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        within_seconds: float | None,
        secrets: Secrets,
        shown: str,
    ) -> CommandDone:
        began = self._clock.monotonic_seconds()
        others = session_members(os.getsid(0))
        try:
            program = subprocess.Popen(
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
            )
        except OSError as error:
            raise StepFailed(
                f"{arguments[0]} cannot be run: {error.strerror}.",
                remedy="Install it, or put its folder into PATH.",
                again=False,
            ) from error
        late = threading.Event()
        limit = None if within_seconds is None else threading.Timer(within_seconds, late.set)
        if limit is not None:
            limit.daemon = True
            limit.start()
        try:
            kept = self._told_output(program, late, secrets)
        finally:
            if limit is not None:
                limit.cancel()
            if late.is_set() or not has_ended(program.pid):
                # Whatever appeared in this session meanwhile is the program's own.
                kill_session(os.getsid(0), spared=others)
        code = program.wait()
        seconds = self._clock.monotonic_seconds() - began
        self._tell(StepLine("exit", str(code), {"exit": code, "seconds": round(seconds, 3)}))
        if late.is_set():
            raise StepFailed(f"{shown} took longer than {within_seconds:g} s and was ended.")
        return CommandDone(code, kept, seconds)

    def _told_output(
        self, program: "subprocess.Popen[bytes]", late: threading.Event, secrets: Secrets
    ) -> str:
        kept: list[str] = []
        told = Excerpt(self._line, beginning=self._left // 2, end=self._left // 4)
        whole = Excerpt(kept.append, beginning=self._most // 2, end=self._most // 2)
        lines = Lines()

        def add(line: str) -> None:
            clean = secrets.taken_out(line)
            told.add(clean)
            whole.add(clean)

        assert program.stdout is not None  # noqa: S101 - it was asked for
        with program.stdout:
            over = lambda: late.is_set() or has_ended(program.pid)  # noqa: E731
            for chunk in output(program.stdout.fileno(), over):
                for line in lines.feed(chunk):
                    add(line)
            for line in lines.rest():
                add(line)
        # Its end of the pipe may be closed long before it ends.
        while not (late.is_set() or has_ended(program.pid)):
            late.wait(0.01)
        told.close()
        whole.close()
        self._left -= min(told.told, self._left)
        return "\n".join(kept)

    def _line(self, text: str) -> None:
        self._tell(StepLine("output", text))
