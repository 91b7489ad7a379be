"""The real engine with the shipped networks, loaded once."""

import pytest

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import EngineLimits
from bigbrother.models.store import Pack, PackStore
from tests.fakes.packs import NOWHERE

LIMITS = EngineLimits(max_image_bytes=20_000_000, max_image_pixels=64_000_000, max_faces=200)


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The shipped pack."""
    return PackStore(NOWHERE).load("sface")


@pytest.fixture(scope="session")
def analyzer(pack: Pack) -> Analyzer:
    """The shipped networks, ready to run."""
    return Analyzer(pack, LIMITS)
