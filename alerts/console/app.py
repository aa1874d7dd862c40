"""The console as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from alerts.console import access
from alerts.console.api import EncodedPaths, case, export, health, live, queue, views, work
from alerts.console.database import AWAY, Database
from alerts.console.errors import answer, unavailable
from alerts.console.feed import Feed, Outlet
from alerts.console.page import STATIC, page_router
from alerts.console.service import Console
from alerts.console.settings import ConsoleSettings


def create_app(
    database: Database,
    settings: ConsoleSettings,
    *,
    feed: Feed | None = None,
    outlet: Outlet | None = None,
    demo: bool = False,
    static: Path = STATIC,
) -> FastAPI:
    """The console over a database; its tables are made, and what it follows is followed, once it is started.

    Parameters
    ----------
    feed, outlet
        What it follows, and where decisions go; without them it shows what there is, and keeps decisions.
    demo
        Whether it shows a simulation.
    static
        Where the built page lies.

    Attributes of `app.state`
    -------------------------
    console : what the API answers from
    """
    console = Console(database, settings, feed=feed, outlet=outlet)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with console.running():
            yield
        await database.close()

    app = FastAPI(
        title="Breakwater console",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        strict_content_type=True,
    )
    app.state.console = console
    for module in (queue, case, export, work, views, live, health):
        app.include_router(module.router)
    for kind in AWAY:
        if issubclass(kind, SQLAlchemyError):
            app.add_exception_handler(kind, _database_away)
    app.add_middleware(EncodedPaths)
    access.install(app, database, settings, demo=demo)
    app.include_router(page_router(static))
    return app


async def _database_away(_: Request, __: Exception) -> Response:
    return answer(unavailable())
