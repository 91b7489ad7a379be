"""The step's own process, from inside: takes its work, does it, tells how it ended.

It speaks JSON lines on what was its standard output, `{"line": …}` and at last `{"end": …}`. The
runner keeps its standard input open: when that ends, the runner is dead, and the process ends
itself with everything it started.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from pydantic import JsonValue, ValidationError

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.procedures.action import Action, ActionServices, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome, StepFailed
from bigbrother.operations.procedures.step_journal import StepJournal
from bigbrother.operations.procedures.step_output import Lines
from bigbrother.operations.procedures.step_secrets import Secrets, of_environment, of_installation
from bigbrother.ports.step_runner import StepEnd, StepLine, StepWork
from bigbrother.processes import output, session_members
from bigbrother.runbook.validation.mistake import nearest

Actions = Mapping[str, Action[Any]]
_LARGEST_ANSWER = 1_000_000
_LONGEST_ERROR = 10_000


def serve(actions: Actions, services: Callable[[], ActionServices]) -> int:
    """Does the one step that standard input asks for; the exit code is 0 once its end is told."""
    lifeline = _private_input()
    asked = _first_line(lifeline)
    if not asked:
        return 1
    threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()
    work = StepWork(**json.loads(asked))
    speech = _Speech()
    try:
        at = services()
    except Exception as error:  # noqa: BLE001 - whatever it is, the runner must be told
        speech.end(_failed(error, Secrets()))
        return 0
    secrets = Secrets((*of_installation(at.settings, at.dsn), *of_environment(os.environ)))
    journal = StepJournal(speech.line, secrets, at.clock, round(at.runbook.procedures.output.value))
    with _captured(journal):
        end = _done(actions, work, at, journal, secrets)
    journal.close()
    speech.end(end)
    return 0


class _Speech:
    """The road to the runner, which nothing that the step starts inherits."""

    def __init__(self) -> None:
        self._stream = os.fdopen(os.dup(1), "wb")
        self._lock = threading.Lock()

    def line(self, line: StepLine) -> None:
        self._write({"line": asdict(line)})

    def end(self, end: StepEnd) -> None:
        self._write({"end": asdict(end)})

    def _write(self, message: Mapping[str, object]) -> None:
        with self._lock:
            self._stream.write(json.dumps(message).encode() + b"\n")
            self._stream.flush()


def _done(
    actions: Actions, work: StepWork, at: ActionServices, journal: StepJournal, secrets: Secrets
) -> StepEnd:
    try:
        answer = _answer(_action(work.action, actions), work, at, journal)
        # Proves that it can be told before it is.
        if len(json.dumps(answer)) > _LARGEST_ANSWER:
            raise StepFailed("It has more to tell than is kept of a step.", again=False)  # noqa: TRY301
        return StepEnd("done", {name: secrets.without(value) for name, value in answer.items()})
    except Exception as error:  # noqa: BLE001 - a step may fail in any way
        if not isinstance(error, BigBrotherError | ValidationError):
            journal.say("".join(traceback.format_exception(error)))
        return _failed(error, secrets)


def _action(name: str, actions: Actions) -> Action[Any]:
    if name not in actions:
        raise StepFailed(f"There is no step '{name}'.", remedy=nearest(name, actions), again=False)
    return actions[name]


def _answer(
    action: Action[Any], work: StepWork, at: ActionServices, journal: StepJournal
) -> Mapping[str, JsonValue]:
    arguments = action.arguments.model_validate(dict(work.arguments))
    earlier = {name: _outcome(told) for name, told in work.earlier.items()}
    context = StepContext(at, work.run_id, journal, earlier, work.reason)
    if work.phase == "plan":
        return {"plan": action.plan(context, arguments)}
    if work.phase == "verify":
        known = Happened.UNKNOWN if action.verify is None else action.verify(context, arguments)
        return {"happened": known.value}
    if work.phase == "undo":
        if action.undo is None:
            return _told(Outcome("There is nothing to take back.", skipped=True))
        return _told(action.undo(context, arguments))
    return _told(action.do(context, arguments))


def _outcome(told: Mapping[str, JsonValue]) -> Outcome:
    data = told.get("data")
    return Outcome(
        str(told["summary"]),
        data if isinstance(data, Mapping) else {},
        skipped=told.get("skipped") is True,
    )


def _told(outcome: Outcome) -> Mapping[str, JsonValue]:
    return {
        "summary": outcome.summary,
        "data": dict(outcome.data),
        "skipped": outcome.skipped,
    }


def _failed(error: Exception, secrets: Secrets) -> StepEnd:
    if isinstance(error, StepFailed):
        said, remedy, again = error.detail, error.remedy, error.again
    elif isinstance(error, BigBrotherError):
        said, remedy, again = error.detail, error.remedy, error.retryable
    elif isinstance(error, ValidationError):
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said, remedy, again = f"The argument '{place}' is refused: {first['msg']}.", "", False
    else:
        said, remedy, again = f"{type(error).__name__}: {error}", "", True
    said, remedy = secrets.taken_out(said), secrets.taken_out(remedy)
    return StepEnd("failed", {}, said[:_LONGEST_ERROR], remedy[:_LONGEST_ERROR], again=again)


def _private_input() -> int:
    """Standard input, out of reach of what the step starts."""
    private = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return private


def _first_line(source: int) -> bytes:
    """Up to the line's end; empty when the runner went away before it said what to do."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(source, 65536)
        if not chunk:
            return b""
        line += chunk
    return bytes(line)


def _end_with(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    session = os.getsid(0)
    # The runner is dead. Itself last, or nobody would end the others.
    for process_id in session_members(session) - {os.getpid()}:
        with suppress(OSError):
            os.kill(process_id, signal.SIGKILL)
    os.killpg(0, signal.SIGKILL)


@contextmanager
def _captured(journal: StepJournal) -> Iterator[None]:
    """Whatever the step or its programs print goes to the journal."""
    source, target = os.pipe()
    for standard in (1, 2):
        os.dup2(target, standard)
    os.close(target)
    over = threading.Event()
    reader = threading.Thread(
        target=_say_all, args=(source, over.is_set, journal), name="output", daemon=True
    )
    reader.start()
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        over.set()
        reader.join()


def _say_all(source: int, over: Callable[[], bool], journal: StepJournal) -> None:
    lines = Lines()
    for chunk in output(source, over):
        for line in lines.feed(chunk):
            journal.say(line)
    for line in lines.rest():
        journal.say(line)
