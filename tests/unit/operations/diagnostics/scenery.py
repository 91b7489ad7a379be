"""One installation under diagnosis, made of fakes; a database is given where a look needs one."""

from dataclasses import dataclass, field

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.records import Probe
from bigbrother.operations.diagnostics.runner import diagnose
from bigbrother.operations.diagnostics.scene import OneScrape, Scene
from tests.fakes.face_service import FakeFaceService
from tests.fakes.machine import FakeMachine
from tests.fakes.network import FakeNetwork
from tests.unit.operations.checks.installation import Installation


@dataclass
class Scenery(Installation):
    """Everything that a diagnosis looks at."""

    machine: FakeMachine = field(default_factory=FakeMachine)
    watcher: FakeFaceService = field(default_factory=FakeFaceService.healthy)
    network: FakeNetwork = field(init=False)

    def __post_init__(self) -> None:
        self.network = FakeNetwork(self.clock)

    def scene(self) -> Scene:
        """As it is now."""
        seen = self.observed()
        return Scene(
            runbook=seen.runbook,
            settings=seen.settings,
            clock=seen.clock,
            host=seen.host,
            face=seen.face,
            manager=seen.manager,
            scraped=seen.scraped,
            dsn=seen.dsn,
            machine=self.machine,
            network=self.network,
            watcher=self.watcher,
            scrape=OneScrape(lambda: seen.scraped),
        )

    def look(self, probe: Probe) -> dict[str, Result]:
        """What one look found, by target."""
        return {each.target: each for each in diagnose(self.scene(), 10, [probe])}

    def see(self, probe: Probe) -> Result:
        """The one result of a look that finds one thing."""
        (result,) = self.look(probe).values()
        return result


def beyond(result: Result) -> bool:
    """Whether it warns or fails."""
    return result.status in (Status.WARNING, Status.FAILED)
