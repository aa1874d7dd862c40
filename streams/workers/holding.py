"""Which partitions of a stage this worker holds: opened when they are assigned, let go when they are revoked.

Openings belong to a generation. What a revocation or a new assignment overtakes is undone, so nobody works on a partition
that another worker may have by now. Faust may deliver messages before it tells of the assignment that they came by: they
wait for it, for they would not come again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import faust
from faust.types import TP

from streams.status import StageStatus
from streams.workers.app import mend_seek

P = TypeVar("P")


class Holding(Generic[P]):
    """The partitions of one app.

    Parameters
    ----------
    app
        Whose partitions they are.
    start
        What must be done once before anything is opened.
    open_
        Takes a partition over.
    close
        Lets go of what `open_` gave.
    status, number
        Where it is noted what is assigned, and by which number of each partition.

    Attributes
    ----------
    held
        What is open, by partition.
    lock
        Held while something is committed: a revocation waits for the end of that.
    is_closed
        Whether the worker stops: nothing is opened or committed any more.
    """

    def __init__(
        self,
        app: faust.App,
        start: Callable[[], Awaitable[None]],
        open_: Callable[[TP], Awaitable[P]],
        close: Callable[[P], Awaitable[None]],
        status: StageStatus,
        number: Callable[[TP], int],
    ) -> None:
        self.held: dict[TP, P] = {}
        self.assigned: frozenset[TP] = frozenset()
        self.lock = asyncio.Lock()
        self.is_closed = False
        self._app, self._start, self._open, self._close = app, start, open_, close
        self._status, self._number = status, number
        self._starting: asyncio.Future[None] | None = None
        self._opening: dict[TP, asyncio.Task[P | None]] = {}
        self._generation = 0
        self._is_told = asyncio.Event()
        app.on_partitions_revoked.connect(self._on_revoked, weak=False)
        app.on_partitions_assigned.connect(self._on_assigned, weak=False)

    async def of(self, place: TP) -> P | None:
        """What is open of a partition, waited for while it is opening and from a revocation to the assignment that follows;
        None if it is not ours, or not any more.
        """
        await self._is_told.wait()
        found = self.held.get(place)
        if found is not None:
            return found
        opening = self._opening.get(place)
        return None if opening is None else await asyncio.shield(opening)

    async def let_go(self) -> None:
        """Close everything."""
        self._generation += 1
        if self.is_closed:
            self._is_told.set()
        async with self.lock:
            opening = list(self._opening.values())
            self._opening.clear()
            await asyncio.gather(*opening, return_exceptions=True)
            held = list(self.held.values())
            self.held.clear()
            await asyncio.gather(*map(self._close, held), return_exceptions=True)

    async def _on_revoked(self, *_: Any, **__: Any) -> None:
        if not self.is_closed:
            self._is_told.clear()
        mend_seek(self._app)
        self.assigned = frozenset()
        self._status.revoke()
        await self.let_go()

    async def _on_assigned(self, *args: Any, **_: Any) -> None:
        assigned: set[TP] = args[-1]
        await self.let_go()
        if self.is_closed:
            return
        self.assigned = frozenset(assigned)
        self._status.assign(map(self._number, assigned))
        loop = asyncio.get_running_loop()
        for place in assigned:
            self._opening[place] = loop.create_task(self._take_over(place, self._generation))
        self._is_told.set()

    async def _take_over(self, place: TP, generation: int) -> P | None:
        try:
            if self._starting is None:
                self._starting = asyncio.ensure_future(self._start())
            await asyncio.shield(self._starting)
            found = await self._open(place)
        except Exception as error:
            if generation == self._generation:
                await self._app.crash(error)
            raise
        if generation != self._generation:
            await self._close(found)
            return None
        self.held[place] = found
        self._opening.pop(place, None)
        return found
