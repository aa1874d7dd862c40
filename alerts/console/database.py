"""The console's database: SQLite or PostgreSQL, by URL, through one code path."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, Insert, MetaData, Table, create_engine, event, make_url, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
"""Every table of the console."""

AWAY: Final = (OperationalError, InterfaceError, PoolTimeoutError, OSError)
"""What a database that cannot be reached, or has no room, raises."""

SQLITE: Final = "sqlite"
_WRITES: Final = "breakwater_writes"
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "foreign_keys=ON")
_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_MIGRATING: Final = 0x62726B77
"""The advisory lock under which one process at a time changes PostgreSQL's tables."""


READ: Final = "read"
WRITE: Final = "write"


def _unobserved(_: str, __: float) -> None:
    """Nobody wants to know how long it took."""


class DatabaseUrlError(Exception):
    """What should name a database does not; the text says what would."""


class Database:
    """A pool of connections. Reading and writing are told apart: SQLite has one writer at a time.

    Parameters
    ----------
    url
        As `open_database` takes it.

    Attributes
    ----------
    observe : is told of each transaction whether it was `READ` or `WRITE`, and how many seconds it took
    """

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = _parsed(url, asynchronous=True)
        self.is_sqlite = parsed.get_backend_name() == SQLITE
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True}
        self.engine = create_async_engine(parsed, pool_size=8, max_overflow=8, hide_parameters=True, **options)
        _prepare(self.engine.sync_engine)
        self._writing = asyncio.Lock()
        self.observe: Callable[[str, float], None] = _unobserved

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements see one state of the database."""
        begun = perf_counter()
        async with self.engine.connect() as connection, connection.begin():
            yield connection
        self.observe(READ, perf_counter() - begun)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: committed at the end, rolled back by an exception."""
        async with self._writing if self.is_sqlite else nullcontext():
            begun = perf_counter()
            async with self.engine.connect() as connection:
                await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    yield connection
            self.observe(WRITE, perf_counter() - begun)

    def insert(self, table: Table) -> Any:
        """An insert that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
        return insert_sqlite(table) if self.is_sqlite else insert_postgresql(table)

    def upsert(self, table: Table, keys: Sequence[str]) -> Insert:
        """An insert that replaces all other columns of a row that is there already."""
        made = self.insert(table)
        rest = {column.name: made.excluded[column.name] for column in table.columns if column.name not in keys}
        replaced: Insert = made.on_conflict_do_update(index_elements=list(keys), set_=rest)
        return replaced

    async def close(self) -> None:
        """Disconnect."""
        await self.engine.dispose()


def open_database(url: str) -> Database:
    """A database by its URL: `sqlite:///FILE`, `postgresql://…`. Nothing is connected to yet.

    Raises
    ------
    DatabaseUrlError
        If it names none of these.
    """
    return Database(url)


def migrate(url: str) -> None:
    """Bring the tables to what this version of the console expects; makes them where there are none.

    Raises
    ------
    DatabaseUrlError
        If the URL names no database.
    sqlalchemy.exc.OperationalError
        If it cannot be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with _connected(url) as connection, connection.execution_options(**{_WRITES: True}).begin():
        if connection.dialect.name != SQLITE:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def reach(url: str) -> None:
    """See that a database can be reached, before asynchronous connections are opened: of SQLite those have threads of their
    own, which may outlive the loop when a connection fails.

    Raises
    ------
    DatabaseUrlError
        If the URL names no database.
    sqlalchemy.exc.OperationalError
        If it cannot be reached.
    """
    with _connected(url):
        pass


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection of its own, without an event loop."""
    engine = create_engine(_parsed(url, asynchronous=False), hide_parameters=True)
    _prepare(engine)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _parsed(url: str, *, asynchronous: bool) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _wrong() from error
    name = parsed.drivername.partition("+")[0]
    if name == SQLITE and parsed.database:
        return parsed.set(drivername="sqlite+aiosqlite" if asynchronous else "sqlite")
    if name in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise _wrong()


def _wrong() -> DatabaseUrlError:
    return DatabaseUrlError(
        "The console's database is named by sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        "correct BREAKWATER_CONSOLE__DATABASE or --database."
    )


def _prepare(engine: Engine) -> None:
    """Have SQLite begin transactions when it is told to, a writing one at once for writing."""
    if engine.dialect.name != SQLITE:
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
