"""When a task is due: pure decisions from the stored due time, the schedule and the time."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, so long after the last time."""

    interval: timedelta

    def __str__(self) -> str:
        return f"every {self.interval.total_seconds():g} s"


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day, by the wall clock of a zone."""

    at: time
    zone: ZoneInfo

    def __str__(self) -> str:
        return f"daily at {self.at.isoformat('minutes')} {self.zone.key}"

    def next_after(self, moment: datetime) -> datetime:
        """The first due moment after this one, in its zone.

        A time that the clock leaves out is due as long after midnight as it would have been; one
        that the clock repeats is due at its first occurrence alone.
        """
        day = moment.astimezone(self.zone).date()
        for _ in range(3):
            due = datetime.combine(day, self.at, self.zone).astimezone(moment.tzinfo)
            if due > moment:
                return due
            day += _DAY
        raise AssertionError("a day has one such moment")


When = Every | Daily


@dataclass(frozen=True, slots=True)
class Plan:
    """What is stored of a task's future."""

    schedule: str
    """The words of the schedule by which `due_at` was computed."""
    due_at: datetime
    repeat: bool = False
    """The watcher died in the last run: it is run again, once."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a task runs now, and when it is due next."""

    run: bool
    due_at: datetime
    missed: int = 0
    """Runs that should have been since, and were not."""


def decide(when: When, plan: Plan | None, now: datetime, late_by: timedelta) -> Decision:
    """What is to be done now.

    - A task that was never planned runs at once if it has an interval; a daily one waits.
    - One that is due runs once, however many times it was due meanwhile. Where it is late by more
      than `late_by`, the runs that never were are counted as missed.
    - A due time too far away (the clock was set back, the interval was shortened) is pulled in;
      that of a daily run only beyond `late_by`, or it would run twice when a clock is corrected.
    """
    if plan is None:
        return Decision(isinstance(when, Every), _next(when, now))
    decision = _by_time(when, plan, now, late_by)
    return replace(decision, run=True) if plan.repeat else decision


def _by_time(when: When, plan: Plan, now: datetime, late_by: timedelta) -> Decision:
    if plan.due_at > now:
        return Decision(run=False, due_at=_pulled_in(when, plan, now, late_by))
    late = now - plan.due_at
    if isinstance(when, Every):
        if late <= when.interval:
            # In step with the first run, so that the time that starting takes does not add up.
            step = plan.due_at + when.interval
            return Decision(run=True, due_at=step if step > now else now + when.interval)
        missed = late // when.interval if late > late_by else 0
        return Decision(run=True, due_at=now + when.interval, missed=missed)
    missed = _days_missed(when, plan.due_at, now) if late > late_by else 0
    return Decision(run=True, due_at=when.next_after(now), missed=missed)


def _next(when: When, now: datetime) -> datetime:
    return now + when.interval if isinstance(when, Every) else when.next_after(now)


def _pulled_in(when: When, plan: Plan, now: datetime, late_by: timedelta) -> datetime:
    if isinstance(when, Every):
        return min(plan.due_at, now + when.interval)
    changed = plan.schedule != str(when)
    return when.next_after(now) if changed or plan.due_at > now + _DAY + late_by else plan.due_at


def _days_missed(when: Daily, due_at: datetime, now: datetime) -> int:
    """The due moments before now; the run that is made now stands for none of them."""
    return 1 + max(0, (now - when.next_after(due_at)) // _DAY + 1)
