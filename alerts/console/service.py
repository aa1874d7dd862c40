"""The console as a whole: what follows, tells, sends and deletes over one database."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib.metadata import version
from time import monotonic
from typing import Any, Final, NamedTuple

import orjson
import structlog
from sqlalchemy import func, select

from alerts.console.access.clock import now_ms
from alerts.console.database import AWAY, Database, migrate
from alerts.console.feed import Feed, Outlet, Pulse
from alerts.console.follow import Follower
from alerts.console.metrics import ConsoleMetrics
from alerts.console.outbox import Sender
from alerts.console.retention import keep_for
from alerts.console.settings import ConsoleSettings
from alerts.console.stream import Hub
from alerts.console.tables import alerts
from alerts.console.watchers import Watchers

_RETRY_S: Final = 1.0
_SAID_FOR_S: Final = 0.5

_log = structlog.get_logger()


class Said(NamedTuple):
    """How things stand, as JSON: what is worth telling at once when it changes, and all of it."""

    matters: bytes
    body: bytes


class Console:
    """What the API answers from.

    Parameters
    ----------
    feed, outlet
        What is followed, and where decisions go.

    Attributes
    ----------
    ready : whether the tables are there
    """

    def __init__(
        self,
        database: Database,
        settings: ConsoleSettings,
        *,
        feed: Feed | None = None,
        outlet: Outlet | None = None,
    ) -> None:
        self.database, self.settings = database, settings
        self.version = version("breakwater")
        self.hub = Hub(database)
        self.sender = Sender(database, outlet)
        self.watchers = Watchers(database)
        self.feed = feed
        self.follower = None if feed is None else Follower(database, feed, self.hub.wake)
        self.ready = False
        self._failed: Callable[[BaseException], None] | None = None
        self._broken = False
        self._newest_ms: int | None = None
        self._said, self._said_at = Said(b"", b""), float("-inf")
        self.metrics = ConsoleMetrics(self)
        database.observe = self.metrics.database
        if self.follower is not None:
            self.follower.status.stored = self.metrics.stored

    def on_failure(self, failed: Callable[[BaseException], None]) -> None:
        """Have this called when a part of it ends by an error that nobody foresaw."""
        self._failed = failed

    def changed(self) -> None:
        """A case was changed by somebody."""
        self.hub.wake()

    def decided(self) -> None:
        """Somebody has decided."""
        self.hub.wake()
        self.sender.wake()

    @property
    def healthy(self) -> bool:
        """Whether no part of it has ended by an error that nobody foresaw."""
        return not self._broken

    def readiness(self) -> dict[str, Any]:
        """Whether requests can be answered: the database is there; and whether the feed is."""
        database = self.ready and (self.follower is None or self.follower.status.database_away is None)
        return {"ready": database, "database": "ok" if database else "away", "feed": "away" if self.feed_away else "ok"}

    @property
    def feed_away(self) -> bool:
        """Whether what is followed cannot be reached or stored for now."""
        follower = self.follower
        return follower is not None and (follower.status.feed_away or follower.status.database_away) is not None

    @property
    def pulse(self) -> Pulse:
        """How who writes the feed is doing, as far as is known."""
        return Pulse() if self.feed is None else self.feed.pulse()

    @property
    def is_stale(self) -> bool:
        """Whether what is shown may be old: nothing is heard of the feed, or of who writes it though events come."""
        if self.follower is None:
            return False
        limit_s, heard_at = self.settings.stale_s, self.follower.status.heard_at
        if heard_at is None or monotonic() - heard_at > limit_s:
            return True
        pulse = self.pulse
        arrived_s, handled_s = pulse.arrived_s, pulse.handled_s
        return handled_s is not None and handled_s > limit_s and arrived_s is not None and arrived_s < handled_s

    def status(self) -> dict[str, Any]:
        """How things stand, for the page."""
        pulse = self.pulse
        return {
            "now": now_ms(),
            "newest_event": max((one for one in (pulse.newest_ms, self._newest_ms) if one is not None), default=None),
            "stale": self.is_stale,
            "silent": pulse.arrived_s is not None and pulse.arrived_s > self.settings.silent_s,
            "feed": "away" if self.feed_away else "ok",
            "outbox": self.sender.status.waiting,
            "version": self.version,
        }

    def standing(self) -> Said:
        """The same for all who watch."""
        now = monotonic()
        if now - self._said_at > _SAID_FOR_S:
            status = self.status()
            matters = {name: status[name] for name in ("stale", "silent", "feed", "outbox")}
            self._said, self._said_at = Said(orjson.dumps(matters), orjson.dumps(status)), now
        return self._said

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow, tell and send for as long as the context lasts."""
        async with _tasks(self._break) as start:
            start(self._run(start))
            try:
                yield
            finally:
                self.hub.close()

    def _break(self, error: BaseException) -> None:
        self._broken = True
        if self._failed is not None:
            self._failed(error)

    async def _run(self, start: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        """Make the tables as soon as the database is there, then start everything."""
        while not self.ready:
            try:
                await asyncio.to_thread(migrate, self.database.url)
                self.ready = True
            except AWAY as error:
                _log.warning("database away", why=type(error).__name__)
                await asyncio.sleep(_RETRY_S)
        start(self.hub.run())
        start(self.sender.run())
        start(self.watchers.run())
        start(self._look())
        if self.follower is not None:
            start(self.follower.run())
        if self.settings.retention_d:
            start(keep_for(self.database, self.settings.retention_d))

    async def _look(self) -> None:
        """Note now and then how new the newest case is, and how many decisions wait."""
        while True:
            try:
                await self.sender.look()
                async with self.database.read() as connection:
                    query = select(func.max(alerts.c.updated_at))
                    self._newest_ms = (await connection.execute(query)).scalar_one_or_none()
            except AWAY:
                pass
            await asyncio.sleep(_RETRY_S)


@asynccontextmanager
async def _tasks(
    failed: Callable[[BaseException], None],
) -> AsyncIterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """Lets tasks be started, which are cancelled at the end; says when one fails."""
    running: set[asyncio.Task[None]] = set()
    ending = False

    def ended(task: asyncio.Task[None]) -> None:
        if task.cancelled() and not ending:
            _log.error("a part of the console was broken off", part=task.get_name())
            failed(RuntimeError(f"{task.get_name()} was broken off"))
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # Neither what the error says nor the values around it: they may hold what people wrote.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            _log.error("a part of the console failed", part=task.get_name(), why=type(error).__name__, where=where)
            failed(error)

    def start(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=getattr(work, "__qualname__", None))
        running.add(task)
        task.add_done_callback(ended)

    try:
        yield start
    finally:
        ending = True
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
