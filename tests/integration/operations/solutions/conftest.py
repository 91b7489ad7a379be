"""One installation with short waits for all files of this folder."""

import io
from collections.abc import Iterator

import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.models.samples import sample_photo
from bigbrother.telemetry.logs import configure_logs
from tests.conftest import Cluster
from tests.integration.operations.solutions.place import Place, place


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    configure_logs("test", SystemClock(), io.StringIO())


@pytest.fixture(scope="package")
def shared(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Nobody leaves anything tuned in it."""
    database = cluster.new_database()
    narrow = {"document_every": "50ms", "images_at_once": 1}
    with place(database, tmp_path_factory.mktemp("solved"), serving=narrow) as made:
        yield made
    cluster.drop(database)


@pytest.fixture
def here(shared: Place) -> Iterator[Place]:
    """It, as its overlay says, before and after."""
    written = shared.settings.runbook_overlay.read_text("utf-8")
    yield shared
    shared.settings.runbook_overlay.write_text(written, "utf-8")
    shared.edit()
    shared.tuned.take_back(())
    shared.publish()


@pytest.fixture(scope="session")
def photo() -> bytes:
    return sample_photo()
