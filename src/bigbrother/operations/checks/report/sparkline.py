"""A trend as a small line: of characters, and as an SVG path."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"
_WIDTH, _HEIGHT, _MARGIN = 120, 24, 2


def characters(values: Sequence[float | None]) -> str:
    """One character a value, from the least to the greatest; a dot where there was none."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    return "".join(
        _GAP if value is None else _BARS[round(_height(value, known) * (len(_BARS) - 1))]
        for value in values
    )


def points(values: Sequence[float | None]) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Lines of x, y in a field of 120 by 24; a new one begins after each missing value."""
    known = [value for value in values if value is not None]
    step = (_WIDTH - 2 * _MARGIN) / max(1, len(values) - 1)
    lines: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            y = _HEIGHT - _MARGIN - _height(value, known) * (_HEIGHT - 2 * _MARGIN)
            lines[-1].append((round(_MARGIN + number * step, 1), round(y, 1)))
    return tuple(tuple(line) for line in lines if line)


def _height(value: float, known: Sequence[float]) -> float:
    """0 for the least, 1 for the greatest; a level line lies in the middle."""
    least, greatest = min(known), max(known)
    return (value - least) / (greatest - least) if greatest > least else 0.5
