"""Where partitions begin and end, and what stands at an offset: asked beside Faust's own consumer.

That one runs on a thread which does two things at a time; while it waits for a rebalance, nothing else may wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from faust.types import TP

from streams.kafka.connection import client_arguments, started
from streams.kafka.options import KafkaSettings

_NEXT_MS = 5_000


class Offsets:
    """Asks a broker about partitions.

    Parameters
    ----------
    settings
        Where Kafka is.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._client: AIOKafkaConsumer | None = None
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        self._client = await started(self._make, self._settings)

    async def close(self) -> None:
        """Disconnect."""
        client, self._client = self._client, None
        if client is not None:
            await client.stop()

    async def ends(self, places: Iterable[TP]) -> dict[TP, int]:
        """The offset that the next message of each partition will have."""
        wanted = list(map(_plain, places))
        return _named(await self._open_client.end_offsets(wanted)) if wanted else {}

    async def beginnings(self, places: Iterable[TP]) -> dict[TP, int]:
        """The offset of the oldest message of each partition."""
        wanted = list(map(_plain, places))
        return _named(await self._open_client.beginning_offsets(wanted)) if wanted else {}

    async def first_from(self, place: TP, offset: int) -> int | None:
        """The offset of the first message of a partition from this one on: marks of transactions take offsets too."""
        where = _plain(place)
        async with self._turn:
            client = self._open_client
            client.assign([where])
            client.seek(where, offset)
            found = await client.getmany(where, timeout_ms=_NEXT_MS, max_records=1)
            client.unsubscribe()
        return next((one.offset for one in found.get(where, ())), None)

    @property
    def _open_client(self) -> AIOKafkaConsumer:
        if self._client is None:
            raise RuntimeError("nothing can be asked before the connection is open")
        return self._client

    def _make(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**client_arguments(self._settings), enable_auto_commit=False)


def _plain(place: TP) -> TopicPartition:
    return TopicPartition(place.topic, place.partition)


def _named(offsets: dict[TopicPartition, int]) -> dict[TP, int]:
    return {TP(place.topic, place.partition): offset for place, offset in offsets.items()}
