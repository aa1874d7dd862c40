"""Revisions and evidence as the engine would write them, and the console's app over a database, with accounts to sign in by."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import httpx
import orjson
from fastapi import FastAPI

from alerts.console.access.managing import managing
from alerts.console.app import create_app
from alerts.console.database import Database, open_database
from alerts.console.feed import FeedAwayError, Pulse, Record
from alerts.console.roles import Role
from alerts.console.settings import ConsoleSettings
from tests.alerts.console.serving import served

START = 1_709_510_400_000
T = TypeVar("T")


def revision(alert: str = "a", number: int = 1, **given: Any) -> bytes:
    """A revision of an alert; each has ten participants more than the one before."""
    people = given.pop("people", 10 * number)
    body = {
        "schema": "breakwater.alert/1",
        "id": alert,
        "revision": number,
        "status": "open",
        "verdict": "pile_on",
        "severity": "medium",
        "score": 0.9,
        "target": {"kind": "account", "id": f"target of {alert}", "flags": []},
        "started_at": START,
        "detected_at": START + 60_000,
        "updated_at": START + 60_000 * number,
        "ended_at": None,
        "participants": {
            "total": people,
            "strangers": 1,
            "fresh_accounts": 0,
            "attackers": 0,
            "defenders": 0,
            "bystanders": 0,
        },
        "interactions": {"total": 2 * people, "per_minute": 1.5, "window_ms": 600_000},
        "signals": [
            {
                "name": name,
                "value": 1.0,
                "baseline": 0.5,
                "contribution": 1.0,
                "code": "surge.newcomers",
                "parameters": {},
            }
            for name in ("surge", "origin", "hostility", "warmth")
        ],
        "evidence": {"events": [], "digest": "d", "previous_digest": None, "first": START, "last": START},
        "protections": [],
        "forecast": None,
        "quality": {"late": 0, "mended": 0, "degraded": []},
        "engine": {"version": "0", "config_digest": "c", "model": "m"},
    }
    return orjson.dumps({**body, **given})


def chunk(alert: str = "a", part: int = 0, texts: Mapping[str, str] = {}, **given: Any) -> bytes:
    """A part of an alert's evidence: texts by event."""
    body = {
        "schema": "breakwater.evidence/1",
        "alert": alert,
        "revision": part + 1,
        "part": part,
        "interactions": [
            {"event": event, "time": START + at, "account": f"author of {event}", "type": "reply", "text": text}
            for at, (event, text) in enumerate(texts.items())
        ],
        "accounts": [{"account": f"author of {event}"} for event in texts],
        "ties": [],
        "in_common": [],
        "minutes": [{"start": START, "newcomers": 1, "interactions": 1, "shares": 0}],
        "usual_per_minute": 0.5,
        "omitted": {"interactions": 0, "digest": ""},
        "erased": [],
        "digest": "d",
        "previous_digest": None,
    }
    return orjson.dumps({**body, **given})


def records(*bodies: bytes, topic: str = "alerts", partition: int = 0, first: int = 0) -> list[Record]:
    """Records of one partition, one after the other."""
    return [Record(topic, partition, first + at, body) for at, body in enumerate(bodies)]


class Played:
    """A feed that a test plays: what it is given comes, unless it is away."""

    def __init__(self, given: Sequence[Record] = ()) -> None:
        self.given = list(given)
        self.away = False
        self.opened: list[dict[tuple[str, int], int]] = []
        self._read: set[tuple[str, int, int]] = set()

    async def open(self, positions: Mapping[tuple[str, int], int]) -> None:
        if self.away:
            raise FeedAwayError("it is away")
        self.opened.append(dict(positions))
        self._read = {
            (one.topic, one.partition, one.offset)
            for one in self.given
            if one.offset < positions.get((one.topic, one.partition), 0)
        }

    async def read(self) -> list[Record]:
        if self.away:
            raise FeedAwayError("it is away")
        found = [one for one in self.given if (one.topic, one.partition, one.offset) not in self._read]
        self._read |= {(one.topic, one.partition, one.offset) for one in found}
        if not found:
            await asyncio.sleep(0.02)
        return found

    async def close(self) -> None:
        pass

    def pulse(self) -> Pulse:
        return Pulse()


class Kept:
    """An outlet that keeps what it is sent, unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        if self.away:
            raise FeedAwayError("it is away")
        self.sent += messages

    async def close(self) -> None:
        pass


def with_database(url: str, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with a database."""

    async def opened() -> T:
        database = open_database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(opened())


class Analyst(httpx.Client):
    """Somebody signed in to a served console."""

    def __init__(self, address: str, token: str) -> None:
        super().__init__(base_url=address, timeout=30)
        session = self.post("/api/v1/session/link", json={"token": token}).raise_for_status().json()
        self.headers["X-CSRF-Token"] = session["csrf"]
        self.id: str = session["user"]["id"]

    def ok(self, path: str, **query: Any) -> Any:
        """What is there."""
        return self.get(f"/api/v1{path}", params=query).raise_for_status().json()

    def queue(self, **query: Any) -> list[str]:
        """The ids of the cases in the queue, all pages of it."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.ok("/alerts", **query, **cursor)
            found += [row["id"] for row in page["alerts"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}


def token_of(url: str, name: str, role: Role) -> str:
    """A token that signs somebody in once; made by another process than the console, as it were."""

    async def made() -> str:
        async with managing(url, make=False) as accounts:
            return await accounts.link(name, role)

    return asyncio.run(made())


class Office:
    """A console that is served, and its database."""

    def __init__(self, url: str, app: FastAPI, address: str) -> None:
        self.url, self.app, self.address = url, app, address
        self._analysts: list[Analyst] = []

    def enter(self, role: Role = Role.ANALYST, name: str = "") -> Analyst:
        """Somebody of a role comes in."""
        self._analysts.append(Analyst(self.address, token_of(self.url, name or f"the {role}", role)))
        return self._analysts[-1]

    def close(self) -> None:
        """All go home."""
        for analyst in self._analysts:
            analyst.close()


@contextmanager
def office(url: str, feed: Played | None = None, outlet: Kept | None = None, **given: Any) -> Iterator[Office]:
    """A console over a database whose tables are there."""
    settings = ConsoleSettings.model_validate({"database": url, **given})
    app = create_app(open_database(url), settings, feed=feed, outlet=outlet)
    with served(app) as address:
        here = Office(url, app, address)
        try:
            yield here
        finally:
            here.close()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database for as long as the context lasts."""
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close()
