"""The page of a run behind a signed link: what it did, and yes or no where it waits for that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jinja2 import Environment, PackageLoader, select_autoescape

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.links import read
from bigbrother.operations.procedures import history, requests
from bigbrother.operations.procedures.as_json import seconds_between
from bigbrother.operations.procedures.errors import RunNotThere
from bigbrother.operations.procedures.records import Approval, Attempt, Run, RunEvent, RunState
from bigbrother.operations.response.run_links import step_of
from bigbrother.operations.response.services import WatcherServices
from bigbrother.operations.response.watcher import Watcher

Decision = Literal["approve", "reject"]
_LINES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """Something that a step said, or one of its programs."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as the page shows it."""

    run: Run
    attempts: tuple[Attempt, ...]
    asked: Approval | None
    """What waits for an answer."""
    another: bool
    """Whether what waits is another step than the one that the link is about."""
    said: Approval | None
    """The newest answer."""
    lines: tuple[Line, ...]


class RunPages:
    """HTML in the document's language, with its status."""

    def __init__(self, services: WatcherServices, watcher: Watcher) -> None:
        self._services = services
        self._watcher = watcher
        self._templates = Environment(
            loader=PackageLoader("bigbrother.entrypoints.ops"), autoescape=select_autoescape()
        )
        self._templates.filters["seconds"] = _seconds

    def show(self, token: str) -> tuple[int, str]:
        """The run and its steps; buttons where it waits. Changes nothing."""
        return self._answer(token, None)

    def decide(self, token: str, decision: Decision) -> tuple[int, str]:
        """Says yes or no, once: what was said stays said."""
        return self._answer(token, decision)

    def _answer(self, token: str, decision: Decision | None) -> tuple[int, str]:
        now, store = self._services.clock.now(), self._services.store
        try:
            run_id, contact, action = read(token, self._watcher.link_key, now)
        except BigBrotherError as error:
            return 403, self._render(None, now, refusal=error.detail)
        number = step_of(action)
        if number is None:
            return 403, self._render(None, now, refusal="")
        # Relative, since a proxy may put it below another path.
        here = token if decision is None else f"../{token}"
        status, objection = 200, ""
        try:
            if decision is not None:
                request = requests.approve if decision == "approve" else requests.reject
                request(store, run_id, contact or "link", now, number=number)
                self._watcher.wake_runs()
        except RunNotThere as error:
            status, objection = 409, error.detail
        except BigBrotherError as error:
            return 404, self._render(None, now, refusal=error.detail)
        run = store.read(lambda conn: history.known_run(conn, run_id))
        if run is None:
            return 404, self._render(None, now, refusal="")
        return status, self._render(self._seen(run, number), now, here=here, objection=objection)

    def _seen(self, run: Run, number: int) -> Seen:
        store = self._services.store
        attempts = store.read(lambda conn: history.attempts(conn, run.id))
        approvals = store.read(lambda conn: history.approvals(conn, run.id))
        events = store.read(lambda conn: history.last_events(conn, run.id, limit=_LINES_SHOWN))
        waiting = approvals[-1] if approvals and run.state is RunState.WAITING else None
        asked = waiting if waiting is not None and waiting.decided_at is None else None
        said = [each for each in approvals if each.decided_at is not None]
        lines = tuple(line for event in events if (line := _line(event)) is not None)
        another = asked is not None and asked.number != number
        return Seen(run, attempts, asked, another, said[-1] if said else None, lines)

    def _render(
        self,
        seen: Seen | None,
        now: datetime,
        *,
        here: str = "",
        refusal: str = "",
        objection: str = "",
    ) -> str:
        language = self._services.runbook().alert_config.language
        return self._templates.get_template(f"run.{language}.html").render(
            language=language.replace("_", "-"),
            seen=seen,
            here=here,
            overdue=seen is not None and seen.asked is not None and now >= seen.asked.until,
            refusal=refusal,
            objection=objection,
        )


def _line(event: RunEvent) -> Line | None:
    text = str(event.data.get("text", ""))
    if event.kind == "command":
        return Line("command", f"$ {text}")
    if event.kind == "exit":
        return Line("exit", f"exit {text}")
    return Line("output", text) if event.kind in ("line", "output") else None


def _seconds(attempt: Attempt) -> str:
    seconds = seconds_between(attempt.began_at, attempt.ended_at)
    return "" if seconds is None else f"{seconds:.1f} s"
