"""What the watcher promises, measured beside a real Prometheus with its Alertmanager.

One installation of its own; units are killed and kept from starting, alerts are sent in, the
watcher is left alone. Pages go to a web server in this process.
"""

from collections.abc import Iterator

from bench.report import Result
from bench.watcher import deaths, escalation, rest, storm
from bench.watcher.pages import Pages
from bench.watcher.place import watched_installation


def measure() -> Iterator[Result]:
    """At rest first, before anything has happened; the storm last, since it leaves much behind."""
    with Pages() as pages, watched_installation(pages.url("/watcher")) as place:
        yield from rest.measure(place)
        yield from deaths.measure(place, pages)
        yield from escalation.measure(place, pages)
        yield from storm.measure(place, pages)
