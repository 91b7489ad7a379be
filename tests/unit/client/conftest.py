"""A scripted face API and a client of it whose pauses are noted instead of waited."""

from collections.abc import Iterator

import pytest

from bigbrother.client.face_client import FaceClient
from tests.fakes.face_api import FaceApi, running_face_api


@pytest.fixture
def api() -> Iterator[FaceApi]:
    with running_face_api() as fake:
        yield fake


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(api: FaceApi, pauses: list[float]) -> Iterator[FaceClient]:
    with FaceClient(
        api.url,
        "secret-token",
        timeout_seconds=5,
        attempts=3,
        first_pause_seconds=0.1,
        longest_pause_seconds=5,
        pause=pauses.append,
    ) as made:
        yield made
