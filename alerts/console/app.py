"""The console as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from alerts.console import access
from alerts.console.database import Database, migrate
from alerts.console.feed import Feed, Outlet
from alerts.console.settings import ConsoleSettings


def create_app(
    database: Database,
    settings: ConsoleSettings,
    *,
    feed: Feed | None = None,
    outlet: Outlet | None = None,
    demo: bool = False,
) -> FastAPI:
    """The console over a database; its tables are made, and what it follows is followed, once it is started.

    Parameters
    ----------
    feed, outlet
        What it follows, and where decisions go; without them it shows what there is, and keeps decisions.
    demo
        Whether it shows a simulation.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(migrate, database.url)
        yield
        await database.close()

    app = FastAPI(title="Breakwater console", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.feed, app.state.outlet = feed, outlet
    access.install(app, database, settings, demo=demo)
    return app
