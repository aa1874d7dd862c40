"""The engine in the same process as the console's feed, for the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final

from alerts.console.feed import ALERTS, EVIDENCE, Pulse, Record

_GLANCE_S: Final = 0.05
_WAIT_S: Final = 1.0


class EmbeddedFeed:
    """Hands on what an engine says on another thread."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Record] = SimpleQueue()
        self._offsets = {ALERTS: 0, EVIDENCE: 0}
        self._newest_ms: int | None = None
        self._heard_at = monotonic()
        self._ended = False

    def put(self, revisions: Iterable[bytes], chunks: Iterable[bytes], clock_ms: int) -> None:
        """The engine says this, and its clock stands there; on whatever thread."""
        for topic, bodies in ((EVIDENCE, chunks), (ALERTS, revisions)):
            for body in bodies:
                self._waiting.put(Record(topic, 0, self._offsets[topic], body))
                self._offsets[topic] += 1
        self._newest_ms, self._heard_at = clock_ms, monotonic()

    def end(self) -> None:
        """There is no more to come, and that is as it should be."""
        self._ended = True

    async def open(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Begin; what was handed on before is not there any more."""

    async def read(self) -> list[Record]:
        """What the engine has said since."""
        until = monotonic() + _WAIT_S
        while True:
            found = self._taken()
            if found or monotonic() > until:
                return found
            await asyncio.sleep(_GLANCE_S)

    async def close(self) -> None:
        """Nothing is held."""

    def pulse(self) -> Pulse:
        """The engine is well for as long as its clock goes on."""
        silent_s = 0.0 if self._ended else monotonic() - self._heard_at
        return Pulse(newest_ms=self._newest_ms, arrived_s=silent_s, handled_s=silent_s)

    def _taken(self) -> list[Record]:
        found: list[Record] = []
        while True:
            try:
                found.append(self._waiting.get_nowait())
            except Empty:
                return found


class Kept:
    """Takes decisions where there is no learner to send them to."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def send(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Keep them."""
        self.bodies += [body for _, body in messages]

    async def close(self) -> None:
        """Nothing is held."""
