"""The topics: what each is called, how it is kept, who reads and writes it.

This is the one place that says so. `topics create` makes what stands here, `topics check` compares with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from streams.kafka.options import OWN, KafkaSettings

AUTHORED: Final = f"{OWN}authored"
INTERACTIONS: Final = f"{OWN}interactions"
AUTHORS_STATE: Final = f"{OWN}state.authors"
SHARD_STATE: Final = f"{OWN}state.shard"
LEARNER_STATE: Final = f"{OWN}state.learner"
ALERTS: Final = f"{OWN}alerts"
EVIDENCE: Final = f"{OWN}evidence"
CASES: Final = f"{OWN}cases"
SIGNALS: Final = f"{OWN}signals"
CONTROL: Final = f"{OWN}control"
CAMPAIGNS: Final = f"{OWN}campaigns"
"""Followed once there is one."""
FEEDBACK: Final = f"{OWN}feedback"
REJECTED: Final = f"{OWN}rejected"

END_HEADER: Final = ("breakwater", b"end")
"""The header of an end mark: a message without a value, after which its source partition brings nothing more."""
MAX_STATE_BYTES: Final = 4 << 20
"""Bytes of the largest record of state."""

_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS
_USUAL_MESSAGE_BYTES: Final = 1_048_588
_ENVELOPE_BYTES: Final = 16_384


class Stage(StrEnum):
    """What `worker` runs."""

    INGEST = "ingest"
    AUTHORS = "authors"
    SHARD = "shard"
    LEARNER = "learner"


class Cleanup(StrEnum):
    """What becomes of old records: dropped with age, or when their key has a newer one."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    Attributes
    ----------
    name : without the prefix
    cleanup : what becomes of old records
    key : what its records' keys are; how they find their partition
    what : what it holds
    family : topics of one family have the same number of partitions; None: any number will do
    retention_ms : how long records are kept, at least; None: as the broker has it, or for ever where it is compacted
    max_bytes : bytes of the largest batch that it takes
    partitions : how many it is made with
    fixed : whether it has that many, whatever is asked for
    settings : what else it is made with, as the broker names it
    """

    name: str
    cleanup: Cleanup
    key: str
    what: str
    family: Stage | None
    retention_ms: int | None
    max_bytes: int
    partitions: int
    fixed: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> bool:
        """Whether events come from it, so that it is the platform's."""
        return not self.name.startswith(OWN)


class Use(NamedTuple):
    """The topics, without the prefix, that a stage reads and writes."""

    reads: frozenset[str]
    writes: frozenset[str]


class Source(NamedTuple):
    """One partition of a source topic; `topic` with the prefix."""

    topic: str
    partition: int


def full(kafka: KafkaSettings, name: str) -> str:
    """The name of a topic as the broker has it."""
    return kafka.prefix + name


def group(kafka: KafkaSettings, stage: Stage) -> str:
    """The consumer group of a stage, which is the id of its app as well."""
    return f"{kafka.prefix}{OWN}{stage}"


def transactional_id(kafka: KafkaSettings, stage: Stage, partition: int) -> str:
    """The transactional id that belongs to a stage's partition, whoever has it."""
    return f"{group(kafka, stage)}.{partition}"


def numbered(partitions: Mapping[str, int]) -> list[Source]:
    """The sources in the order of their numbers, 0 first.

    Parameters
    ----------
    partitions
        How many partitions each source topic has.
    """
    return [Source(topic, number) for topic in sorted(partitions) for number in range(partitions[topic])]


def is_end(value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> bool:
    """Whether a message of a source is its end mark."""
    return not value and END_HEADER in {(key, bytes(content)) for key, content in headers}


def uses(kafka: KafkaSettings) -> dict[Stage, Use]:
    """What each stage reads and writes."""
    return {
        Stage.INGEST: Use(frozenset(kafka.sources), frozenset({AUTHORED, REJECTED})),
        Stage.AUTHORS: Use(frozenset({AUTHORED, AUTHORS_STATE}), frozenset({INTERACTIONS, AUTHORS_STATE})),
        Stage.SHARD: Use(
            frozenset({INTERACTIONS, CONTROL, SHARD_STATE}),
            frozenset({ALERTS, EVIDENCE, CASES, SIGNALS, SHARD_STATE}),
        ),
        Stage.LEARNER: Use(frozenset({SIGNALS, FEEDBACK, LEARNER_STATE}), frozenset({CONTROL, LEARNER_STATE})),
    }


def topics(kafka: KafkaSettings) -> list[Topic]:
    """All topics of a deployment, the sources first."""
    return [*_sources(kafka), *_frames(kafka), *_states(kafka), *_results(kafka), *_learning(kafka)]


def _sources(kafka: KafkaSettings) -> list[Topic]:
    by_topic: dict[str, list[str]] = {name: [] for name in sorted(kafka.sources)}
    for kind, topic in kafka.destinations.items():
        by_topic[topic].append(kind)
    return [
        Topic(
            name=name,
            cleanup=Cleanup.DELETE,
            key="any; `publish` takes the author",
            what=f"events from the platform; `publish` sends {', '.join(kinds)}" if kinds else "events of the platform",
            family=None,
            retention_ms=None,
            max_bytes=largest_record(kafka),
            partitions=kafka.source_partitions,
        )
        for name, kinds in by_topic.items()
    ]


def _frames(kafka: KafkaSettings) -> list[Topic]:
    def frames(name: str, family: Stage, key: str, retention_ms: int) -> Topic:
        return Topic(
            name=name,
            cleanup=Cleanup.DELETE,
            key=key,
            what=f"frames on their way to the stage {family}",
            family=family,
            retention_ms=retention_ms,
            max_bytes=largest_record(kafka),
            partitions=kafka.partitions,
        )

    return [
        frames(AUTHORED, Stage.AUTHORS, "author", kafka.interactions_retention_h * _HOUR_MS),
        frames(INTERACTIONS, Stage.SHARD, "subject", kafka.interactions_retention_h * _HOUR_MS),
    ]


def _states(kafka: KafkaSettings) -> list[Topic]:
    def state(name: str, family: Stage, partitions: int) -> Topic:
        return Topic(
            name=name,
            cleanup=Cleanup.COMPACT,
            key="the stage's own; the partition is that of its input",
            what=f"checkpoints of the stage {family}",
            family=family,
            retention_ms=None,
            max_bytes=MAX_STATE_BYTES + _ENVELOPE_BYTES,
            partitions=partitions,
            fixed=family is Stage.LEARNER,
            settings=_QUICKLY_COMPACTED,
        )

    return [
        state(AUTHORS_STATE, Stage.AUTHORS, kafka.partitions),
        state(SHARD_STATE, Stage.SHARD, kafka.partitions),
        state(LEARNER_STATE, Stage.LEARNER, 1),
    ]


_QUICKLY_COMPACTED: Final = (
    ("delete.retention.ms", "300000"),
    ("min.cleanable.dirty.ratio", "0.2"),
    ("segment.bytes", str(64 << 20)),
    ("segment.ms", str(_HOUR_MS)),
)
"""What is superseded goes soon, so that there is little to read after a restart."""


def _results(kafka: KafkaSettings) -> list[Topic]:
    return [
        Topic(
            name=ALERTS,
            cleanup=Cleanup.DELETE,
            key="alert id; the partition is that of the shard",
            what="alert revisions, all of them, in transactions",
            family=Stage.SHARD,
            retention_ms=kafka.alerts_retention_d * _DAY_MS,
            max_bytes=largest_record(kafka),
            partitions=kafka.partitions,
        ),
        Topic(
            name=EVIDENCE,
            cleanup=Cleanup.DELETE,
            key="alert id; the partition is that of the shard",
            what="what alerts rest on, in parts, in the alerts' transactions",
            family=Stage.SHARD,
            retention_ms=kafka.alerts_retention_d * _DAY_MS,
            max_bytes=largest_record(kafka),
            partitions=kafka.partitions,
        ),
        Topic(
            name=CASES,
            cleanup=Cleanup.COMPACT,
            key="alert id; the partition is that of the shard",
            what="the newest revision of each alert",
            family=Stage.SHARD,
            retention_ms=None,
            max_bytes=largest_record(kafka),
            partitions=kafka.partitions,
        ),
        Topic(
            name=REJECTED,
            cleanup=Cleanup.DELETE,
            key="none",
            what="events that did not fit, each with the reason",
            family=None,
            retention_ms=30 * _DAY_MS,
            max_bytes=largest_refusal(kafka),
            partitions=1,
        ),
    ]


def _learning(kafka: KafkaSettings) -> list[Topic]:
    return [
        Topic(
            name=SIGNALS,
            cleanup=Cleanup.DELETE,
            key="none; the partition is that of the shard",
            what="what the shards looked at, in transactions",
            family=Stage.SHARD,
            retention_ms=kafka.interactions_retention_h * _HOUR_MS,
            max_bytes=largest_record(kafka),
            partitions=kafka.partitions,
        ),
        Topic(
            name=CONTROL,
            cleanup=Cleanup.COMPACT,
            key="the learner's own",
            what="what was learnt, and from which second it is in force",
            family=Stage.LEARNER,
            retention_ms=None,
            max_bytes=largest_record(kafka),
            partitions=1,
            fixed=True,
            settings=_QUICKLY_COMPACTED,
        ),
        Topic(
            name=FEEDBACK,
            cleanup=Cleanup.DELETE,
            key="alert id",
            what="what analysts decided on alerts",
            family=Stage.LEARNER,
            retention_ms=kafka.alerts_retention_d * _DAY_MS,
            max_bytes=largest_record(kafka),
            partitions=1,
            fixed=True,
        ),
    ]


def largest_record(kafka: KafkaSettings) -> int:
    """A message at its limit fits with what surrounds it, and so does what a broker takes by itself."""
    return max(_USUAL_MESSAGE_BYTES, kafka.max_message_bytes + _ENVELOPE_BYTES)


def largest_refusal(kafka: KafkaSettings) -> int:
    """A refusal may hold a whole message, and each of its bytes may take six in a JSON string."""
    return 6 * kafka.max_message_bytes + _ENVELOPE_BYTES
