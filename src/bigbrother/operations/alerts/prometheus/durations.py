"""Time spans as Prometheus and Alertmanager write them."""

_UNITS_MS = (("m", 60_000), ("s", 1000), ("ms", 1))


def prometheus_duration(seconds: float) -> str:
    """`300.0` is `5m`, `0.5` is `500ms`; whole units only, as their parsers ask for."""
    milliseconds = round(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    name, size = next(unit for unit in _UNITS_MS if milliseconds % unit[1] == 0)
    return f"{milliseconds // size}{name}"
