"""Steps as child processes, each in a session of its own that ends as a whole."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict

from bigbrother import processes
from bigbrother.ports.step_runner import (
    RunningStep,
    StepEnd,
    StepLine,
    StepRunnerUnavailable,
    StepWork,
)
from bigbrother.telemetry.redaction import redact_text

MARK = "STEP_OF_BIGBROTHER"
"""In the environment of every step and of what it starts."""
_LARGEST_MESSAGE_BYTES = 4_000_000
"""Far more than a step says; more would stay in the watcher's memory."""


class ProcessStepRunner:
    """Implements `ports.step_runner.StepRunner`.

    `command` is a program that does what `operations.procedures.step_process.serve` does;
    `environment` is all that it gets.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = tuple(command)
        self._environment = {**environment, MARK: "1"}

    def begin(self, work: StepWork) -> RunningStep:
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What goes wrong before it listens is told by Python there.
                stderr=subprocess.STDOUT,
                cwd="/",
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            raise StepRunnerUnavailable(
                f"No process can be begun for the step {work.action}: {error.strerror}.",
                remedy="See whether memory or processes have run out: bigbrother check system.",
            ) from error
        return ProcessStep(process, work)

    def make_sure_gone(self, process_id: int, process_started: float) -> None:
        if not processes.is_of_this_system(process_started):
            return
        now = processes.started(process_id)
        # A number is not given again while anything lives in the session of that number.
        if now is not None and now != process_started:
            return
        # Where its leader is gone, the session may be a stranger's who got the number later.
        strangers = [] if now is not None else processes.session_members(process_id)
        spared = [each for each in strangers if not processes.has_variable(each, MARK)]
        if not processes.kill_session(process_id, spared):
            raise StepRunnerUnavailable(
                f"Process {process_id} of an earlier step cannot be ended.",
                remedy="It waits for a disk or network that does not answer: mend or unmount it.",
            )


class ProcessStep:
    """Implements `ports.step_runner.RunningStep`."""

    def __init__(self, process: "subprocess.Popen[bytes]", work: StepWork) -> None:
        self._process = process
        self._work = work
        began = processes.started(process.pid)
        # It may have died already; the number is its own until it is waited for.
        self._started = 0.0 if began is None else began
        self._limit = threading.Timer(work.within_seconds, self._time_is_over)
        self._limit.daemon = True
        self._late = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._reaped = False
        self._told: StepEnd | None = None
        self._raw = ""
        self._lines = self._read()

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def process_started(self) -> float:
        return self._started

    def go(self) -> None:
        self._limit.start()
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        # A process that is dead already says so by its end.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(asdict(self._work)).encode() + b"\n")
            self._process.stdin.flush()

    def lines(self) -> Iterator[StepLine]:
        return self._lines

    def end(self) -> StepEnd:
        for _ in self._lines:
            pass
        self._limit.cancel()
        gone = processes.kill_session(self.process_id)
        with self._lock:
            self._reaped = True
            code = self._process.wait() if gone else None
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        if not gone:
            return StepEnd(
                "timed-out",
                error=f"Process {self.process_id} of the step cannot be ended.",
                remedy="It waits for a disk or network that does not answer: mend or unmount it.",
                again=False,
            )
        if self._told is not None:
            return self._told
        if self._late.is_set():
            limit = f"{self._work.within_seconds:g} s"
            return StepEnd("timed-out", error=f"It took longer than {limit} and was ended.")
        return StepEnd("died", error=f"Its process {_ending(code)}. {self._raw}".strip())

    def kill(self) -> None:
        self._stopped.set()
        with self._lock:
            if not self._reaped:
                with suppress(OSError):
                    os.killpg(self.process_id, signal.SIGKILL)
                # Also what has a process group of its own: perhaps nobody waits for the end.
                for process_id in processes.session_members(self.process_id):
                    with suppress(OSError):
                        os.kill(process_id, signal.SIGKILL)

    def _time_is_over(self) -> None:
        self._late.set()
        self.kill()

    def _over(self) -> bool:
        return self._stopped.is_set() or processes.has_ended(self.process_id)

    def _read(self) -> Iterator[StepLine]:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        pending = b""
        for chunk in processes.output(self._process.stdout.fileno(), self._over):
            *whole, pending = (pending + chunk).split(b"\n")
            for line in whole:
                said = self._understood(line)
                if self._told is not None:
                    return
                if said is not None:
                    yield said
            if len(pending) > _LARGEST_MESSAGE_BYTES:
                self._told = StepEnd("died", error="It said too much in one line.", again=False)
                return

    def _understood(self, line: bytes) -> StepLine | None:
        """What the process says; anything but a message is what Python says before it listens."""
        try:
            message = json.loads(line)
            if "end" in message:
                self._told = StepEnd(**message["end"])
                return None
            return StepLine(**message["line"])
        except (ValueError, TypeError, KeyError):
            self._raw = redact_text(line.decode("utf-8", "replace")).strip()
            return StepLine("output", self._raw) if self._raw else None


def _ending(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with exit {code} before it was done"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
