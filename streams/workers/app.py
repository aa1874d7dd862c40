"""A stage as a Faust app: the settings that hold, and what Faust does not do by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import faust
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.types import TP
from mode.supervisors import CrashingSupervisor

from streams.kafka.connection import faust_arguments
from streams.kafka.names import Stage, group
from streams.kafka.options import KafkaSettings

TAKE: Final = 2_000
"""The most messages that an agent takes at a time."""
WITHIN_S: Final = {Stage.INGEST: 0.5, Stage.AUTHORS: 0.25, Stage.SHARD: 0.25, Stage.LEARNER: 0.25}
"""How long it waits for that many: what comes together is handled in columns, and a second has to pass anyway."""
AGENT: Final[dict[str, Any]] = {"concurrency": 1, "supervisor_strategy": CrashingSupervisor}
"""One at a time, and an exception ends the process: the log is still there."""

_FETCH_BYTES: Final = 4 << 20
_COMMIT_S: Final = 2.0
"""A commit may wait for the end of a rebalance, which may wait for whoever commits."""

log = logging.getLogger(__name__)


def make_app(settings: KafkaSettings, stage: Stage, folder: Path) -> faust.App:
    """The app of a stage; its consumer group is the app's id.

    Tables, Faust's own acknowledgement and its web server are not used. `folder` is where Faust may write.
    """
    return faust.App(
        group(settings, stage),
        **faust_arguments(settings),
        datadir=folder / stage,
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=max(_FETCH_BYTES, 2 * settings.max_message_bytes),
        consumer_metadata_max_age_ms=3_000,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=3.0,
        broker_rebalance_timeout=30.0,
        broker_request_timeout=15.0,
        broker_commit_interval=1.0,
        stream_wait_empty=False,
        stream_buffer_maxsize=TAKE,
        stream_recovery_delay=0.0,
        producer_linger=0.005,
        producer_request_timeout=30.0,
    )


def read_topics(app: faust.App, topics: list[str]) -> Any:
    """Topics to read whose messages are never acknowledged: positions are committed by hand."""
    return app.topic(*topics, key_type=bytes, value_type=bytes, value_serializer="raw", acks=False)


def mend_seek(app: faust.App) -> None:
    """Make the app's consumer go back to offset 0 where that is what was committed, or nothing was.

    A committed offset of 0 is left out when aiokafka seeks to what is committed, and messages that were fetched before
    that are thrown away, so the first ones would never come.
    """
    consumer: Any = app.consumer
    if getattr(consumer, "seeks_to_zero", False):
        return
    seek = consumer.perform_seek

    async def perform_seek() -> None:
        await seek()
        zero = {place: 0 for place in consumer.assignment() if not consumer._read_offset.get(place)}  # noqa: SLF001
        if zero:
            await consumer.seek_wait(zero)

    consumer.perform_seek = perform_seek
    consumer.seeks_to_zero = True


async def commit_offsets(app: faust.App, offsets: Mapping[TP, tuple[int, str]]) -> bool:
    """Commit offsets with metadata.

    Returns
    -------
    Whether they were taken: not when one of the partitions is not ours, or not any more.
    """
    consumer: Any = app.consumer
    if app.rebalancing or not offsets.keys() <= consumer.assignment():
        return False
    wanted = {
        TopicPartition(place.topic, place.partition): OffsetAndMetadata(offset, metadata)
        for place, (offset, metadata) in offsets.items()
    }
    thread = consumer._thread  # noqa: SLF001 - Faust hands on no metadata

    async def commit() -> None:
        await asyncio.wait_for(thread._ensure_consumer().commit(wanted), _COMMIT_S)  # noqa: SLF001

    try:
        await asyncio.wait_for(thread.call_thread(commit), 2 * _COMMIT_S)
    except (CommitFailedError, IllegalStateError, TimeoutError) as error:
        log.info("Offsets were not committed, the group is being rebalanced: %s", type(error).__name__)
        return False
    return True
