"""A client of the real service: real HTTP, real engine, real PostgreSQL."""

from collections.abc import Iterator

import pytest

from bigbrother.client.face_client import FaceClient
from bigbrother.models.samples import sample_photo
from bigbrother.runbook.load import load_runbook
from tests.conftest import Cluster
from tests.integration.api.conftest import Service, run_service


@pytest.fixture(scope="module")
def service(cluster: Cluster) -> Iterator[Service]:
    database = cluster.new_database()
    yield from run_service(database, load_runbook())
    cluster.drop(database)


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[FaceClient]:
    with FaceClient(service.url, service.texts["admin"]) as made:
        yield made


@pytest.fixture(scope="session")
def photo() -> bytes:
    return sample_photo()
