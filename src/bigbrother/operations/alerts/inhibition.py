"""Which firing alerts keep others from paging, as the document's inhibitions say.

Of alerts that inhibit each other in a circle at least one is always heard.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bigbrother.operations.alerts.matching import ALERT, matches, matches_any
from bigbrother.operations.alerts.records import Alert, AlertState
from bigbrother.runbook.sections.alerting import Inhibition


class Inhibitors:
    """Of one moment; looked up once for all alerts."""

    def __init__(self, open_alerts: Iterable[Alert], inhibitions: Sequence[Inhibition]) -> None:
        self._inhibitions = inhibitions
        self._sources = _sources(open_alerts, inhibitions)
        # One that is itself of the second kind does not quiet others of the first.
        self._pure = [
            [alert for alert in sources if not matches_any(inhibition.quiet, alert)]
            for inhibition, sources in zip(inhibitions, self._sources, strict=True)
        ]
        self._by: dict[str, str] = {}
        for index in range(len(inhibitions)):
            for target in self._all_sources():
                if target.id not in self._by:
                    source = self._source(index, target)
                    if source is not None:
                        self._by[target.id] = source.id

    @property
    def epoch(self) -> object:
        """Equal as long as the same alerts inhibit."""
        return tuple(tuple(alert.id for alert in sources) for sources in self._sources)

    def of(self, alert: Alert) -> str | None:
        """The id of an alert that keeps this one from paging."""
        if alert.id in self._by:
            return self._by[alert.id]
        for index in range(len(self._inhibitions)):
            source = self._source(index, alert)
            if source is not None:
                return source.id
        return None

    def _all_sources(self) -> list[Alert]:
        return list({alert.id: alert for group in self._sources for alert in group}.values())

    def _source(self, index: int, target: Alert) -> Alert | None:
        inhibition = self._inhibitions[index]
        if not self._sources[index] or not matches_any(inhibition.quiet, target):
            return None
        both = matches(inhibition.when, target)
        sources = self._pure[index] if both else self._sources[index]
        return next((source for source in sources if not self._rests_on(source, target)), None)

    def _rests_on(self, source: Alert, target: Alert) -> bool:
        """Whether the source is the target, or is itself quiet because of it."""
        key: str | None = source.id
        while key is not None:
            if key == target.id:
                return True
            key = self._by.get(key)
        return False


def _sources(open_alerts: Iterable[Alert], inhibitions: Sequence[Inhibition]) -> list[list[Alert]]:
    """For each inhibition the alerts that fire and inhibit, in the order in which they began."""
    by_name: dict[str | None, list[int]] = defaultdict(list)
    for index, inhibition in enumerate(inhibitions):
        by_name[inhibition.when.get(ALERT)].append(index)
    anonymous = by_name.get(None, [])
    found: list[list[Alert]] = [[] for _ in inhibitions]
    for alert in open_alerts:
        if alert.state is not AlertState.FIRING:
            continue
        for index in (*by_name.get(alert.name, ()), *anonymous):
            if matches(inhibitions[index].when, alert):
                found[index].append(alert)
    for sources in found:
        sources.sort(key=lambda alert: (alert.began_at, alert.id))
    return found
