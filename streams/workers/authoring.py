"""The authors stage on Kafka: frames for the shards."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import faust

from streams.frames import Frame
from streams.kafka.names import INTERACTIONS, Stage, full, largest_record
from streams.kafka.options import KafkaSettings
from streams.partition import by_subject
from streams.stages.authors import AuthorsStage
from streams.status import WorkerStatus
from streams.workers.place import BasePlace, placing
from streams.workers.sending import Sender, dealt
from streams.workers.stateful import Held, StatefulHost


class AuthorsHost(StatefulHost[Frame | None]):
    """The authors stage: what it says are frames for the shards."""

    def __init__(
        self,
        app: faust.App,
        settings: KafkaSettings,
        topic: str,
        state: str,
        make: Callable[[int], AuthorsStage],
        release: str,
        status: WorkerStatus,
        shards: int,
    ) -> None:
        super().__init__(app, settings, Stage.AUTHORS, topic, state, placing(make, release), status)
        self._shards = shards
        self._counted: WeakKeyDictionary[BasePlace[Frame | None], tuple[int, int]] = WeakKeyDictionary()
        self.sender = Sender(settings, largest=largest_record(settings))

    async def start(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        await super().start()
        await self.sender.open()

    async def close(self) -> None:
        """Write a last checkpoint, and let go of connections."""
        await super().close()
        await self.sender.close()

    async def handle(self, held: Held[Frame | None], out: Frame | None) -> None:
        """Send a frame to every shard."""
        if out is None:
            return
        stage, before = held.place.keeper, self._counted.get(held.place, (0, 0))
        if isinstance(stage, AuthorsStage):
            self._counted[held.place] = stage.accepted, stage.duplicates
            self.worker.summary.accepted += stage.accepted - before[0]
            self.worker.summary.duplicates += stage.duplicates - before[1]
        topic = full(self.settings, INTERACTIONS)
        records = dealt(out, by_subject, topic, self._shards, self.settings.max_message_bytes)
        self.status.frames_out += len(records)
        self.status.rows_out += len(out.batch)
        await self.sender.send(held.number, records)

    async def delivered(self, held: Held[Frame | None]) -> None:
        """Wait for the frames that were sent."""
        await self.sender.delivered(held.number)
