"""Frames and refusals on their way to other topics: sent at once, and known to be safe before anything relies on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaProducer

from streams.frames import Frame
from streams.kafka.connection import client_arguments, started
from streams.kafka.options import KafkaSettings
from streams.runner import Split
from streams.wire.framing import encode
from streams.workers.transactions import Outgoing

_LINGER_MS: Final = 5
_REQUEST_MS: Final = 30_000


class Sender:
    """Sends records of several partitions of a stage.

    Parameters
    ----------
    settings
        Where Kafka is.
    largest
        Bytes of the largest record.
    """

    def __init__(self, settings: KafkaSettings, *, largest: int) -> None:
        self._settings, self._largest = settings, largest
        self._producer: AIOKafkaProducer | None = None
        self._under_way: dict[int, set[asyncio.Task[None]]] = {}
        self._last: dict[int, asyncio.Task[None]] = {}

    async def open(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        if self._producer is None:
            self._producer = await started(self._make, self._settings)

    async def close(self) -> None:
        """Disconnect; what was not delivered is not."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    def send(self, owner: int, records: Iterable[Outgoing]) -> asyncio.Task[None]:
        """Begin to send records of a partition, after those before them; from now on `delivered` waits for them."""
        task = asyncio.get_running_loop().create_task(self._send(list(records), self._last.get(owner)))
        self._last[owner] = task
        under_way = self._under_way.setdefault(owner, set())
        under_way.add(task)
        task.add_done_callback(
            lambda done: under_way.discard(done) if done.cancelled() or not done.exception() else None
        )
        return task

    async def delivered(self, owner: int) -> None:
        """Wait until all that was sent so far for a partition is safe; raises what went wrong with it."""
        await asyncio.gather(*self._under_way.get(owner, ()))

    async def _send(self, records: list[Outgoing], before: asyncio.Task[None] | None) -> None:
        """A reader drops a frame that comes after a later one of its source, so none may overtake another."""
        if before is not None:
            await asyncio.wait([before])
        producer = self._producer
        if producer is None:
            raise RuntimeError("nothing can be sent before the producer is open")
        sent = [await producer.send(one.topic, one.value, one.key, one.partition) for one in records]
        await asyncio.gather(*sent)

    def _make(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **client_arguments(self._settings),
            enable_idempotence=True,
            linger_ms=_LINGER_MS,
            request_timeout_ms=_REQUEST_MS,
            max_request_size=self._largest,
            max_batch_size=self._largest,
        )


def dealt(frame: Frame, split: Split, topic: str, partitions: int, limit: int) -> list[Outgoing]:
    """A frame's messages for every partition of a topic."""
    return [
        Outgoing(topic, number, None, message)
        for number, batch in enumerate(split(frame.batch, partitions))
        for message in encode(frame._replace(batch=batch), limit)
    ]
