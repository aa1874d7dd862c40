"""A deployment of its own for each test, on the real broker."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from typer.testing import CliRunner, Result

from deploy.kafka.broker import Broker
from streams.cli import app
from streams.kafka.topics import create
from streams.settings import Settings, load


@dataclass
class Record:
    """A message as it stands in a topic."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]]


@dataclass
class Deployment:
    """Breakwater's topics under a prefix."""

    bootstrap: str
    prefix: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return load(kafka={"bootstrap_servers": self.bootstrap, "prefix": self.prefix, **self.options})

    @property
    def environment(self) -> dict[str, str]:
        named = {"bootstrap_servers": self.bootstrap, "prefix": self.prefix, **self.options}
        return {f"BREAKWATER_KAFKA__{name.upper()}": str(value) for name, value in named.items()}

    def run(self, *arguments: str | Path, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin, env=self.environment)

    def made(self) -> "Deployment":
        create(self.settings)
        return self

    def records(self, *topics: str) -> list[Record]:
        """Everything in some topics, those of a partition in their order."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        try:
            places = [
                TopicPartition(self.prefix + topic, number)
                for topic in topics
                for number in consumer.partitions_for_topic(self.prefix + topic)
            ]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            found: list[Any] = []
            while any(consumer.position(place) < end for place, end in ends.items()):
                for records in consumer.poll(timeout_ms=200).values():
                    found += records
        finally:
            consumer.close(autocommit=False)
        return [
            Record(one.topic.removeprefix(self.prefix), one.partition, one.key, one.value, one.headers) for one in found
        ]


@pytest.fixture
def deployment(broker: Broker, topic_prefix: str) -> Deployment:
    return Deployment(broker.bootstrap, topic_prefix)


def ndjson(events: Iterable[dict[str, Any] | bytes]) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in events)
