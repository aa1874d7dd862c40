"""Topics made as `streams.kafka.names` has them, and what is missing said before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, Final

import kafka.errors
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from streams.kafka.checking import Change, Inspection, demands
from streams.kafka.connection import UnavailableError, administration
from streams.kafka.names import Cleanup, Stage, Topic, full, group, topics, uses
from streams.kafka.options import KafkaSettings
from streams.settings import Settings

_EXISTS: Final = 36
_SAFE_REPLICATION: Final = 3
_COORDINATOR_S: Final = 10.0
_CHANGE_S: Final = 5.0
_RETRY_S: Final = 0.3


class TopicsError(Exception):
    """Topics cannot be made as they should be; the text says why and what to do."""


@dataclass(slots=True)
class Made:
    """What `create` did; names are those that the broker has.

    Attributes
    ----------
    created : partitions by topic
    changed : what was changed, by topic
    unchanged : topics that were as they should be
    """

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, list[Change]] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)


def create(settings: Settings, partitions: int | None = None) -> Made:
    """Make what is missing, and raise what is too little; nothing is shrunk, emptied or given more partitions.

    Parameters
    ----------
    partitions
        Partitions of the topics between stages; as the settings say if not given. Where such topics are there
        already, and the settings say nothing, those that are missing are made with as many.

    Raises
    ------
    TopicsError
        If existing topics have another number of partitions, or lose records that are needed, or the broker refuses.
        Nothing was changed then but what the broker had taken before it refused.
    UnavailableError
        If no broker answers.
    """
    options = settings.kafka
    asked = partitions or (options.partitions if "partitions" in options.model_fields_set else None)
    with administration(options) as client:
        present = Inspection.of(client, options, topics(options))
        against = [*present.unequal(), *present.lossy(), *(present.regrown(asked) if asked else ())]
        if against:
            raise TopicsError(" ".join(against))
        made = Made(created=_make(client, _blueprints(options, present, asked)))
        for topic in present.wanted:
            if topic.name not in present.found:
                continue
            name, changes = full(options, topic.name), present.changes(topic)
            if changes:
                _alter(client, name, changes)
                made.changed[name] = changes
            else:
                made.unchanged.append(name)
        _await_changes(
            client, options, [topic for topic in present.wanted if full(options, topic.name) in made.changed]
        )
    return made


def problems(settings: Settings, stages: Iterable[Stage]) -> list[str]:
    """What keeps these stages from running, a sentence each; empty when nothing does.

    That no broker answers is one of them; it is said when `connect_timeout_s` has passed.

    Raises
    ------
    SettingsError
        If a certificate cannot be read.
    """
    options, asked = settings.kafka, set(stages)
    names = {name for stage, use in uses(options).items() if stage in asked for name in use.reads | use.writes}
    try:
        with administration(options) as client:
            present = Inspection.of(client, options, [topic for topic in topics(options) if topic.name in names])
            return [
                *present.missing(),
                *present.unequal(),
                *present.lossy(),
                *present.unfit(),
                *present.forbidden(asked),
                *_closed_groups(client, [group(options, stage) for stage in Stage if stage in asked]),
            ]
    except UnavailableError as error:
        return [str(error)]


def _blueprints(options: KafkaSettings, present: Inspection, asked: int | None) -> dict[str, dict[str, Any]]:
    """What is to be made, by name; with as many partitions as its family has, if that is there already."""
    counts = {
        topic.family: present.found[topic.name].partitions
        for topic in present.wanted
        if topic.family is not None and not topic.fixed and topic.name in present.found
    }
    return {
        full(options, topic.name): {
            "num_partitions": topic.partitions
            if topic.fixed or topic.family is None
            else counts.get(topic.family, asked or topic.partitions),
            "replication_factor": options.replication,
            "configs": _configuration(options, topic),
        }
        for topic in present.wanted
        if topic.name not in present.found
    }


def _configuration(options: KafkaSettings, topic: Topic) -> dict[str, str]:
    settings = dict(demands(topic)) | dict(topic.settings)
    if not topic.source and topic.cleanup is Cleanup.DELETE:
        settings["retention.bytes"] = "-1"
    if options.replication >= _SAFE_REPLICATION:
        settings["min.insync.replicas"] = "2"
    return settings


def _make(client: KafkaAdminClient, blueprints: dict[str, dict[str, Any]]) -> dict[str, int]:
    if not blueprints:
        return {}
    answer = client.create_topics(blueprints, raise_errors=False)
    for one in answer["topics"]:
        if one["error_code"] not in {0, _EXISTS}:
            why = one["error_message"] or kafka.errors.for_code(one["error_code"]).__name__
            raise TopicsError(f"The topic {one['name']} cannot be made: {why.rstrip('.')}.")
    try:
        client.wait_for_topics(list(blueprints))
    except kafka.errors.KafkaTimeoutError as error:
        raise TopicsError(
            f"The topics {', '.join(blueprints)} were made but cannot be seen; grant this user DESCRIBE on them, or "
            "look whether all brokers run."
        ) from error
    return {name: blueprint["num_partitions"] for name, blueprint in blueprints.items()}


def _alter(client: KafkaAdminClient, name: str, changes: list[Change]) -> None:
    settings = {change.name: change.wanted for change in changes}
    answer = client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, settings)])
    said = answer["topic"][name]
    if said != "OK":
        raise TopicsError(f"The topic {name} cannot be given {', '.join(settings)}: {said}.")


def _await_changes(client: KafkaAdminClient, options: KafkaSettings, changed: list[Topic]) -> None:
    """Return when brokers show what was changed, which takes them a moment, or after some seconds without."""
    end = monotonic() + _CHANGE_S
    while changed and monotonic() < end and any(Inspection.of(client, options, changed).unfit()):
        sleep(_RETRY_S)


def _closed_groups(client: KafkaAdminClient, names: list[str]) -> Iterator[str]:
    """A sentence for each consumer group that this user may not read with, which would wait for ever."""
    for name in names:
        try:
            described = _described_group(client, name)
        except kafka.errors.GroupAuthorizationFailedError:
            yield _closed(name)
            continue
        except kafka.errors.CoordinatorNotAvailableError:
            yield f"No broker looks after the consumer group {name}; look whether all brokers run."
            continue
        rights = described.get("authorized_operations")
        if "GroupAuthorization" in str(described["error"]) or (rights and not {"READ", "ALL"} & set(rights)):
            yield _closed(name)


def _closed(name: str) -> str:
    return f"This user may not READ with the consumer group {name}; grant it."


def _described_group(client: KafkaAdminClient, name: str) -> dict[str, Any]:
    """A group as its coordinator sees it; a new cluster has none for the first moments."""
    end = monotonic() + _COORDINATOR_S
    while True:
        try:
            described: dict[str, Any] = client.describe_groups([name])[name]
        except kafka.errors.CoordinatorNotAvailableError:
            if monotonic() > end:
                raise
            sleep(_RETRY_S)
        else:
            return described
