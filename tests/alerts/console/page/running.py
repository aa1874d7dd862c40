"""The console as a process of its own, on any database, and who may sign in to it."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

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


def wait_until(done: Callable[[], bool], within_s: float = 60.0) -> None:
    """Return when something is so."""
    end = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < end, "that did not become so"
        time.sleep(0.1)


def serve(deployment: Deployment, url: str, *, ready: bool = True) -> Worker:
    """Start a console; it ends with the deployment."""
    deployment.settings["BREAKWATER_CONSOLE__DATABASE"] = url
    return deployment.serve("console", ready=ready)


def address(console: Worker) -> str:
    return f"http://127.0.0.1:{console.port}"


class Api:
    """Somebody who is signed in to a console's API."""

    def __init__(self, at: str, name: str) -> None:
        self._client = httpx.Client(base_url=f"{at}/api/v1", timeout=30)
        self._client.post("/session", json={"name": name, "password": PASSWORD}).raise_for_status()
        self._client.headers["X-CSRF-Token"] = self.get("/session")["csrf"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, **given: Any) -> Any:
        answer = self._client.get(path, params=given)
        answer.raise_for_status()
        return answer.json()

    def bytes_of(self, path: str) -> bytes:
        answer = self._client.get(path)
        answer.raise_for_status()
        return answer.content

    def post(self, path: str, body: dict[str, Any]) -> None:
        self._client.post(path, json=body).raise_for_status()

    def cases(self) -> dict[str, dict[str, Any]]:
        """The rows of all cases, snoozed ones too, by id."""
        found: dict[str, dict[str, Any]] = {}
        cursor = None
        while True:
            listed = self.get("/alerts", snoozed="any", limit=200, **({"cursor": cursor} if cursor else {}))
            found.update({one["id"]: one for one in listed["alerts"]})
            cursor = listed["next"]
            if cursor is None:
                return found


def case_path(alert: str) -> str:
    return f"/alerts/{quote(alert, safe='')}"
