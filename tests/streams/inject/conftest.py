"""A small made-up background, and what was injected into it."""

import pytest

from streams.inject import Ground
from tests.streams.inject.ground import ground_of, small_edges


@pytest.fixture(scope="session")
def ground() -> Ground:
    """Four days of edges among three hundred accounts in a few circles."""
    return ground_of(small_edges())
