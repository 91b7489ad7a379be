"""When somebody works, and when something is due: `24/7`, `8x5`, `mon-fri 08:00-16:00`, cron."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from croniter import croniter

from bigbrother.kernel.errors import InvalidInput

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)"
)
_NAMED = {"24/7": "mon-sun 00:00-24:00", "8x5": "mon-fri 09:00-17:00"}
_REMEDY = "Write 24/7, 8x5 (mon-fri 09:00-17:00), or spans such as 'mon-fri 08:00-16:00'."
_LOOK_AHEAD_DAYS = 9


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of the week, from an hour to an hour, in minutes after midnight."""

    days: frozenset[int]
    """0 is Monday."""
    opens_minutes: int
    closes_minutes: int
    """At most 1440, midnight at the day's end."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of a week, on the wall clock of a zone that is given when it is asked."""

    text: str
    spans: tuple[Span, ...]

    def __str__(self) -> str:
        return self.text

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether somebody works at this moment."""
        local = at.astimezone(zone)
        minutes = local.hour * 60 + local.minute
        return any(
            local.weekday() in span.days and span.opens_minutes <= minutes < span.closes_minutes
            for span in self.spans
        )

    def next_change(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment after `at` at which `is_open` changes; None if it never does."""
        now_open = self.is_open(at, zone)
        return next(
            (
                moment
                for moment in self._boundaries(at, zone)
                if moment > at and self.is_open(moment, zone) is not now_open
            ),
            None,
        )

    def _boundaries(self, at: datetime, zone: ZoneInfo) -> list[datetime]:
        first = at.astimezone(zone).date()
        minutes = {span.opens_minutes for span in self.spans}
        minutes |= {span.closes_minutes for span in self.spans}
        moments = set()
        for day in range(_LOOK_AHEAD_DAYS):
            for minute in minutes:
                date = first + timedelta(days=day + minute // 1440)
                wall = datetime.combine(date, time(minute % 1440 // 60, minute % 60), zone)
                # An hour that the clock leaves out or repeats: both readings are boundaries.
                for fold in (0, 1):
                    moments.add(wall.replace(fold=fold).astimezone(at.tzinfo))
            # So is the moment at which the clock itself is moved.
            moments |= _clock_moves(datetime.combine(first + timedelta(days=day), time(), zone))
        return sorted(moments)


def parse_schedule(text: str) -> Schedule:
    """Reads a schedule; raises InvalidInput."""
    spans = []
    for part in _NAMED.get(text.strip(), text).split(","):
        found = _SPAN.fullmatch(part.strip().lower())
        if found is None or found["first"] not in _DAYS:
            raise InvalidInput(f"'{text}' is not a schedule.", remedy=_REMEDY)
        last = found["last"] or found["first"]
        opens, closes = _minutes(found["opens"]), _minutes(found["closes"])
        if last not in _DAYS or opens is None or closes is None or opens >= closes:
            raise InvalidInput(f"'{text}' is not a schedule.", remedy=_REMEDY)
        begin, end = _DAYS.index(found["first"]), _DAYS.index(last)
        length = (end - begin) % 7 + 1
        spans.append(Span(frozenset((begin + day) % 7 for day in range(length)), opens, closes))
    return Schedule(text.strip(), tuple(spans))


@dataclass(frozen=True, slots=True)
class Cron:
    """Moments that come again, in cron's five fields, on the wall clock of a zone given later."""

    text: str

    def __str__(self) -> str:
        return self.text

    def next_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first due moment after `at`, in UTC."""
        found: datetime = croniter(self.text, at.astimezone(zone)).get_next(datetime)
        return found.astimezone(at.tzinfo)


def parse_cron(text: str) -> Cron:
    """Reads five fields; raises InvalidInput."""
    if len(text.split()) != 5 or not croniter.is_valid(text):
        raise InvalidInput(
            f"'{text}' is not a cron expression of five fields.",
            remedy="Write minute, hour, day, month, weekday: '0 6 * * *'.",
        )
    return Cron(text.strip())


def _minutes(text: str) -> int | None:
    hours, minutes = (int(part) for part in text.split(":"))
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 1440 else None


def _clock_moves(midnight: datetime) -> set[datetime]:
    """Moments of this day at which the zone's distance from UTC changes, to the minute."""
    hours = [midnight.astimezone(midnight.tzinfo) + timedelta(hours=hour) for hour in (0, 24)]
    if hours[0].utcoffset() == hours[1].utcoffset():
        return set()
    zone = midnight.tzinfo
    utc = [hours[0].timestamp() + 60 * minute for minute in range(25 * 60)]
    moments = [datetime.fromtimestamp(second, zone) for second in utc]
    return {
        later for earlier, later in pairwise(moments) if earlier.utcoffset() != later.utcoffset()
    }
