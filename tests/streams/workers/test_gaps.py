"""Messages that were under way before a rebalance come among those that follow it: none of the latter may be lost."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from faust.types import TP

from alerts.alert import Engine
from deploy.kafka.broker import Broker
from detectors.model import shipped
from streams.kafka.names import AUTHORED
from streams.settings import Settings
from streams.status import WorkerStatus
from streams.topology import Deployment as Parts
from streams.topology import Layout, authors
from streams.workers.gaps import Gap, in_turn
from tests.kafka import deployed
from tests.streams.workers.platform import LIMITS, SOURCES, to_authors


class Came(NamedTuple):
    """A message as an agent is given it."""

    tp: TP
    offset: int
    value: bytes


@dataclass
class Clock:
    """Seconds that a test lets go by."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def turn(offsets: list[int], log: list[int], following: int = 0) -> tuple[list[int], Gap, Clock]:
    """Which of these are taken from a log that has messages at those offsets."""
    clock = Clock()
    gap = Gap(clock)

    async def first_from(offset: int) -> int | None:
        return next((one for one in log if one >= offset), None)

    came = [Came(TP("topic", 0), offset, b"") for offset in offsets]
    found = asyncio.run(in_turn(came, following, first_from, gap))
    return [one.offset for one in found], gap, clock


@pytest.mark.parametrize(
    ("offsets", "log", "following", "taken"),
    [
        ([0, 1, 2], [0, 1, 2], 0, [0, 1, 2]),
        ([2, 0, 1, 2], [0, 1, 2], 0, [0, 1, 2]),
        ([0, 2, 1, 2], [0, 1, 2], 0, [0, 1, 2]),
        ([0, 2, 5, 7], [0, 2, 5, 7], 0, [0, 2, 5, 7]),
        ([7, 2, 5, 7], [0, 2, 5, 7], 1, [2, 5, 7]),
        ([0, 1, 2], [0, 1, 2], 2, [2]),
        ([3, 4], [0, 1, 2, 3, 4], 1, []),
        ([0, 1, 1, 2, 0], [0, 1, 2], 0, [0, 1, 2]),
        ([4], [], 1, []),
    ],
    ids=["plain", "before", "between", "marks", "before and marks", "known", "hole", "twice", "unknown"],
)
def test_what_is_next_is_taken_whatever_comes_beside_it(
    offsets: list[int], log: list[int], following: int, taken: list[int]
) -> None:
    assert turn(offsets, log, following)[0] == taken


def test_a_hole_that_stays_is_an_error_that_names_it() -> None:
    _, gap, clock = turn([0, 3, 4], [0, 1, 2, 3, 4])
    clock.now = 30
    gap.check("topic, partition 0")
    clock.now = 31
    with pytest.raises(RuntimeError, match=r"missing in topic, partition 0: message 4 came, 1 is the next.*retention"):
        gap.check("topic, partition 0")


def test_a_hole_that_closes_is_none() -> None:
    _, gap, clock = turn([0, 3, 1], [0, 1, 2, 3])
    clock.now = 1_000
    gap.check("topic, partition 0")


def test_nothing_is_lost_when_messages_come_before_their_assignment_is_told_and_old_ones_among_them(
    broker: Broker, topic_prefix: str, tmp_path: Path
) -> None:
    log = to_authors(LIMITS[-1])
    place = TP(f"{topic_prefix}{AUTHORED}", 0)
    came = [Came(place, offset, value) for offset, value in enumerate(log)]

    async def run(settings: Settings) -> int:
        model, status = shipped(), WorkerStatus(["authors"])
        layout = Layout({"comments": SOURCES}, 1, 1)
        host = authors(Parts(settings, layout, model, Engine("1", "digest", model.name), status, tmp_path))
        await host.app.on_partitions_revoked.send(set())
        taking = asyncio.create_task(host.take([came[-1], *came]))
        await asyncio.sleep(0)
        await host.app.on_partitions_assigned.send({place})
        await taking
        offset = host.holding.held[place].place.next_offset
        await host.close()
        return offset

    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=1):
        kafka = {"bootstrap_servers": broker.bootstrap, "prefix": topic_prefix}
        assert asyncio.run(run(Settings(kafka=kafka))) == len(log)
