"""A run while it happens: each step, command and line as it comes."""

import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.status import Status
from rich.text import Text

from bigbrother.entrypoints.cli.output import plain
from bigbrother.entrypoints.cli.runs import shown
from bigbrother.operations.procedures import history
from bigbrother.operations.procedures.records import ENDED, Attempt, Run, RunEvent, RunState
from bigbrother.operations.store.store import Store

_FRAME_SECONDS = 0.1
_EVENTS_AT_ONCE = 500
_RESTING = frozenset({RunState.HELD, RunState.PAUSED})


class Follower:
    """Tells what happens in one run, from its beginning; `quiet` tells nothing."""

    def __init__(self, store: Store, run_id: str, *, quiet: bool) -> None:
        self._store = store
        self._run_id = run_id
        self._quiet = quiet
        self._after = 0
        self._spinner: Status | None = None

    def follow(self, check: Callable[[], None]) -> Run:
        """Returns once the run has ended, or a person must say something.

        `check` is called again and again, and may raise.
        """
        try:
            while True:
                check()
                # The state first: whatever happened before it ended is among the events then.
                run = self._store.read(lambda conn: history.find_run(conn, self._run_id))
                self._tell_news()
                if run.state in ENDED or (run.state in _RESTING and not _wanted(run)):
                    return run
                time.sleep(_FRAME_SECONDS)
        finally:
            self._spin(None)

    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts of the run."""
        return self._store.read(lambda conn: history.attempts(conn, self._run_id))

    def _tell_news(self) -> None:
        while events := self._store.read(
            lambda conn: history.events(
                conn, self._run_id, after=self._after, limit=_EVENTS_AT_ONCE
            )
        ):
            for event in events:
                self._after = event.id
                if not self._quiet:
                    self._tell(event)

    def _tell(self, event: RunEvent) -> None:
        kind, _, what = event.kind.partition(".")
        line = shown.said_line(event)
        if line is not None:
            self._echo(line)
        elif kind == "step":
            self._tell_step(event, what)
        elif event.kind == "approval.asked":
            asked = f"? {event.data['action']} waits for approval until {event.data['until']}"
            self._echo(Text(f"{plain(asked)}: bigbrother runs approve {self._run_id}", "yellow"))
        elif event.kind in ("run.undoing", "run.taken-over"):
            why = plain(str(event.data.get("error") or event.data.get("from") or ""))
            self._echo(Text(f"! {what}: {why}", "magenta"))

    def _tell_step(self, event: RunEvent, what: str) -> None:
        if what == "began":
            undo = "undo " if event.data["phase"] == "undo" else ""
            self._spin(f"{undo}{event.data['action']}")
            return
        if what == "settled":
            return
        self._spin(None)
        place = (event.data["number"], event.data["phase"], event.data["attempt"])
        for attempt in self.attempts():
            if (attempt.number, attempt.phase, attempt.attempt) == place:
                self._echo(shown.step_line(attempt))

    def _echo(self, line: Text) -> None:
        """Above the spinner, which would be written over otherwise."""
        if self._spinner is not None:
            self._spinner.stop()
        shown.echo(line)
        if self._spinner is not None:
            self._spinner.start()

    def _spin(self, text: str | None) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
        if text is not None and sys.stderr.isatty():
            self._spinner = Console(stderr=True).status(plain(text))
            self._spinner.start()


def _wanted(run: Run) -> bool:
    """Whether somebody has said already how it goes on."""
    if run.state is RunState.HELD:
        return bool(run.settled) or run.cancel_asked
    return not run.pause_asked or run.cancel_asked
