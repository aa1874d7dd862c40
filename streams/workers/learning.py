"""The learner on Kafka: decisions and what the shards looked at in, control records out, all in its checkpoints."""

from __future__ import annotations

from collections.abc import Callable

import faust
from faust.types import TP

from streams.kafka.names import CONTROL, SIGNALS, Stage, full
from streams.kafka.options import KafkaSettings
from streams.stages.control import ControlRecord
from streams.stages.learner import LearnerStage
from streams.state.checkpoint import Record
from streams.status import WorkerStatus
from streams.workers.following import Follower
from streams.workers.learner_place import LearnerPlace
from streams.workers.stateful import Held, StatefulHost
from streams.workers.transactions import Outgoing


class LearnerHost(StatefulHost[list[ControlRecord]]):
    """The learner, in the worker that was given the one partition of decisions.

    What the shards looked at is followed beside that, from where the checkpoint says.
    """

    def __init__(
        self,
        app: faust.App,
        settings: KafkaSettings,
        topic: str,
        state: str,
        make: Callable[[int], LearnerStage],
        release: str,
        status: WorkerStatus,
        shards: int,
    ) -> None:
        def place(number: int, records: list[Record], beginning: int) -> LearnerPlace:
            return LearnerPlace(make(number), release, records, beginning)

        super().__init__(app, settings, Stage.LEARNER, topic, state, place, status)
        self.followed = full(settings, SIGNALS)
        self._shards = shards
        self._follower: Follower | None = None
        self._behind: int | None = None

    async def follow_for_ever(self) -> None:
        """Take what the shards looked at, until the app stops; an error ends the process."""
        while not self.app.should_stop:
            if self.holding.is_closed:
                return
            held, follower = next(iter(self.holding.held.values()), None), self._follower
            if held is None or follower is None:
                await self.app.sleep(0.1)
                continue
            try:
                if not await self._is_caught_up(held):
                    await self.app.sleep(0.1)
                    continue
                found = await follower.take()
                if not found or follower is not self._follower:
                    continue
                place = _place(held)
                for one in found:
                    place.look(one.partition, one.offset, one.value)
                await self.advance(held)
            except Exception as error:
                if follower is not self._follower:
                    continue
                await self.app.crash(error)
                raise

    async def _is_caught_up(self, held: Held[list[ControlRecord]]) -> bool:
        """Whether the decisions are taken that were there when the partition was opened: they come before what the shards
        have looked at since.
        """
        if self._behind is None:
            return True
        next_offset = held.place.next_offset
        if next_offset < self._behind:
            following = await self.first_from(held.number, next_offset)
            if following is not None and following < self._behind:
                return False
        self._behind = None
        return True

    async def first_from(self, number: int, offset: int) -> int | None:
        """The offset of the first decision from one on: what a sender's transactions leave between them is passed over."""
        return await self.offsets.first_from(TP(self.topic, number), offset)

    async def handle(self, held: Held[list[ControlRecord]], out: list[ControlRecord]) -> None:
        """Write the records with a checkpoint that comes at once."""
        control = full(self.settings, CONTROL)
        held.beside += [Outgoing(control, 0, one.key, one.body) for one in out]
        held.hurries |= bool(out)

    async def _open(self, place: TP) -> Held[list[ControlRecord]]:
        held = await super()._open(place)
        follower = Follower(self.settings, self.followed, self._shards, _place(held).learner.positions)
        try:
            await follower.open()
            self._behind = (await self.offsets.ends([place]))[place]
        except BaseException:
            await follower.close()
            await super()._close(held)
            raise
        self._follower = follower
        return held

    async def _close(self, held: Held[list[ControlRecord]]) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            await follower.close()
        await super()._close(held)


def _place(held: Held[list[ControlRecord]]) -> LearnerPlace:
    if not isinstance(held.place, LearnerPlace):
        raise TypeError(f"{type(held.place).__name__} is no place of the learner")
    return held.place
