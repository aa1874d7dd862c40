"""What is sent for a partition arrives in the order in which it was given."""

import asyncio
from pathlib import Path

from deploy.kafka.broker import Broker
from streams.kafka.options import KafkaSettings
from streams.workers.sending import Sender
from streams.workers.transactions import Outgoing
from tests.kafka import deployed

EACH = 40


def test_what_is_given_later_never_overtakes(broker: Broker, topic_prefix: str, tmp_path: Path) -> None:
    """Though what came before is large, and its sending waits for room again and again."""
    settings = KafkaSettings(bootstrap_servers=broker.bootstrap, prefix=topic_prefix)
    topic = f"{topic_prefix}breakwater.authored"

    async def send() -> None:
        sender = Sender(settings, largest=1_000_000)
        await sender.open()
        for turn in range(EACH):
            size = 300_000 if turn % 2 == 0 else 10
            sender.send(
                0,
                [
                    Outgoing(topic, place, None, b"%d," % turn + b"x" * size)
                    for place in ((0, 1) if turn % 2 == 0 else (1, 0))
                ],
            )
        await sender.delivered(0)
        await sender.close()

    with deployed(broker.bootstrap, topic_prefix, tmp_path, partitions=2) as deployment:
        asyncio.run(send())
        came: dict[int, list[int]] = {0: [], 1: []}
        for message in deployment.messages("breakwater.authored"):
            came[message.partition].append(int(message.value.split(b",")[0]))
        assert came == {0: list(range(EACH)), 1: list(range(EACH))}
