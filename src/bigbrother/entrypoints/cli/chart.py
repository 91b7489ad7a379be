"""Draws a figure over time with the dots of Braille signs: two across and four down in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

_BLANK = 0x2800
# The bits of a sign's dots, by row and column.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_GAP_STEPS = 3
"""Points further apart than so many steps are not joined: nobody knows what was between."""
_LEAST_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw, and on how much room."""

    points: Sequence[tuple[datetime, float]]
    """In the order of time; at least one."""
    since: datetime
    until: datetime
    step_seconds: float
    """Usual distance of two points."""
    columns: int
    """Of the terminal, labels included."""
    rows: int


def room(columns: int, label_width: int) -> int:
    """Signs across that are left for dots; each shows two points."""
    return max(_LEAST_WIDTH, columns - label_width - 2)


def draw(drawing: Drawing, label: Callable[[float], str]) -> list[str]:
    """The lines of a chart: labels at the left, the times beneath."""
    low, high = _bounds([value for _, value in drawing.points])
    ticks = {0: label(high), drawing.rows // 2: label((low + high) / 2)}
    ticks[drawing.rows - 1] = label(low)
    margin = max(map(len, ticks.values()))
    width = room(drawing.columns, margin)
    signs = _signs(drawing, low, high, width)
    lines = [
        f"{ticks.get(row, ''):>{margin}} {'┤' if row in ticks else '│'}{''.join(signs[row])}"
        for row in range(drawing.rows)
    ]
    return [*lines, f"{'':>{margin}} └{'─' * width}", f"{'':>{margin}}  {_times(drawing, width)}"]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low == high:
        # A line in the middle, and not a division by nothing.
        space = abs(low) / 2 or 1.0
        return (low - space if low < 0 else max(0.0, low - space)), high + space
    return low, high


def _signs(drawing: Drawing, low: float, high: float, width: int) -> list[list[str]]:
    across, down = 2 * width, 4 * drawing.rows
    cells = [[0] * width for _ in range(drawing.rows)]
    span_seconds = (drawing.until - drawing.since).total_seconds()

    def dot(at: datetime, value: float) -> tuple[int, int]:
        share = (at - drawing.since).total_seconds() / span_seconds
        column = min(across - 1, max(0, int(share * across)))
        row = round((high - value) / (high - low) * (down - 1))
        return column, min(down - 1, max(0, row))

    def put(column: int, row: int) -> None:
        cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]

    for at, value in drawing.points:
        put(*dot(at, value))
    for before, after in pairwise(drawing.points):
        if (after[0] - before[0]).total_seconds() <= _GAP_STEPS * drawing.step_seconds:
            for column, row in _line(dot(*before), dot(*after)):
                put(column, row)
    return [[chr(_BLANK + cell) if cell else " " for cell in row] for row in cells]


def _line(begin: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    steps = max(abs(end[0] - begin[0]), abs(end[1] - begin[1]), 1)
    return [
        (
            round(begin[0] + (end[0] - begin[0]) * step / steps),
            round(begin[1] + (end[1] - begin[1]) * step / steps),
        )
        for step in range(steps + 1)
    ]


def _times(drawing: Drawing, width: int) -> str:
    """The first, the middle and the last moment, in the zone of the two ends."""
    span = drawing.until - drawing.since
    form = "%H:%M:%S" if span.total_seconds() < 600 else "%H:%M"
    if span.days >= 1:
        form = "%m-%d %H:%M"
    first, middle, last = (
        moment.strftime(form) for moment in (drawing.since, drawing.since + span / 2, drawing.until)
    )
    rest = width - len(first) - len(middle) - len(last)
    if rest < 2:
        return f"{first}{last:>{max(1, width - len(first))}}"
    return f"{first}{' ' * (rest // 2)}{middle}{' ' * (rest - rest // 2)}{last}"
