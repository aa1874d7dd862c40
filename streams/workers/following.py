"""A whole topic followed beside a stage's own partitions, in no consumer group: committed records, by position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.kafka.connection import client_arguments, started
from streams.kafka.options import KafkaSettings

_WAIT_MS: Final = 250
_FETCH_WAIT_MS: Final = 100


class Followed(NamedTuple):
    """A record: where it stands, and what it is."""

    partition: int
    offset: int
    value: bytes


class Follower:
    """Reads all partitions of a topic.

    Parameters
    ----------
    settings
        Where Kafka is.
    topic
        Its name, with the prefix.
    partitions
        How many it has.
    positions
        By partition, the offset to begin with; its oldest record if none is given.
    """

    def __init__(
        self, settings: KafkaSettings, topic: str, partitions: int, positions: Mapping[int, int] | None = None
    ) -> None:
        self._settings = settings
        self._places = [TopicPartition(topic, number) for number in range(partitions)]
        self._positions = dict(positions or {})
        self._client: AIOKafkaConsumer | None = None

    async def open(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        client = self._client = await started(self._make, self._settings)
        client.assign(self._places)
        fresh = [place for place in self._places if place.partition not in self._positions]
        for place in self._places:
            if place.partition in self._positions:
                client.seek(place, self._positions[place.partition])
        if fresh:
            await client.seek_to_beginning(*fresh)

    async def take(self) -> list[Followed]:
        """The next records, each partition's in their order; none if none come for a moment."""
        if self._client is None:
            raise RuntimeError("nothing can be followed before the connection is open")
        found = await self._client.getmany(timeout_ms=_WAIT_MS)
        return [
            Followed(place.partition, one.offset, one.value)
            for place, messages in found.items()
            for one in messages
            if one.value is not None
        ]

    async def close(self) -> None:
        """Disconnect."""
        client, self._client = self._client, None
        if client is not None:
            await client.stop()

    def _make(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **client_arguments(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )
