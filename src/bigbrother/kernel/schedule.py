"""When somebody works, and when something is due: `24/7`, `8x5`, `mon-fri 08:00-16:00`, cron.

What both say is said on a wall clock, which leaves hours out and repeats others when it is moved.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bigbrother.kernel.errors import InvalidInput

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)"
)
_NAMED = {"24/7": "mon-sun 00:00-24:00", "8x5": "mon-fri 09:00-17:00"}
_REMEDY = (
    "Write 24/7, 8x5 (mon-fri 09:00-17:00), or spans such as 'mon-fri 08:00-16:00, sat "
    "22:00-06:00'."
)
_DAY_MINUTES = 24 * 60
_BLOCK_DAYS = 8
_BEHIND_DAYS = 3
_AHEAD_DAYS = 18
"""A shift of one hour a week is left out by the clock at most once: two weeks show the next."""
_LONGEST_MOVE = timedelta(days=1, hours=1)
"""No clock was ever moved by more: a country that changes its side of the date line."""
_CRON_FIELDS = re.compile(r"[0-9a-z*,/#-]+", re.IGNORECASE)

Spell = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of the week, from an hour to an hour, in minutes after midnight."""

    days: frozenset[int]
    """The days on which it begins; 0 is Monday."""
    opens_minutes: int
    closes_minutes: int
    """More than 1440 where it ends on the day after."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of a week, on the wall clock of a zone that is given when it is asked.

    A shift is never torn: it lasts from the first to the last moment at which the clock shows a
    time between its beginning and its end. A beginning or an end that the clock leaves out is the
    moment at which the clock is moved.
    """

    text: str
    spans: tuple[Span, ...]

    def __str__(self) -> str:
        return self.text

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether somebody works at this moment."""
        spells = self._around(at, zone)
        number = bisect_right(spells, at, key=lambda spell: spell[0]) - 1
        return number >= 0 and at < spells[number][1]

    def next_change(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment after `at` at which `is_open` changes, in UTC; None if it never does."""
        spells = self._around(at, zone)
        number = bisect_right(spells, at, key=lambda spell: spell[0])
        if number > 0 and at < spells[number - 1][1]:
            closes_at = spells[number - 1][1]
            # A spell that lasts as far as was looked has no end.
            last = number == len(spells)
            return None if last and closes_at - at > timedelta(_AHEAD_DAYS - 2) else closes_at
        return spells[number][0] if number < len(spells) else None

    def _around(self, at: datetime, zone: ZoneInfo) -> tuple[Spell, ...]:
        day = at.astimezone(zone).toordinal()
        return _spells(self.spans, zone, day - day % _BLOCK_DAYS)


def parse_schedule(text: str) -> Schedule:
    """Reads a schedule; raises InvalidInput."""
    spans = []
    for part in _NAMED.get(text.strip(), text).split(","):
        found = _SPAN.fullmatch(part.strip().lower())
        if found is None or found["first"] not in _DAYS:
            raise InvalidInput(f"'{text}' is not a schedule.", remedy=_REMEDY)
        last = found["last"] or found["first"]
        opens, closes = _minutes(found["opens"]), _minutes(found["closes"])
        if last not in _DAYS or opens is None or closes is None or opens == closes:
            raise InvalidInput(f"'{text}' is not a schedule.", remedy=_REMEDY)
        if opens == _DAY_MINUTES:
            raise InvalidInput(
                f"'{text}' is not a schedule: a day begins at 00:00.", remedy=_REMEDY
            )
        if closes < opens:
            closes += _DAY_MINUTES
        begin, end = _DAYS.index(found["first"]), _DAYS.index(last)
        length = (end - begin) % 7 + 1
        spans.append(Span(frozenset((begin + day) % 7 for day in range(length)), opens, closes))
    return Schedule(text.strip(), tuple(spans))


@dataclass(frozen=True, slots=True)
class Cron:
    """Moments that come again, in cron's five fields, on the wall clock of a zone given later.

    A time that the clock leaves out is due once, at the moment at which the clock is moved; one
    that it repeats is due once, the first time. What comes every hour (`*` as the hour) follows
    the clock instead: nothing is made up for, and a repeated hour has its runs too.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    def next_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first due moment after `at`, in UTC."""
        found = self._next_by_wall(at, zone)
        moved = _clock_move(zone, at, min(found, at + _LONGEST_MOVE)) if self._hourly else None
        if moved is not None:
            shown = moved.astimezone(zone).replace(tzinfo=None)
            # What the clock shows for the second time has its runs before those found above.
            again = self._next_wall(shown - timedelta(microseconds=1))
            found = min(found, _last(zone, again))
        return found

    @property
    def _hourly(self) -> bool:
        return self.text.split()[1].startswith("*")

    def _next_by_wall(self, at: datetime, zone: ZoneInfo) -> datetime:
        wall = at.astimezone(zone).replace(tzinfo=None)
        while True:
            wall = self._next_wall(wall)
            moment = _first(zone, wall)
            if self._hourly:
                if moment <= at:
                    moment = _last(zone, wall)
                if moment.astimezone(zone).replace(tzinfo=None) != wall:
                    continue
            if moment > at:
                return moment

    def _next_wall(self, wall: datetime) -> datetime:
        # Imported here: most commands that read the document have nothing due.
        from croniter import croniter  # noqa: PLC0415

        found: datetime = croniter(self.text, wall).get_next(datetime)
        return found


def parse_cron(text: str) -> Cron:
    """Reads five fields; raises InvalidInput."""
    from croniter import CroniterError, croniter  # noqa: PLC0415

    fields = text.split()
    cron = Cron(" ".join(fields))
    try:
        well_formed = len(fields) == 5 and all(map(_CRON_FIELDS.fullmatch, fields))
        if well_formed and croniter.is_valid(cron.text) and not _is_random(fields):
            # A date that never comes (30 February) is valid to croniter.
            croniter(cron.text, datetime(2000, 1, 1)).get_next(datetime)  # noqa: DTZ001
            return cron
    except (CroniterError, ValueError, OverflowError):
        pass
    raise InvalidInput(
        f"'{text}' is not a cron expression of five fields.",
        remedy="Write minute, hour, day, month, weekday: '0 6 * * *'.",
    )


def _is_random(fields: list[str]) -> bool:
    """croniter would draw a time of its own for these letters."""
    return any(field[0].lower() in "rh" for field in fields)


def _minutes(text: str) -> int | None:
    hours, minutes = (int(part) for part in text.split(":"))
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= _DAY_MINUTES else None


@lru_cache(maxsize=512)
def _spells(spans: tuple[Span, ...], zone: ZoneInfo, block: int) -> tuple[Spell, ...]:
    """When it is open around a block of days, in order; what touches is one spell."""
    found = []
    for day in range(block - _BEHIND_DAYS, block + _BLOCK_DAYS + _AHEAD_DAYS):
        midnight = datetime.combine(date.fromordinal(day), time())
        for span in spans:
            if midnight.weekday() in span.days:
                opens = _first(zone, midnight + timedelta(minutes=span.opens_minutes))
                closes = _end(zone, midnight + timedelta(minutes=span.closes_minutes))
                if opens < closes:
                    found.append((opens, closes))
    merged: list[Spell] = []
    for opens, closes in sorted(found):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return tuple(merged)


def _first(zone: ZoneInfo, wall: datetime) -> datetime:
    """The first moment, in UTC, at which the zone's clock shows a time or passes over it."""
    return _read(zone, wall)[0]


def _last(zone: ZoneInfo, wall: datetime) -> datetime:
    """The last moment, in UTC, at which the zone's clock shows a time or passes over it."""
    return _read(zone, wall)[1]


def _end(zone: ZoneInfo, wall: datetime) -> datetime:
    """The moment, in UTC, after the last at which the zone's clock shows less than a time.

    Not `_last`: what ends at one is over when the hour from one to two begins, not when it is
    repeated.
    """
    before = wall - datetime.resolution
    moment = _last(zone, before)
    shown = moment.astimezone(zone).replace(tzinfo=None)
    return moment + datetime.resolution if shown == before else moment


@lru_cache(maxsize=1024)
def _read(zone: ZoneInfo, wall: datetime) -> Spell:
    first, last = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= last:
        return first, last
    # Left out: the clock was moved between the two readings.
    moved = _clock_move(zone, last, first) or first
    return moved, moved


@lru_cache(maxsize=256)
def _clock_move(zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """The moment in (after, until] at which the zone's distance from UTC changes, in UTC."""
    low, high = after.astimezone(UTC), until.astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return None
    low_s, high_s = int(low.timestamp()), -int(-high.timestamp() // 1)
    while high_s - low_s > 1:
        middle_s = (low_s + high_s) // 2
        if datetime.fromtimestamp(middle_s, zone).utcoffset() == before:
            low_s = middle_s
        else:
            high_s = middle_s
    return datetime.fromtimestamp(high_s, UTC)
