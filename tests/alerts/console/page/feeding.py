"""Alerts and what they rest on, put on their topics in the way the shards do it: in transactions, on the shard's partition."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from kafka import KafkaProducer

from alerts.alert import Revision
from alerts.record import Chunk
from streams.partition import partition_of
from streams.stages.signals import SignalRecord, mark_body

PARTITIONS = 4
"""Of every topic, in these tests."""


class Feeder:
    """Writes as the shards of a deployment."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._prefix = f"{prefix}breakwater."
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=f"{prefix}shards", acks="all", max_request_size=4 << 20
        )
        self._producer.init_transactions()

    def say(self, revisions: Iterable[Revision], chunks: Sequence[Chunk] = ()) -> None:
        """Revisions and the evidence of them, each revision in a transaction with its own."""
        rests_on: dict[tuple[str, int], list[Chunk]] = {}
        for chunk in chunks:
            rests_on.setdefault((chunk.alert, chunk.revision), []).append(chunk)
        for one in revisions:
            evidence = [chunk.body for chunk in rests_on.get((one.id, one.revision), [])]
            self.write(one.id, [("evidence", body) for body in evidence] + [("alerts", one.body)])

    def write(self, alert: str, messages: Iterable[tuple[str, bytes]]) -> None:
        """Messages about an alert, by topic, in one transaction."""
        place = partition_of(alert, PARTITIONS)
        with self._transaction():
            for topic, body in messages:
                self._send(topic, place, body, alert)

    def abandon(self, alert: str, body: bytes) -> None:
        """A revision that is never committed."""
        self._producer.begin_transaction()
        self._send("alerts", partition_of(alert, PARTITIONS), body, alert)
        self._producer.flush()
        self._producer.abort_transaction()

    def look(self, signals: Iterable[SignalRecord], end_tick: int) -> None:
        """What was looked at, and that all before this second has been."""
        with self._transaction():
            for one in signals:
                self._send("signals", partition_of(f"{one.kind}:{one.subject}", PARTITIONS), one.body)
            for place in range(PARTITIONS):
                self._send("signals", place, mark_body(end_tick))

    def close(self) -> None:
        self._producer.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._producer.begin_transaction()
        yield
        self._producer.commit_transaction()

    def _send(self, topic: str, partition: int, body: bytes, key: str | None = None) -> None:
        self._producer.send(self._prefix + topic, body, key=None if key is None else key.encode(), partition=partition)
