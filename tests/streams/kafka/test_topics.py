"""`topics create` and `topics check`, as somebody meets them who sets Breakwater up."""

import json
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.kafka.ports import free_ports
from streams.kafka.checking import Found, Inspection
from streams.kafka.names import (
    ALERTS,
    AUTHORED,
    AUTHORS_STATE,
    CASES,
    CONTROL,
    FEEDBACK,
    INTERACTIONS,
    LEARNER_STATE,
    SHARD_STATE,
    Stage,
    topics,
    uses,
)
from streams.kafka.topics import TopicsError, create, problems
from tests.streams.kafka.conftest import Deployment


def kept(deployment: Deployment, name: str) -> dict[str, str]:
    """The settings of a topic."""
    admin = KafkaAdminClient(bootstrap_servers=deployment.bootstrap)
    try:
        resource = ConfigResource(ConfigResourceType.TOPIC, deployment.prefix + name)
        found = admin.describe_configs([resource], config_filter="all")["topic"][resource.name]
        return {key: one["value"] for key, one in found.items()}
    finally:
        admin.close()


def make(deployment: Deployment, name: str, partitions: int, **configs: str) -> None:
    """A topic that somebody else made."""
    admin = KafkaAdminClient(bootstrap_servers=deployment.bootstrap)
    try:
        named = {key.replace("_", "."): value for key, value in configs.items()}
        blueprint = {"num_partitions": partitions, "replication_factor": 1, "configs": named}
        admin.create_topics({deployment.prefix + name: blueprint}, wait_for_metadata=True)
    finally:
        admin.close()


def test_what_create_makes_is_what_check_wants(deployment: Deployment) -> None:
    missing = deployment.run("topics", "check")
    assert missing.exit_code == 1
    names = [topic.name for topic in topics(deployment.settings.kafka)]
    for name in names:
        assert f"The topic {deployment.prefix}{name} is missing; `breakwater topics create` makes it." in missing.stderr

    made = deployment.run("topics", "create", "--partitions", "3", "--json")
    assert made.exit_code == 0, made.output
    created: dict[str, Any] = json.loads(made.stdout)["created"]
    assert created.keys() == {deployment.prefix + name for name in names}
    assert {created[deployment.prefix + name] for name in (AUTHORED, AUTHORS_STATE, INTERACTIONS, ALERTS)} == {3}
    assert {created[deployment.prefix + name] for name in (CONTROL, FEEDBACK, LEARNER_STATE)} == {1}

    checked = deployment.run("topics", "check", "--json")
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, {"ready": True, "problems": []})


def test_the_learner_has_one_partition_of_each_of_its_topics(deployment: Deployment) -> None:
    make(deployment, FEEDBACK, 2)
    refused = deployment.run("topics", "create")
    assert refused.exit_code == 1
    assert f"{deployment.prefix}{FEEDBACK} has 2 partitions and must have 1" in refused.stderr


def test_topics_keep_what_the_engine_needs(deployment: Deployment) -> None:
    deployment.options = {"interactions_retention_h": 100, "alerts_retention_d": 7, "max_message_bytes": 3_000_000}
    deployment.made()
    every = {topic.name: kept(deployment, topic.name) for topic in topics(deployment.settings.kafka)}

    assert {one["message.timestamp.type"] for one in every.values()} == {"LogAppendTime"}
    assert every[INTERACTIONS]["retention.ms"] == str(100 * 3_600_000)
    assert every[ALERTS]["retention.ms"] == str(7 * 86_400_000)
    assert every[AUTHORED]["retention.ms"] == str(100 * 3_600_000)
    assert all(int(one["max.message.bytes"]) > 3_000_000 for one in every.values())
    for name in (AUTHORS_STATE, SHARD_STATE, CASES):
        assert every[name]["cleanup.policy"] == "compact"
    for name in (AUTHORS_STATE, SHARD_STATE):
        assert int(every[name]["max.message.bytes"]) > 4 << 20
        assert int(every[name]["delete.retention.ms"]) < 3_600_000


def test_create_may_be_run_again_and_keeps_what_is_more_than_is_asked_for(deployment: Deployment) -> None:
    make(deployment, ALERTS, 8, retention_ms="-1", message_timestamp_type="LogAppendTime")
    make(deployment, "comments", 1, message_timestamp_type="LogAppendTime", retention_ms="5000")
    create(deployment.settings)
    again = create(deployment.settings)

    assert (again.created, again.changed) == ({}, {})
    assert kept(deployment, ALERTS)["retention.ms"] == "-1"
    assert kept(deployment, "comments")["retention.ms"] == "5000"
    assert problems(deployment.settings, Stage) == []


def test_create_raises_what_is_too_little_and_check_says_what_that_is(deployment: Deployment) -> None:
    make(deployment, INTERACTIONS, 8, retention_ms="60000", message_timestamp_type="LogAppendTime")
    make(deployment, "replies", 2)
    told = "\n".join(problems(deployment.settings, [Stage.INGEST, Stage.AUTHORS]))
    assert f"{deployment.prefix}{INTERACTIONS} has retention.ms=60000; 259200000 is needed" in told
    assert f"{deployment.prefix}replies has message.timestamp.type=CreateTime; LogAppendTime is needed" in told

    result = deployment.run("topics", "create")
    assert result.exit_code == 0, result.output
    assert f"{deployment.prefix}{INTERACTIONS}: changed retention.ms from 60000 to 259200000" in result.stdout
    assert problems(deployment.settings, Stage) == []


def test_partitions_of_existing_topics_are_never_changed(deployment: Deployment) -> None:
    create(deployment.settings, partitions=2)
    refused = deployment.run("topics", "create", "--partitions", "4")

    assert refused.exit_code == 1
    assert f"{deployment.prefix}{AUTHORED} has 2 partitions, and 4 are asked for" in refused.stderr
    with pytest.raises(TopicsError, match="2 partitions, and 5"):
        create(Deployment(deployment.bootstrap, deployment.prefix, {"partitions": 5}).settings)
    assert create(deployment.settings).created == {}


def test_what_is_missing_beside_existing_topics_is_made_with_as_many_partitions(deployment: Deployment) -> None:
    make(deployment, ALERTS, 3, message_timestamp_type="LogAppendTime", retention_ms="-1")
    made = create(deployment.settings).created

    assert made[deployment.prefix + INTERACTIONS] == made[deployment.prefix + SHARD_STATE] == 3
    assert problems(deployment.settings, Stage) == []


def test_partitions_that_do_not_fit_each_other_are_told_and_nothing_is_made(deployment: Deployment) -> None:
    make(deployment, AUTHORED, 4)
    make(deployment, AUTHORS_STATE, 2, cleanup_policy="compact")
    told = [one for one in problems(deployment.settings, [Stage.AUTHORS]) if "partitions" in one]

    assert len(told) == 1
    assert f"{deployment.prefix}{AUTHORS_STATE} has 2 partitions but {deployment.prefix}{AUTHORED} 4" in told[0]
    with pytest.raises(TopicsError, match="must have the same number"):
        create(deployment.settings)
    assert any(f"{ALERTS} is missing" in one for one in problems(deployment.settings, [Stage.SHARD]))


def test_a_topic_that_loses_what_is_needed_is_neither_taken_nor_changed(deployment: Deployment) -> None:
    make(deployment, SHARD_STATE, 8, cleanup_policy="delete")
    make(deployment, "comments", 1, cleanup_policy="compact")

    with pytest.raises(TopicsError, match=r"comments has cleanup\.policy=compact"):
        create(deployment.settings)
    told = "\n".join(problems(deployment.settings, Stage))
    assert f"{deployment.prefix}{SHARD_STATE} has cleanup.policy=delete" in told
    assert kept(deployment, SHARD_STATE)["cleanup.policy"] == "delete"


def test_check_looks_only_at_what_the_named_stages_use(deployment: Deployment) -> None:
    make(deployment, AUTHORED, 4, message_timestamp_type="LogAppendTime", retention_ms="-1")
    told = problems(deployment.settings, [Stage.AUTHORS])

    assert {one.split()[2] for one in told} == {deployment.prefix + name for name in (AUTHORS_STATE, INTERACTIONS)}
    assert deployment.run("topics", "check", "cooking").exit_code == 2


def test_a_broker_that_is_away_is_one_sentence_with_its_address(topic_prefix: str) -> None:
    away = Deployment(f"127.0.0.1:{free_ports(1)[0]}", topic_prefix, {"connect_timeout_s": 1})

    for command in ("check", "create"):
        result = away.run("topics", command)
        assert result.exit_code == 1
        assert f"Kafka at {away.bootstrap} cannot be reached" in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_a_replication_that_the_cluster_cannot_have_is_told(deployment: Deployment) -> None:
    deployment.options = {"replication": 3}
    result = deployment.run("topics", "create")

    assert result.exit_code == 1
    assert "cannot be made" in result.stderr
    assert "replication" in result.stderr.lower()


def test_rights_that_a_stage_lacks_are_told(deployment: Deployment) -> None:
    options = deployment.settings.kafka
    wanted = topics(options)
    found = {topic.name: Found(topic.partitions, frozenset({"READ", "DESCRIBE"}), {}) for topic in wanted}
    told = list(Inspection(options, wanted, found).forbidden({Stage.SHARD}))

    assert len(told) == len(uses(options)[Stage.SHARD].writes)
    assert all("may not WRITE" in sentence and "stage shard" in sentence for sentence in told)
