"""Maintenance in the words of Alertmanager, which knows hours, weekdays, days and months.

Its hours end at midnight, so what lasts into the next day becomes two intervals.
"""

from typing import Any

from croniter import croniter

from bigbrother.runbook.sections.alerting import Maintenance

_DAY_MINUTES = 24 * 60
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_ANY = "*"


def time_intervals(maintenance: Maintenance) -> list[dict[str, Any]] | None:
    """The same moments as Alertmanager's intervals; None where it has no words for them."""
    fields, which_of_the_month = croniter.expand(maintenance.cron.text)
    expanded: list[list[Any]] = list(fields)
    minutes, hours, days, months, weekdays = expanded
    lasts_minutes, odd_seconds = divmod(maintenance.lasts.value, 60)
    plain = not which_of_the_month and all(
        field == [_ANY] or all(isinstance(day, int) for day in field)
        for field in (days, months, weekdays)
    )
    if not plain or odd_seconds or not 0 < lasts_minutes <= _DAY_MINUTES:
        return None
    if days != [_ANY] and weekdays != [_ANY]:
        # Cron means either of the two, Alertmanager both.
        return None
    found: list[dict[str, Any]] = []
    zone = maintenance.time_zone.key
    for hour in range(24) if hours == [_ANY] else hours:
        for minute in range(60) if minutes == [_ANY] else minutes:
            begin = 60 * hour + minute
            end = begin + int(lasts_minutes)
            found.append(_interval(begin, min(end, _DAY_MINUTES), zone, days, months, weekdays))
            if end > _DAY_MINUTES:
                if days != [_ANY] or months != [_ANY]:
                    return None
                after = weekdays if weekdays == [_ANY] else [(day + 1) % 7 for day in weekdays]
                found.append(_interval(0, end - _DAY_MINUTES, zone, days, months, after))
    return found


def _interval(
    begin: int,
    end: int,
    zone: str | None,
    days: list[Any],
    months: list[Any],
    weekdays: list[Any],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "times": [{"start_time": _wall_clock(begin), "end_time": _wall_clock(end)}]
    }
    if weekdays != [_ANY]:
        made["weekdays"] = [_WEEKDAYS[day % 7] for day in sorted(set(weekdays))]
    if days != [_ANY]:
        made["days_of_month"] = [str(day) for day in days]
    if months != [_ANY]:
        made["months"] = [str(month) for month in months]
    made["location"] = zone or "UTC"
    return made


def _wall_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
