"""A fresh place for a story, and one running installation that stories may share."""

from collections.abc import Iterator

import pytest

from tests.scenarios.place import Place, new_place


@pytest.fixture
def place() -> Iterator[Place]:
    """An installation's place with nothing in it yet."""
    with new_place() as made:
        yield made


@pytest.fixture(scope="session")
def installation() -> Iterator[Place]:
    """A running installation, shared: leave it healthy, and use names of your own in it."""
    with new_place() as made:
        made.up()
        yield made
