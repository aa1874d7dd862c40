"""Topics as the broker has them beside what they should be, and a sentence for each way in which they are not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple, Self

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from streams.kafka.names import Stage, Topic, full, uses
from streams.kafka.options import KafkaSettings

APPEND_TIME: Final = "LogAppendTime"
"""The broker's clock is the time of a record, so that nothing that an event says can have it dropped."""

_UNKNOWN: Final = 3


class Found(NamedTuple):
    """A topic as the broker has it.

    Attributes
    ----------
    partitions : how many it has; 0 when this user may not see it
    rights : what this user may do with it; None: anything
    settings : the broker's own names and values; empty when this user may not see them
    """

    partitions: int
    rights: frozenset[str] | None
    settings: dict[str, str]


class Change(NamedTuple):
    """A setting of a topic that is or was not as it should be."""

    name: str
    present: str
    wanted: str


def demands(topic: Topic) -> Iterator[tuple[str, str]]:
    """The settings of a topic that matter, as they should be at least."""
    yield "cleanup.policy", topic.cleanup.value
    yield "message.timestamp.type", APPEND_TIME
    yield "max.message.bytes", str(topic.max_bytes)
    if topic.retention_ms is not None:
        yield "retention.ms", str(topic.retention_ms)


class Inspection:
    """The topics of a deployment, compared with what is there.

    Parameters
    ----------
    wanted
        The topics to look at, as they should be.
    found
        Those that are there, by name without the prefix.
    """

    def __init__(self, options: KafkaSettings, wanted: list[Topic], found: dict[str, Found]) -> None:
        self.wanted, self.found = wanted, found
        self._options = options

    @classmethod
    def of(cls, client: KafkaAdminClient, options: KafkaSettings, wanted: list[Topic]) -> Self:
        """Ask the broker what is there."""
        names = {topic.name: full(options, topic.name) for topic in wanted}
        described = {one["name"]: one for one in client.describe_topics(list(names.values()))}
        seen = [name for name, one in described.items() if one["error_code"] == 0]
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in seen]
        configs = client.describe_configs(resources, config_filter="all").get("topic", {}) if resources else {}
        found = {
            name: _found(described[there], configs.get(there, {}))
            for name, there in names.items()
            if there in described and described[there]["error_code"] != _UNKNOWN
        }
        return cls(options, wanted, found)

    def changes(self, topic: Topic) -> list[Change]:
        """What of a topic should be changed; not its clean-up, which cannot be set right without a loss."""
        present = self.found[topic.name].settings
        return [
            Change(name, present[name], wanted)
            for name, wanted in demands(topic)
            if name != "cleanup.policy" and name in present and not _enough(present[name], wanted)
        ]

    def missing(self) -> Iterator[str]:
        """A sentence for each topic that is not there."""
        for topic in self.wanted:
            if topic.name not in self.found:
                yield f"The topic {self._name(topic)} is missing; `breakwater topics create` makes it."

    def unequal(self) -> Iterator[str]:
        """A sentence for each topic that has not as many partitions as its family."""
        first: dict[Stage, Topic] = {}
        for topic in self._present():
            if topic.fixed and self.found[topic.name].partitions not in (0, topic.partitions):
                yield (
                    f"The topic {self._name(topic)} has {self.found[topic.name].partitions} partitions and must have "
                    f"{topic.partitions}. Delete it, and run `breakwater topics create`."
                )
            if topic.family is None or topic.fixed:
                continue
            other = first.setdefault(topic.family, topic)
            count, expected = (self.found[one.name].partitions for one in (topic, other))
            if count and expected and count != expected:
                yield (
                    f"The topic {self._name(topic)} has {count} partitions but {self._name(other)} {expected}; they "
                    "must have the same number. Make new topics: set BREAKWATER_KAFKA__PREFIX to another prefix, and "
                    "run `breakwater topics create`."
                )

    def regrown(self, asked: int) -> Iterator[str]:
        """A sentence if topics between stages have another number of partitions than is asked for."""
        for topic in self._present():
            count = self.found[topic.name].partitions
            if topic.family is not None and not topic.fixed and count != asked:
                yield (
                    f"The topic {self._name(topic)} has {count} partitions, and {asked} are asked for; that would send "
                    f"its keys elsewhere than where their history is. Ask for {count}, or set BREAKWATER_KAFKA__PREFIX "
                    "to another prefix for new topics."
                )
                return

    def lossy(self) -> Iterator[str]:
        """A sentence for each topic from which records vanish that are needed."""
        for topic in self._present():
            present = self.found[topic.name].settings.get("cleanup.policy")
            if present is not None and present != topic.cleanup:
                yield (
                    f"The topic {self._name(topic)} has cleanup.policy={present}, by which records are lost that are "
                    f"needed; it must be {topic.cleanup}. Change that, or name another topic or prefix."
                )

    def unfit(self) -> Iterator[str]:
        """A sentence for each setting of a topic that `create` would change."""
        for topic in self._present():
            for change in self.changes(topic):
                yield (
                    f"The topic {self._name(topic)} has {change.name}={change.present}; {change.wanted} is needed, "
                    "and `breakwater topics create` sets it."
                )

    def forbidden(self, stages: Collection[Stage]) -> Iterator[str]:
        """A sentence for each right that this user lacks."""
        for stage, use in uses(self._options).items():
            for right, names in (("READ", use.reads), ("WRITE", use.writes)) if stage in stages else ():
                for name in sorted(names & self.found.keys()):
                    rights = self.found[name].rights
                    if rights is not None and right not in rights:
                        yield (
                            f"This user may not {right} the topic {full(self._options, name)}, which the stage {stage} "
                            "needs; grant it."
                        )

    def _present(self) -> list[Topic]:
        return [topic for topic in self.wanted if topic.name in self.found]

    def _name(self, topic: Topic) -> str:
        return full(self._options, topic.name)


def _found(described: dict[str, Any], settings: dict[str, Any]) -> Found:
    rights = frozenset(described["authorized_operations"] or ()) if described["error_code"] == 0 else frozenset()
    values = {name: str(setting["value"]) for name, setting in settings.items()}
    return Found(len(described["partitions"]), None if "ALL" in rights else rights, values)


def _enough(present: str, wanted: str) -> bool:
    return present == wanted or (wanted.isdigit() and (present == "-1" or int(present) >= int(wanted)))
