"""Whether events come, and whether the engine handles them, told by how far topics reach; their contents are not read.

Alerts may be rare, so that none come says nothing. But the source topics grow while events come, and the topic of the shards'
state while shards handle them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from alerts.console.feed import Pulse
from streams.console.waiting import within
from streams.kafka.names import SHARD_STATE, full
from streams.kafka.options import KafkaSettings

_EVERY_S: Final = 5.0


class Growth:
    """Since when some partitions do not grow."""

    def __init__(self) -> None:
        self._ends: Mapping[TopicPartition, int] = {}
        self._grew_at: float | None = None

    def note(self, ends: Mapping[TopicPartition, int]) -> None:
        """They reach so far now."""
        if ends and (self._grew_at is None or ends != self._ends):
            self._grew_at = monotonic()
        self._ends = ends

    @property
    def seconds(self) -> float | None:
        """Since when; None: not known."""
        return None if self._grew_at is None or not self._ends else monotonic() - self._grew_at


class Heart:
    """Listens now and then."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._sources, self._shards = Growth(), Growth()
        self._listened_at = float("-inf")
        self._behind: int | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def pulse(self) -> Pulse:
        """What was heard last. A shard that is well says so with each of its checkpoints."""
        handled_s = self._shards.seconds
        return Pulse(
            arrived_s=self._sources.seconds,
            handled_s=None if handled_s is None else max(0.0, handled_s - self._settings.checkpoint_s),
            behind=self._behind,
        )

    def listen(
        self, consumer: AIOKafkaConsumer, positions: Mapping[tuple[str, int], int], names: Mapping[str, str]
    ) -> None:
        """Begin to listen, if that was not just done; reading does not wait for it.

        Parameters
        ----------
        positions, names
            What the consumer reads next, by topic and partition, and the topics by their names on the broker.
        """
        if monotonic() - self._listened_at < _EVERY_S:
            return
        self._listened_at = monotonic()
        self.stop()
        self._listening = asyncio.create_task(self._listen(consumer, positions, names))

    def stop(self) -> None:
        """Listen no more to what is about to close."""
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _listen(
        self, consumer: AIOKafkaConsumer, positions: Mapping[tuple[str, int], int], names: Mapping[str, str]
    ) -> None:
        """Listen; what may not be looked at, or is away, stays unknown."""
        try:
            ends = await within(consumer.end_offsets(list(consumer.assignment())))
        except (KafkaError, TimeoutError):
            return
        self._behind = sum(
            max(0, end - positions.get((names[place.topic], place.partition), 0)) for place, end in ends.items()
        )
        self._sources.note(await self._ends(consumer, self._settings.sources))
        self._shards.note(await self._ends(consumer, [SHARD_STATE]))

    async def _ends(self, consumer: AIOKafkaConsumer, names: Iterable[str]) -> dict[TopicPartition, int]:
        """How far these topics reach; nothing where this user may not see it."""
        wanted = {full(self._settings, name) for name in names}
        try:
            there = await within(consumer.topics())
            places = [
                TopicPartition(name, number)
                for name in wanted & there
                for number in consumer.partitions_for_topic(name) or ()
            ]
            found: dict[TopicPartition, int] = await within(consumer.end_offsets(places)) if places else {}
        except (KafkaError, TimeoutError):
            return {}
        return found
