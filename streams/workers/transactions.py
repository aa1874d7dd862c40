"""A partition's state in Kafka: one transactional producer, whose epoch is the lock on the partition.

To open it fences whoever had it and aborts what he left open; only then the state is read. A commit is one
transaction. Nothing is ever aborted: after any error the process ends, and the next owner's opening does it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.kafka.connection import client_arguments
from streams.kafka.options import KafkaSettings
from streams.state.checkpoint import Record

_TRANSACTION_MS: Final = 10_000
_BACKOFF_MS: Final = 20
_REQUEST_MS: Final = 15_000
_POLL_MS: Final = 500


class Outgoing(NamedTuple):
    """A record on its way to a partition of a topic; any partition if that is None."""

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None


class PartitionStore:
    """The state of one partition of a stage.

    Parameters
    ----------
    settings
        Where Kafka is.
    transactional_id
        The partition's, whoever has it.
    topic, partition
        Where the state lies.
    largest
        Bytes of the largest record.
    """

    def __init__(
        self, settings: KafkaSettings, transactional_id: str, topic: str, partition: int, *, largest: int
    ) -> None:
        self._settings, self._topic, self._partition = settings, topic, partition
        self._producer = AIOKafkaProducer(
            **client_arguments(settings),
            transactional_id=transactional_id,
            transaction_timeout_ms=_TRANSACTION_MS,
            request_timeout_ms=_REQUEST_MS,
            retry_backoff_ms=_BACKOFF_MS,
            max_request_size=largest,
        )

    async def open(self) -> list[Record]:
        """Take the partition over; all that was committed of its state, in order."""
        await self._producer.start()
        return await _read_committed(self._settings, TopicPartition(self._topic, self._partition))

    async def commit(self, records: Iterable[Record], others: Iterable[Outgoing]) -> None:
        """Write records of state, and others beside them, in one transaction."""
        await self._producer.begin_transaction()
        sent = [
            await self._producer.send(one.topic, one.value, one.key, one.partition)
            for one in (*others, *(Outgoing(self._topic, self._partition, key, value) for key, value in records))
        ]
        # A commit succeeds though a record was lost, so each of them is waited for.
        await asyncio.gather(*sent)
        await self._producer.commit_transaction()

    async def close(self) -> None:
        """Let go of the connection; what is open is left to the next owner to abort."""
        await self._producer.stop()


async def _read_committed(settings: KafkaSettings, place: TopicPartition) -> list[Record]:
    """All committed records of a partition, in order."""
    consumer = AIOKafkaConsumer(
        **client_arguments(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    try:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        await consumer.seek_to_beginning(place)
        records: list[Record] = []
        while await consumer.position(place) < end:
            for messages in (await consumer.getmany(place, timeout_ms=_POLL_MS)).values():
                records += [(one.key, one.value) for one in messages if one.offset < end and one.key is not None]
        return records
    finally:
        await consumer.stop()
