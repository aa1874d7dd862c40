"""A small app behind access, its accounts, and browsers that sign in to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any, TypeVar

import httpx
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.console.access import AccessSettings, Action, Role, User, audit, install, require
from alerts.console.access.accounts import add
from alerts.console.access.passwords import Passwords
from alerts.console.database import Database, open_database
from tests.alerts.console.serving import served

T = TypeVar("T")
PASSWORD = "correct horse battery staple"  # noqa: S105 - of a test
START_MS = 1_700_000_000_000
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""argon2id that costs next to nothing."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        return self.ms

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.ms += round(1000 * seconds)


def make_app(url: str, settings: AccessSettings, clock: Clock) -> FastAPI:
    """An app with a route for each role, and one that fails."""
    database = open_database(url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None)
    router = APIRouter(prefix="/api/v1/things")

    @router.get("/{thing}")
    async def view(thing: str, user: Annotated[User, Depends(require(Role.VIEWER))]) -> str:
        async with database.write() as connection:
            await audit(connection, user, Action.VIEW, thing)
        return user.name

    @router.post("/{thing}", dependencies=[Depends(require(Role.ANALYST))])
    async def decide(thing: str) -> str:
        return thing

    @router.post("/", dependencies=[Depends(require(Role.VIEWER))])
    async def fail() -> str:
        raise RuntimeError("a secret that must not be told")

    @router.delete("/{thing}")
    async def forgotten(thing: str) -> str:
        return thing

    app.include_router(router)

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    install(app, database, settings, passwords=Passwords(QUICK), clock=clock)
    return app


def run(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with a database of the console, from outside of its process."""

    async def opened() -> T:
        database = open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(opened())


def execute(url: str, *statements: str) -> list[Any]:
    """Run statements as who may write to the database; gives the rows of the last."""

    async def work(database: Database) -> list[Any]:
        rows: list[Any] = []
        async with database.write() as connection:
            for statement in statements:
                result = await connection.execute(text(statement))
                rows = list(result) if result.returns_rows else []
        return rows

    return run(url, work)


def writing(url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do something in a transaction."""

    async def opened(database: Database) -> T:
        async with database.write() as connection:
            return await work(connection)

    return run(url, opened)


class Browser(httpx.Client):
    """Somebody's browser: keeps cookies, and shows the token against forgery."""

    def __init__(self, address: str) -> None:
        super().__init__(base_url=f"{address}/api/v1", headers={"Sec-Fetch-Site": "same-origin"})

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in; what comes after shows the session's token."""
        response = self.post("/session", json={"name": name, "password": password})
        if response.is_success:
            self.headers["X-CSRF-Token"] = response.json()["csrf"]
        return response


class Desk:
    """The app while it is served."""

    def __init__(self, address: str, url: str, clock: Clock) -> None:
        self.address, self.url, self.clock = address, url, clock
        self._open: list[Browser] = []

    def browser(self, name: str | None = None) -> Browser:
        """A new browser, signed in if a name is given."""
        browser = Browser(self.address)
        self._open.append(browser)
        if name is not None:
            assert browser.sign_in(name).status_code == 200
        return browser

    def close(self) -> None:
        """Close all browsers."""
        for browser in self._open:
            browser.close()

    def actions(self) -> list[str]:
        """What the audit log tells, oldest first."""
        return [row.action for row in execute(self.url, "SELECT action FROM audit ORDER BY seq")]


NAMES = {"vera": Role.VIEWER, "anna": Role.ANALYST, "adam": Role.ADMIN}


def add_people(url: str) -> dict[str, str]:
    """Add one account of each role; gives their ids by name."""

    async def work(connection: AsyncConnection) -> dict[str, str]:
        kept = QUICK.hash(PASSWORD)
        return {
            name: await add(connection, None, name, role, password=kept, now_ms=START_MS)
            for name, role in NAMES.items()
        }

    return writing(url, work)


@contextmanager
def desk_of(url: str, **settings: Any) -> Iterator[Desk]:
    """The app over a database in which there is somebody of each role."""
    clock = Clock()
    add_people(url)
    with served(make_app(url, AccessSettings.model_validate(settings), clock)) as address:
        desk = Desk(address, url, clock)
        try:
            yield desk
        finally:
            desk.close()
