"""The nearest right name, where a person mistyped an alert's."""

from collections.abc import Iterator
from contextlib import contextmanager

from bigbrother.entrypoints.cli.alerts.opened import Opened
from bigbrother.entrypoints.cli.suggestions import did_you_mean
from bigbrother.operations.alerts.errors import AlertNotFound


@contextmanager
def suggesting(at: Opened, reference: str) -> Iterator[None]:
    """Adds the nearest name or id of an open alert to an error about an unknown one."""
    try:
        yield
    except AlertNotFound as error:
        alerts = at.book.open_alerts()
        names = dict.fromkeys([alert.name for alert in alerts] + [alert.id for alert in alerts])
        error.remedy = f"{did_you_mean(reference, names)} {error.remedy}".strip()
        raise
