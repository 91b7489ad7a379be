"""One running installation that faults are put into, kept between them."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.samples import sample_photo
from bigbrother.operations.diagnostics.diagnosis import diagnosis
from bigbrother.operations.diagnostics.records import Diagnosis
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.service_manager import ServiceManager, UnitState
from bigbrother.settings import Settings, load_settings
from bigbrother.wiring import diagnostics as wiring
from tests.scenarios.place import Place, new_place
from tests.waiting import until

DB, FACE, WORKER = "bigbrother-db", "bigbrother-face", "bigbrother-worker"
CERTIFICATE = "faces.crt"
"""Of the home, once somebody has put one there."""
_WELL_WITHIN_SECONDS = 90
_CURES = ("unit_down", "unit_silent", "database_unreachable")
OVERLAY: dict[str, Any] = {
    # A fault must stay until it was diagnosed: nothing is cured by itself.
    "response": {"cures": {alert: {"policy": "suggest"} for alert in _CURES}},
    # Units end again and again here, on purpose; what one fault left must not speak in the next.
    "watching": {"heals": 10_000, "scrape_every": "1s", "over": "15s"},
    # What takes minutes in earnest takes seconds here.
    "batch": {
        "heartbeat": "300ms",
        "worker_dead_after": "1500ms",
        "rescue_every": "300ms",
        "look_every": "300ms",
        "first_pause": "50ms",
        "longest_pause": "1s",
    },
    "serving": {"document_every": "200ms"},
    "daily_checks": {"least_genuine_pairs": 4, "least_impostor_pairs": 10},
    "common_issues": {
        "queue_stuck": {"symptoms": ["waiting time > 2s", "no worker", "increasing queue size"]}
    },
    "diagnostics": {
        "limits": {
            "queue_age": {"warning": "< 2s", "failure": "< 30s"},
            "statement": {"warning": "< 2s", "failure": "< 30s"},
        }
    },
}
"""Of the home: figures lowered so that a fault shows within seconds."""


@dataclass
class FaultPlace:
    """The installation, and what faults need of it."""

    place: Place
    settings: Settings
    _later: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Around faults: afterwards all is well again, and nothing of them is left to speak.

        A fault that is taken out cannot wait for this by itself: another may still be there.
        """
        try:
            yield
        finally:
            self.wait_until_well()
            while self._later:
                self._later.pop()()

    def afterwards(self, work: Callable[[], None]) -> None:
        """What a fault has to tidy up once all is well again."""
        self._later.append(work)

    def scene(self) -> Scene:
        """What a diagnosis looks at, anew."""
        return wiring.scene(self.settings)

    def manager(self) -> ServiceManager:
        """Who keeps the units."""
        return self.scene().manager

    def diagnosis(self, scene: Scene | None = None) -> Diagnosis:
        """One diagnosis in this process, as `bigbrother diagnose` makes it."""
        return diagnosis(self.scene() if scene is None else scene)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """To the database as its owner; each statement is a transaction of its own."""
        with psycopg.connect(self.scene().dsn, autocommit=True, connect_timeout=5) as conn:
            yield conn

    def http(self, within_seconds: float = 30) -> httpx.Client:
        """To the face analyzer as its administrator."""
        return httpx.Client(
            base_url=self.place.url,
            headers={"Authorization": f"Bearer {self.place.token}"},
            timeout=within_seconds,
        )

    def analyze(self, requests: int) -> None:
        """So many requests with the sample's face, one after the other; answers do not matter."""
        with self.http() as http:
            for _ in range(requests):
                http.post("/v1/analyze", files={"image": ("a.jpg", sample_photo(), "image/jpeg")})

    def submit(self, images: list[bytes]) -> str:
        """A batch of these images; its id."""
        with self.place.client() as client:
            return client.batches.submit("analyze", images).id

    def forget_batch(self, batch_id: str) -> None:
        """Ends and deletes it, so that it does not speak in the next diagnosis."""
        with self.place.client() as client:
            if client.batches.get(batch_id).state == "running":
                client.batches.cancel(batch_id)
            until(lambda: client.batches.get(batch_id).state != "running", 60)
            client.batches.delete(batch_id)

    def process_id(self, unit: str) -> int | None:
        """The main process of a unit; None where it does not run."""
        found = {each.unit: each.process_id for each in self.manager().processes()}
        return found.get(unit)

    def wait_until_well(self) -> None:
        """Until every unit runs, the face analyzer is ready, and a worker lives."""
        until(self._well, _WELL_WITHIN_SECONDS)

    def _well(self) -> bool:
        try:
            scene = self.scene()
            ready = scene.face.get("/readyz", 2, 65536).status == 200
            running = all(unit.state is UnitState.RUNNING for unit in scene.manager.status())
            with self.connection() as conn:
                living = conn.execute(
                    "SELECT count(*) FROM queue.procrastinate_workers"
                    " WHERE last_heartbeat > clock_timestamp() - %s",
                    (scene.runbook.batch.worker_dead_after.duration,),
                ).fetchone()
        except (BigBrotherError, psycopg.Error):
            return False
        return ready and running and living is not None and living[0] > 0


@contextmanager
def fault_place() -> Iterator[FaultPlace]:
    """Brings a private installation up whose figures are lowered, and takes it down again."""
    with new_place() as place:
        etc = place.home / "etc"
        etc.mkdir(parents=True)
        (etc / "runbook.yaml").write_text(yaml.safe_dump(OVERLAY), "utf-8")
        place.up()
        try:
            with in_place(place) as made:
                made.wait_until_well()
                yield made
        finally:
            place.cli("down")


@contextmanager
def in_place(place: Place) -> Iterator[FaultPlace]:
    """Faults in an installation that runs: it gets a model pack of its own meanwhile."""
    shipped = Path(str(resources.files("bigbrother.models"))) / "packs" / "sface"
    own = place.home / "models" / "sface"
    shutil.copytree(shipped, own)
    try:
        yield FaultPlace(place, load_settings({**os.environ, **place.env}))
    finally:
        shutil.rmtree(own)
        (place.home / "etc" / CERTIFICATE).unlink(missing_ok=True)
