"""A desk to sign in at."""

from collections.abc import Iterator

import pytest

from tests.alerts.console.access.desk import Desk, desk_of


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """A small app behind access, once over SQLite, once over PostgreSQL."""
    with desk_of(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_desk(sqlite_url: str) -> Iterator[Desk]:
    """The same over SQLite alone."""
    with desk_of(sqlite_url) as opened:
        yield opened
