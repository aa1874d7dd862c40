"""The topics that the console follows: records that were committed, of all partitions, from where the console left off.

It reads with aiokafka rather than with kafka-python in a thread: its parser is compiled, and what it brings arrives on the
loop on which it is stored. It belongs to no consumer group, since positions are the database's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import monotonic
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from alerts.console import feed
from alerts.console.feed import FeedAwayError, Pulse, Record
from streams.console.pulse import Heart
from streams.console.waiting import ANSWER_S, closed, within
from streams.kafka.connection import UnavailableError, client_arguments, started
from streams.kafka.names import ALERTS, CAMPAIGNS, EVIDENCE, full
from streams.kafka.options import KafkaSettings

TOPICS: Final = {feed.ALERTS: ALERTS, feed.EVIDENCE: EVIDENCE, feed.CAMPAIGNS: CAMPAIGNS}

_POLL_MS: Final = 1_000
_MOST: Final = 2_000
_FETCH_BYTES: Final = 4 << 20
_QUIET_S: Final = 3.0
"""After how long without a record the broker is asked whether it is there: its client would not say."""
_LOOK_S: Final = 15.0
"""How often new partitions and topics are looked for."""

log = logging.getLogger(__name__)


class _Admin(AIOKafkaAdminClient):  # type: ignore[misc]
    """Closed by the name by which other clients are."""

    async def stop(self) -> None:
        """Disconnect."""
        await self.close()


class KafkaFeed:
    """Alerts, evidence and campaigns from Kafka."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._names = {full(settings, name): topic for topic, name in TOPICS.items()}
        self._heart = Heart(settings)
        self._consumer: AIOKafkaConsumer | None = None
        self._admin: _Admin | None = None
        self._positions: dict[tuple[str, int], int] = {}
        self._heard_at = self._looked_at = float("-inf")

    async def open(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Begin at these offsets; `FeedAwayError` if no broker answers or there is no topic of alerts."""
        await self.close()
        self._positions = dict(positions)
        try:
            self._consumer = await started(self._make_consumer, self._settings)
            self._admin = await started(lambda: _Admin(**client_arguments(self._settings)), self._settings)
            await within(self._find_partitions())
        except (KafkaError, UnavailableError, TimeoutError, OSError) as error:
            raise _away(error) from error
        self._heard_at = monotonic()

    async def read(self) -> list[Record]:
        """What has come in the next second; `FeedAwayError` if nothing does and the broker is away."""
        if self._consumer is None:
            raise FeedAwayError("it is not open")
        try:
            if monotonic() - self._looked_at > _LOOK_S:
                await within(self._find_partitions())
            found = await self._consumer.getmany(timeout_ms=_POLL_MS, max_records=_MOST)
            if found:
                self._heard_at = monotonic()
            elif monotonic() - self._heard_at > _QUIET_S:
                await within(self._consumer.end_offsets(list(self._consumer.assignment())))
                self._heard_at = monotonic()
            self._heart.listen(self._consumer, self._positions, self._names)
        except (KafkaError, TimeoutError, OSError) as error:
            raise _away(error) from error
        records = [
            Record(self._names[place.topic], place.partition, one.offset, one.value, one.key, one.timestamp)
            for place, messages in found.items()
            for one in messages
        ]
        for record in records:
            self._positions[record.topic, record.partition] = record.offset + 1
        return records

    async def close(self) -> None:
        """Disconnect."""
        clients = [one for one in (self._consumer, self._admin) if one is not None]
        self._consumer = self._admin = None
        self._heart.stop()
        self._looked_at = float("-inf")
        for client in clients:
            await closed(client.stop())

    def pulse(self) -> Pulse:
        """How those who write the topics are doing."""
        return self._heart.pulse

    def _make_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **client_arguments(self._settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=max(_FETCH_BYTES, self._settings.max_message_bytes),
            request_timeout_ms=int(1000 * ANSWER_S),
        )

    async def _find_partitions(self) -> None:
        """Take up all partitions that there are, each where it was left."""
        self._looked_at = monotonic()
        consumer, admin = self._consumer, self._admin
        if consumer is None or admin is None:
            return
        there = set(await admin.list_topics())
        wanted = sorted(name for name in self._names if name in there)
        described = await admin.describe_topics(wanted) if wanted else []
        places = {TopicPartition(one["topic"], part["partition"]) for one in described for part in one["partitions"]}
        alerts = full(self._settings, ALERTS)
        if not any(place.topic == alerts for place in places):
            raise FeedAwayError(f"there is no topic {alerts}; make it with `breakwater topics create`")
        if places == consumer.assignment():
            return
        begins = await consumer.beginning_offsets(list(places))
        ends = await consumer.end_offsets(list(places))
        consumer.assign(sorted(places))
        for place in places:
            key = self._names[place.topic], place.partition
            at = self._positions.get(key, 0)
            if at > ends[place]:
                log.warning("The topic %s was made anew: it is read from its beginning.", place.topic)
                at = 0
            self._positions[key] = max(at, begins[place])
            consumer.seek(place, self._positions[key])


def _away(error: BaseException) -> FeedAwayError:
    return FeedAwayError(str(error) or type(error).__name__)
