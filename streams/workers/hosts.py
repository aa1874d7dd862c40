"""What becomes of what the stages with state say: frames for the shards, alert revisions for everybody."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import faust

from alerts.alert import Revision
from streams.frames import Frame
from streams.kafka.names import ALERTS, CASES, INTERACTIONS, Stage, full, largest_record
from streams.kafka.options import KafkaSettings
from streams.partition import by_subject
from streams.stages.authors import AuthorsStage
from streams.stages.shard import ShardStage
from streams.status import WorkerStatus
from streams.workers.place import Place
from streams.workers.sending import Sender, dealt
from streams.workers.stateful import Held, StatefulHost
from streams.workers.transactions import Outgoing


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
        super().__init__(app, settings, Stage.AUTHORS, topic, state, make, release, status)
        self._shards = shards
        self._counted: WeakKeyDictionary[Place[Frame | None], tuple[int, int]] = WeakKeyDictionary()
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
        stage, before = held.place.stage, self._counted.get(held.place, (0, 0))
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


class ShardHost(StatefulHost[list[Revision]]):
    """The shard stage: what it says are alert revisions, each written exactly once."""

    def __init__(
        self,
        app: faust.App,
        settings: KafkaSettings,
        topic: str,
        state: str,
        make: Callable[[int], ShardStage],
        release: str,
        status: WorkerStatus,
    ) -> None:
        super().__init__(app, settings, Stage.SHARD, topic, state, make, release, status)

    async def handle(self, held: Held[list[Revision]], out: list[Revision]) -> None:
        """Keep the revisions that are new for the next commit, which comes at once."""
        held.pending += [one for one in out if not held.place.checkpoints.was_told(one.id, one.revision)]
        if held.pending:
            self.wake()

    def written(self, held: Held[list[Revision]], pending: list[Revision]) -> list[Outgoing]:
        """The revisions, and the newest of each alert."""
        alerts, cases = full(self.settings, ALERTS), full(self.settings, CASES)
        newest = {one.id: one for one in pending}
        return [
            *(Outgoing(alerts, held.number, one.id.encode(), one.body) for one in pending),
            *(Outgoing(cases, held.number, one.id.encode(), one.body) for one in newest.values()),
        ]
