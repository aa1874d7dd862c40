"""The console as a process of its own, on any database, and who may sign in to it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from alerts.console.access.managing import managing
from alerts.console.roles import Role
from tests.alerts.console.page.browser import PASSWORD
from tests.kafka import Deployment, Worker

T = TypeVar("T")
PEOPLE = {"vera": Role.VIEWER, "ana": Role.ANALYST, "ada": Role.ADMIN}


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run something on a loop of a thread of its own: Playwright has that of the tests' thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def add_people(url: str) -> None:
    """Add somebody of each role to a database."""

    async def added() -> None:
        async with managing(url) as accounts:
            for name, role in PEOPLE.items():
                await accounts.add(name, role, PASSWORD)

    apart(added())


def serve(deployment: Deployment, url: str, *, ready: bool = True) -> Worker:
    """Start a console; it ends with the deployment."""
    deployment.settings["BREAKWATER_CONSOLE__DATABASE"] = url
    return deployment.serve("console", ready=ready)


def address(console: Worker) -> str:
    return f"http://127.0.0.1:{console.port}"
