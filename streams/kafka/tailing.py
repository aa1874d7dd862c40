"""The alerts followed as they are committed, to the end of the sources or for ever."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import kafka.errors
import orjson
from kafka import KafkaConsumer, TopicPartition

from streams.kafka.checking import Inspection
from streams.kafka.connection import UnavailableError, administration, client_arguments, overheard, unavailable
from streams.kafka.names import ALERTS, SHARD_STATE, Topic, full, topics
from streams.kafka.options import KafkaSettings
from streams.settings import Settings
from streams.state.checkpoint import MANIFEST_KEY

_POLL_MS: Final = 200
_GLANCE_MS: Final = 50
_ANSWER_MS: Final = 15_000
_QUIET_S: Final = 5.0
_GLANCE_BACK: Final = 64
"""How many records from its end on a state topic is searched for its newest manifest, at first."""


class TailError(Exception):
    """The alerts cannot be followed; the text says why and what to do."""


def tail(settings: Settings, *, from_start: bool = True, until_end: bool = False) -> Generator[list[bytes], None, None]:
    """The alert revisions, in the order of their partition, some at a time, and nothing for a while when none come.

    Close the iterator to disconnect.

    Parameters
    ----------
    from_start
        Whether those come first that are there already.
    until_end
        Whether it ends when every shard has passed the end of its sources, after all alerts from before that.

    Raises
    ------
    TailError
        If a topic is missing or may not be read.
    UnavailableError
        If no broker answers, or none any more.
    """
    options = settings.kafka
    counts = _partitions(options, [ALERTS, SHARD_STATE] if until_end else [ALERTS])
    with overheard(), _reader(options, ALERTS, counts[ALERTS]) as alerts:
        if from_start:
            alerts.seek_to_beginning(*alerts.assignment())
        else:
            for partition, end in _ends(alerts).items():
                alerts.seek(partition, end)
        if until_end:
            with _reader(options, SHARD_STATE, counts[SHARD_STATE]) as states:
                yield from _to_the_end(alerts, _Manifests(states))
        else:
            yield from _for_ever(alerts)


def _for_ever(alerts: KafkaConsumer) -> Iterator[list[bytes]]:
    heard = monotonic()
    while True:
        found = _polled(alerts, _POLL_MS)
        if found:
            heard = monotonic()
        elif monotonic() - heard > _QUIET_S:
            _ends(alerts)
            heard = monotonic()
        yield found


def _to_the_end(alerts: KafkaConsumer, manifests: _Manifests) -> Iterator[list[bytes]]:
    while not manifests.ended():
        yield _polled(alerts, _POLL_MS)
    ends, moved = _ends(alerts), monotonic()
    while any(alerts.position(partition) < end for partition, end in ends.items()):
        found = _polled(alerts, _POLL_MS)
        if found:
            moved = monotonic()
        elif 1000 * (monotonic() - moved) > _ANSWER_MS:
            raise kafka.errors.KafkaTimeoutError("no alerts came, though there are more")
        yield found


class _Manifests:
    """The newest manifest of every partition of the shard's state."""

    def __init__(self, states: KafkaConsumer) -> None:
        self._states = states
        self._ended: dict[TopicPartition, bool] = {}
        partitions = list(states.assignment())
        self._begins = states.beginning_offsets(partitions, timeout_ms=_ANSWER_MS)
        self._ends = _ends(states)
        self._back = dict.fromkeys(partitions, _GLANCE_BACK)
        self._looked = monotonic()
        for partition in partitions:
            self._look_back(partition)

    def ended(self) -> bool:
        """Whether every shard has passed the end of its sources, as far as can be seen now."""
        found = self._states.poll(timeout_ms=_GLANCE_MS, max_records=2_000)
        for partition, records in found.items():
            for record in records:
                if record.key == MANIFEST_KEY and record.value:
                    self._ended[partition] = bool(orjson.loads(record.value).get("ended"))
        if not found and monotonic() - self._looked > _QUIET_S:
            _ends(self._states)
            self._looked = monotonic()
        for partition in self._ends.keys() - self._ended.keys():
            if self._states.position(partition) >= self._ends[partition] > self._begins[partition]:
                self._back[partition] *= 8
                self._look_back(partition)
        return len(self._ended) == len(self._ends) and all(self._ended.values())

    def _look_back(self, partition: TopicPartition) -> None:
        """Go so far back, and if the topic does not reach so far, only forward from then on."""
        begin, end = self._begins[partition], self._ends[partition]
        self._states.seek(partition, max(begin, end - self._back[partition]))
        if end - self._back[partition] <= begin:
            self._begins[partition] = end


def _polled(alerts: KafkaConsumer, timeout_ms: int) -> list[bytes]:
    found = alerts.poll(timeout_ms=timeout_ms)
    return [record.value for records in found.values() for record in records if record.value is not None]


def _ends(reader: KafkaConsumer) -> dict[TopicPartition, int]:
    """Up to where a reader of committed records can read now; asks the broker, and so tells when it is away."""
    ends: dict[TopicPartition, int] = reader.end_offsets(list(reader.assignment()), timeout_ms=_ANSWER_MS)
    return ends


@contextmanager
def _reader(options: KafkaSettings, name: str, partitions: int) -> Iterator[KafkaConsumer]:
    """A reader of committed records of all partitions of a topic."""
    try:
        consumer = KafkaConsumer(
            **client_arguments(options),
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            bootstrap_timeout_ms=int(1000 * options.connect_timeout_s),
            request_timeout_ms=_ANSWER_MS,
            max_partition_fetch_bytes=max(1 << 20, options.max_message_bytes),
            allow_auto_create_topics=False,
        )
        try:
            consumer.assign([TopicPartition(full(options, name), number) for number in range(partitions)])
            yield consumer
        finally:
            consumer.close(autocommit=False, timeout_ms=_GLANCE_MS)
    except (kafka.errors.KafkaConnectionError, kafka.errors.KafkaTimeoutError) as error:
        raise unavailable(options, "it does not answer any more") from error
    except kafka.errors.KafkaError as error:
        raise UnavailableError(f"Kafka at {options.bootstrap_servers} refuses: {error}.") from error


def _partitions(options: KafkaSettings, names: list[str]) -> dict[str, int]:
    """How many partitions each of these topics has."""
    wanted: list[Topic] = [topic for topic in topics(options) if topic.name in names]
    with administration(options) as client:
        present = Inspection.of(client, options, wanted)
    for sentence in present.missing():
        raise TailError(sentence)
    for name, found in present.found.items():
        if found.rights is not None and "READ" not in found.rights:
            raise TailError(f"This user may not READ the topic {full(options, name)}; grant it.")
    return {name: found.partitions for name, found in present.found.items()}
