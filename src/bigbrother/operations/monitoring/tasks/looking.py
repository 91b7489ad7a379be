"""What tasks look at, and where they leave what they read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bigbrother.kernel.clock import Clock
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.scrapes import Scraped, scrape_before, scrape_to_compare
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.operations.store.store import Store
from bigbrother.ports.face_service import FaceService
from bigbrother.ports.host import Host
from bigbrother.ports.service_manager import ServiceManager
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings


class Services(Protocol):
    """What the watcher is put together of, as far as tasks need it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def store(self) -> Store: ...
    @property
    def manager(self) -> ServiceManager: ...
    @property
    def face(self) -> FaceService: ...
    @property
    def host(self) -> Host: ...
    @property
    def dsn(self) -> str: ...

    def runbook(self) -> Runbook:
        """The document in force."""
        ...


@dataclass(frozen=True, slots=True)
class Looking:
    """One installation under the watcher's eyes."""

    services: Services

    @property
    def runbook(self) -> Runbook:
        """The document in force."""
        return self.services.runbook()

    def observed(self, now: datetime, scraped: Scraped | None = None) -> Observed:
        """What checks look at; the counters are those of the last scrape, if they are fresh."""
        services = self.services
        return Observed(
            runbook=self.runbook,
            settings=services.settings,
            clock=services.clock,
            host=services.host,
            face=services.face,
            manager=services.manager,
            scraped=self.scraped(now) if scraped is None else scraped,
            dsn=services.dsn,
        )

    def scraped(self, now: datetime) -> Scraped:
        """The counters that were kept last; none where they are older than `watching.over`."""
        runbook = self.runbook
        newest = self.services.store.read(lambda conn: scrape_before(conn, now))
        if newest is None or newest.at < now - runbook.watching.over.duration:
            return Scraped(None)
        return Scraped(
            newest,
            self.services.store.read(lambda conn: scrape_to_compare(conn, runbook, newest.at)),
        )

    def keep(self, readings: Iterable[Reading], now: datetime) -> None:
        """Writes readings."""
        kept = list(readings)
        keep = self.runbook.retention.readings.duration
        if kept:
            self.services.store.write(lambda conn: record(conn, kept, now, keep))
