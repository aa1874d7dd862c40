"""Databases of the console, of both kinds, new for each test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.console.database import migrate
from tests.alerts.console.postgresql import PostgreSQL


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for all tests; its folder is not pytest's, which nobody but the user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        server = PostgreSQL(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL) -> str:
    """The name of a database with the console's tables."""
    url = postgresql.database()
    migrate(url)
    return url.rpartition("/")[2]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the console's tables."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database with the console's tables: once SQLite, once PostgreSQL."""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        return server.database(request.getfixturevalue("postgresql_template"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "console.db")
    return f"sqlite:///{tmp_path / 'console.db'}"


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL, postgresql_template: str) -> str:
    """The URL of a new PostgreSQL database with the console's tables."""
    return postgresql.database(postgresql_template)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a new SQLite database with the console's tables."""
    shutil.copy(sqlite_template, tmp_path / "console.db")
    return f"sqlite:///{tmp_path / 'console.db'}"
