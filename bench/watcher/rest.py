"""What the watcher takes while nothing happens."""

import time
from collections.abc import Iterator

from bench.report import Row
from bench.watcher.place import OPS, WatchedPlace

_SETTLES_SECONDS = 20
_OVER_SECONDS = 60
_MOST_MEGABYTES = 100
_MOST_CORE_RATIO = 0.01


def measure(place: WatchedPlace) -> Iterator[Row]:
    """Memory and processor of its process."""
    time.sleep(_SETTLES_SECONDS)
    watcher = place.process(OPS)
    before, began = watcher.cpu_times(), time.perf_counter()
    time.sleep(_OVER_SECONDS)
    after, seconds = watcher.cpu_times(), time.perf_counter() - began
    used = (after.user + after.system - before.user - before.system) / seconds
    megabytes = watcher.memory_info().rss / 1e6
    yield Row(
        "watcher at rest, resident",
        f"{megabytes:.0f} MB",
        "",
        "",
        f"<= {_MOST_MEGABYTES} MB",
        megabytes <= _MOST_MEGABYTES,
    )
    yield Row(
        f"watcher at rest, processor over {_OVER_SECONDS} s",
        f"{used:.2%} of a core",
        "",
        "",
        f"<= {_MOST_CORE_RATIO:.0%}",
        used <= _MOST_CORE_RATIO,
    )
