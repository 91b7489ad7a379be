"""Runs tasks when they are due, each in a thread of its own: none waits for another."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection
from typing import Protocol

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.monitoring.plans import (
    Ended,
    Outcome,
    read_plans,
    save_beginning,
    save_ends,
    save_overrun,
    save_plan,
)
from bigbrother.operations.monitoring.schedule import Daily, Decision, Plan, decide
from bigbrother.operations.monitoring.task import Task
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook

Report = Callable[[Sequence[Finding]], None]


@dataclass(slots=True)
class _Run:
    """One run that is not over. A task has one at the most, so threads are as few as tasks."""

    thread: threading.Thread
    deadline_seconds: float
    """On the monotonic clock."""
    abandoned: bool = False


class Document(Protocol):
    """What `runbook.live.LiveRunbook` is: the document in force."""

    @property
    def current(self) -> Runbook: ...


class Runner:
    """Starts what is due. `tick` is called by one thread; runs report from theirs.

    A run that takes longer than its limit is abandoned: reported, its findings thrown away. Its
    thread cannot be ended, so the task is not begun again before it is over.
    """

    def __init__(
        self,
        store: Store,
        document: Document,
        clock: Clock,
        tasks: Sequence[Task],
        report: Report,
    ) -> None:
        self._store = store
        self._document = document
        self._clock = clock
        self._tasks = tuple(tasks)
        self._report = report
        self._plans = store.read(read_plans)
        self._lock = threading.Lock()
        self._running: dict[str, _Run] = {}
        self._ends: dict[str, Ended] = {}
        self._well: set[str] = set()
        """Tasks whose last run is known to have gone well."""
        self._stopped = False

    def tick(self, now: datetime) -> datetime:
        """Starts what is due and gives up what takes too long; when it wants to be called next."""
        if self._stopped:
            return now + timedelta(days=1)
        document = self._document.current
        late_by = document.watching.late_by.duration
        self._abandon(now)
        with self._lock:
            busy = set(self._running)
            ends = dict(self._ends)
        plans = dict(self._plans)
        begun: list[Task] = []
        writes: list[Callable[[Connection], None]] = [lambda conn: save_ends(conn, ends)]
        for task in self._tasks:
            when = task.when(document)
            plan = plans.get(task.name)
            decision = decide(when, plan, now, late_by)
            following = Plan(str(when), decision.due_at)
            if following != plan:
                plans[task.name] = following
                writes.append(_planned(task.name, following))
            if not decision.run:
                continue
            if task.name in busy:
                writes.append(_overrun(task.name))
            else:
                repeated = plan is not None and plan.repeat
                writes.append(_began(task.name, now, decision, repeated=repeated))
                begun.append(task)
        if ends or len(writes) > 1:
            self._store.write(lambda conn: _each(conn, writes))
        self._plans = plans
        self._forget(ends)
        # Begun only once it is written: a watcher that dies in a run finds that it did.
        for task in begun:
            self._begin(
                task, now, task.within(document), daily=isinstance(task.when(document), Daily)
            )
        return self._next(now)

    def stop(self) -> None:
        """Starts nothing more, and writes down what is over; what still runs is left behind."""
        self._stopped = True
        with self._lock:
            ends = dict(self._ends)
        if ends:
            self._store.write(lambda conn: save_ends(conn, ends))
            self._forget(ends)

    def _forget(self, written: Mapping[str, Ended]) -> None:
        with self._lock:
            for name, end in written.items():
                if self._ends.get(name) is end:
                    del self._ends[name]

    def _begin(self, task: Task, now: datetime, within: timedelta, *, daily: bool) -> None:
        thread = threading.Thread(
            target=self._run, args=(task, now), kwargs={"daily": daily}, name=task.name, daemon=True
        )
        deadline = self._clock.monotonic_seconds() + within.total_seconds()
        with self._lock:
            self._running[task.name] = _Run(thread, deadline)
        thread.start()

    def _run(self, task: Task, now: datetime, *, daily: bool) -> None:
        findings: list[Finding] = []
        end = Ended(now, Outcome.DONE)
        try:
            findings += task.run(now)
        except Exception as error:  # noqa: BLE001 - whatever it is, the watcher goes on and tells
            end = Ended(now, Outcome.FAILED, f"{type(error).__name__}: {error}")
        with self._lock:
            run = self._running[task.name]
            late = run.abandoned
            if not late:
                end = Ended(self._clock.now(), end.outcome, end.detail)
                findings += self._own(task, end)
                self._ends[task.name] = end
        try:
            if not late and findings and not self._stopped:
                self._report(findings)
            if not late and daily:
                # Otherwise a watcher that dies before its next tick would do it all again.
                self._store.write(lambda conn: save_ends(conn, {task.name: end}))
        finally:
            with self._lock:
                del self._running[task.name]

    def _own(self, task: Task, end: Ended) -> list[Finding]:
        """What the run says about the watcher itself; nothing where nothing changed."""
        if end.outcome is Outcome.DONE:
            if task.name in self._well:
                return []
            self._well.add(task.name)
            return [_finding(task, Status.PASSED, end.at, "runs again.")]
        self._well.discard(task.name)
        return [_finding(task, Status.FAILED, end.at, f"fails: {end.detail}")]

    def _abandon(self, now: datetime) -> None:
        monotonic = self._clock.monotonic_seconds()
        findings = []
        with self._lock:
            for task in self._tasks:
                run = self._running.get(task.name)
                if run is None or run.abandoned or monotonic < run.deadline_seconds:
                    continue
                run.abandoned = True
                end = Ended(now, Outcome.ABANDONED, "is not over within its time.")
                self._ends[task.name] = end
                self._well.discard(task.name)
                findings.append(_finding(task, Status.FAILED, now, end.detail))
        if findings:
            self._report(findings)

    def _next(self, now: datetime) -> datetime:
        monotonic = self._clock.monotonic_seconds()
        with self._lock:
            limits = [
                now + timedelta(seconds=max(0.0, run.deadline_seconds - monotonic))
                for run in self._running.values()
                if not run.abandoned
            ]
        return min([*limits, *(self._plans[task.name].due_at for task in self._tasks)])


def _planned(name: str, plan: Plan) -> Callable[[Connection], None]:
    return lambda conn: save_plan(conn, name, plan)


def _overrun(name: str) -> Callable[[Connection], None]:
    return lambda conn: save_overrun(conn, name)


def _began(
    name: str, now: datetime, decision: Decision, *, repeated: bool
) -> Callable[[Connection], None]:
    outcome = Outcome.REPEATED if repeated else Outcome.RUNNING
    return lambda conn: save_beginning(conn, name, now, outcome, decision.missed)


def _each(conn: Connection, writes: Sequence[Callable[[Connection], None]]) -> None:
    for write in writes:
        write(conn)


def _finding(task: Task, status: Status, at: datetime, what: str) -> Finding:
    return Finding(
        alert="watcher_failing",
        status=status,
        at=at,
        labels={"task": task.name},
        summary=f"The watcher's task {task.name} {what}",
        remedy="Look at `bigbrother logs bigbrother-ops`; what this task watches is not known."
        if status is Status.FAILED
        else "",
    )
