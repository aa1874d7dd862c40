"""What the broker is set to: one node, quick to start and to come back, reachable from this machine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"

_ONE_NODE: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
}
_QUICK: Final = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # Else a broker that was killed waits for its own ghost when it comes back.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
}
_SMALL: Final = {
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "num.recovery.threads.per.data.dir": "1",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.index.size.max.bytes": "1048576",
}
_STRICT: Final = {"auto.create.topics.enable": "false", "num.partitions": "1"}


def properties(data: Path, port: int, controller_port: int) -> dict[str, str]:
    """The broker's settings, for a folder of data and the ports of its two listeners."""
    return {
        **_ONE_NODE,
        **_QUICK,
        **_SMALL,
        **_STRICT,
        "log.dirs": str(data),
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
    }


def written(settings: dict[str, str]) -> str:
    """Settings as the text of a properties file."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
