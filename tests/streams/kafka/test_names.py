"""The table of topics, on which everything else relies."""

from collections import Counter

from streams.kafka.names import (
    ALERTS,
    AUTHORED,
    AUTHORS_STATE,
    CASES,
    CONTROL,
    EVIDENCE,
    FEEDBACK,
    INTERACTIONS,
    LEARNER_STATE,
    SHARD_STATE,
    SIGNALS,
    Cleanup,
    Source,
    Stage,
    full,
    group,
    is_end,
    numbered,
    topics,
    transactional_id,
    uses,
)
from streams.kafka.options import KafkaSettings


def test_sources_are_numbered_by_topic_and_partition() -> None:
    assert numbered({"b": 1, "a": 3, "c": 2}) == [
        Source("a", 0),
        Source("a", 1),
        Source("a", 2),
        Source("b", 0),
        Source("c", 0),
        Source("c", 1),
    ]


def test_every_name_begins_with_the_prefix_and_no_two_are_the_same() -> None:
    kafka = KafkaSettings(prefix="eu.")
    names = [full(kafka, topic.name) for topic in topics(kafka)]
    ids = [transactional_id(kafka, stage, partition) for stage in Stage for partition in range(3)]
    groups = [group(kafka, stage) for stage in Stage]

    assert all(name.startswith("eu.") for name in [*names, *ids, *groups])
    assert max(Counter(names).values()) == max(Counter([*ids, *groups]).values()) == 1


def test_what_a_stage_uses_is_in_the_table_and_all_of_the_table_is_used() -> None:
    kafka = KafkaSettings()
    used = {name for use in uses(kafka).values() for name in use.reads | use.writes}

    assert used == {topic.name for topic in topics(kafka)}


def test_topics_that_are_read_and_written_by_the_same_partition_have_as_many() -> None:
    family = {topic.name: (topic.family, topic.partitions) for topic in topics(KafkaSettings(partitions=3))}

    assert family[AUTHORED] == family[AUTHORS_STATE] == (Stage.AUTHORS, 3)
    of_shard = (INTERACTIONS, SHARD_STATE, ALERTS, EVIDENCE, CASES, SIGNALS)
    assert {family[name] for name in of_shard} == {(Stage.SHARD, 3)}
    assert {family[name] for name in (FEEDBACK, CONTROL, LEARNER_STATE)} == {(Stage.LEARNER, 1)}


def test_what_only_the_newest_counts_of_is_compacted_and_nothing_else() -> None:
    compacted = {topic.name for topic in topics(KafkaSettings()) if topic.cleanup is Cleanup.COMPACT}

    assert compacted == {AUTHORS_STATE, SHARD_STATE, LEARNER_STATE, CASES, CONTROL}


def test_only_a_message_without_value_that_says_so_is_an_end_mark() -> None:
    assert is_end(b"", [("breakwater", b"end")])
    assert is_end(None, [("trace", b"1"), ("breakwater", b"end")])
    assert not is_end(b"", [])
    assert not is_end(b"", [("breakwater", b"begin")])
    assert not is_end(b"{}", [("breakwater", b"end")])
