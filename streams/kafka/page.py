"""The table of topics that the README shows, as `streams.kafka.names` has them.

`python -m streams.kafka.page` prints it.
"""

from __future__ import annotations

import sys
from typing import Final

from streams.kafka.names import Cleanup, Topic, topics, uses
from streams.kafka.options import KafkaSettings

_HEAD: Final = ("topic", "key", "partitions", "kept", "written by", "read by", "what")
_OUTSIDE: Final = "you"
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


def table(kafka: KafkaSettings) -> str:
    """All topics of a deployment as a Markdown table, a line each, with a line end behind every one."""
    used = uses(kafka)
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for topic in topics(kafka):
        readers = [stage.value for stage, use in used.items() if topic.name in use.reads]
        writers = [stage.value for stage, use in used.items() if topic.name in use.writes]
        rows.append(
            (
                f"`{topic.name}`",
                topic.key,
                f"{topic.partitions}, {topic.family}" if topic.family else str(topic.partitions),
                _kept(topic),
                ", ".join(writers) or _OUTSIDE,
                ", ".join(readers) or _OUTSIDE,
                topic.what,
            )
        )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _kept(topic: Topic) -> str:
    """How long records stay, in words."""
    if topic.cleanup is Cleanup.COMPACT:
        return "the newest of each key"
    if topic.retention_ms is None:
        return "as you like"
    if topic.retention_ms % _DAY_MS:
        return f"{topic.retention_ms // _HOUR_MS} hours"
    return f"{topic.retention_ms // _DAY_MS} days"


if __name__ == "__main__":
    sys.stdout.write(table(KafkaSettings.model_validate({})))
