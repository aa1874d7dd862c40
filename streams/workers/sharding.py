"""The shard stage on Kafka: alert revisions for everybody, what was looked at for the learner, and what it says to that.

The learner's records are one partition that every worker reads whole. Where they are not heard of for a minute (a setting), a
live shard goes on by what it knows: it writes so in its checkpoint before it does, so that it says the same after a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import inf
from time import monotonic, time
from typing import Final
from weakref import WeakKeyDictionary

import faust

from alerts.alert import Revision
from alerts.chunk import Chunk
from streams.kafka.names import ALERTS, CASES, CONTROL, EVIDENCE, SIGNALS, Stage, full
from streams.kafka.options import Idle, KafkaSettings
from streams.stages.control import EPOCH_S, ControlRecord
from streams.stages.shard import ShardStage
from streams.stages.signals import mark_body
from streams.status import WorkerStatus
from streams.workers.following import Follower
from streams.workers.place import placing
from streams.workers.stateful import Held, StatefulHost
from streams.workers.transactions import Outgoing

_LIVE_S: Final = 3_600.0
"""How old what is to be handled may be for a shard to go on alone: in a replay it waits."""

log = logging.getLogger(__name__)


class _Waiting:
    """Since when a shard waits at a tick and whether that was told, when it went on alone last, and the last mark of its
    own that it sent.
    """

    def __init__(self) -> None:
        self.tick: int | None = None
        self.since = self.alone_at = -inf
        self.marked = -1
        self.is_told = False


class ShardHost(StatefulHost[list[Revision]]):
    """The shards of one worker: what they say are alert revisions, each written exactly once."""

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
        super().__init__(app, settings, Stage.SHARD, topic, state, placing(make, release), status)
        self.followed = full(settings, CONTROL)
        self._follower = Follower(settings, self.followed, 1)
        self._changes: list[ControlRecord] = []
        self._newest: ControlRecord | None = None
        self._heard_at = monotonic()
        self._waiting: WeakKeyDictionary[ShardStage, _Waiting] = WeakKeyDictionary()

    async def start(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        await super().start()
        await self._follower.open()

    async def close(self) -> None:
        """Write a last checkpoint, and let go of connections."""
        await super().close()
        await self._follower.close()

    async def follow_for_ever(self) -> None:
        """Hear what the learner says, until the app stops; an error ends the process."""
        while not self.app.should_stop:
            try:
                if self.holding.is_closed:
                    return
                if not self.holding.held:
                    await self.app.sleep(0.1)
                    continue
                for one in await self._follower.take():
                    self._hear(ControlRecord.read(one.value))
                for held in list(self.holding.held.values()):
                    await self.advance(held)
                    self._go_on_alone(held)
            except Exception as error:
                if self.holding.is_closed:
                    return
                await self.app.crash(error)
                raise

    async def advance(self, held: Held[list[Revision]]) -> None:
        """Let a shard handle what it can, by what the learner has said."""
        if not held.place.is_filling:
            control, newest = _stage(held).control, self._newest
            if newest is not None and newest.number > control.number:
                for record in self._changes:
                    control.take(record)
                control.take(newest)
        await super().advance(held)

    async def handle(self, held: Held[list[Revision]], out: list[Revision]) -> None:
        """Keep the revisions and evidence that are new for the next commit, which comes at once, and what the learner is told."""
        held.pending += [one for one in out if not held.place.checkpoints.was_told(one.id, one.revision)]
        stage = _stage(held)
        held.evidence += [one for one in stage.take_evidence() if not held.place.checkpoints.was_told(*one.told)]
        if held.pending or held.evidence:
            self.wake()
        waiting = self._waiting.setdefault(stage, _Waiting())
        signals = full(self.settings, SIGNALS)
        held.beside += [Outgoing(signals, held.number, None, one.body) for one in stage.looks.drain()]
        if stage.mark // EPOCH_S > waiting.marked // EPOCH_S:
            waiting.marked = stage.mark
            held.beside.append(Outgoing(signals, held.number, None, mark_body(stage.mark)))
            held.place.touch()
            held.hurries |= stage.held_at is not None or stage.ended

    def written(self, held: Held[list[Revision]], pending: list[Revision], evidence: list[Chunk]) -> list[Outgoing]:
        """What the revisions rest on, the revisions, and the newest of each alert."""
        alerts, rests_on, cases = (full(self.settings, name) for name in (ALERTS, EVIDENCE, CASES))
        newest = {one.id: one for one in pending}
        return [
            *(Outgoing(rests_on, held.number, one.alert.encode(), one.body) for one in evidence),
            *(Outgoing(alerts, held.number, one.id.encode(), one.body) for one in pending),
            *(Outgoing(cases, held.number, one.id.encode(), one.body) for one in newest.values()),
        ]

    def saved(self, held: Held[list[Revision]]) -> int:
        """Up to which tick the shard goes on alone by the checkpoint that was just made."""
        return _stage(held).control.alone[1]

    async def committed(self, held: Held[list[Revision]], saved: int) -> None:
        """That is safe now, so it may."""
        if _stage(held).control.go_alone(saved):
            await self.advance(held)

    def _hear(self, record: ControlRecord) -> None:
        self._heard_at = monotonic()
        self._newest = record
        if record.changed:
            self._changes.append(record)

    def _go_on_alone(self, held: Held[list[Revision]]) -> None:
        """Where a live shard has waited for so long, plan that it goes on, and have that saved."""
        stage, now = _stage(held), monotonic()
        waiting = self._waiting.setdefault(stage, _Waiting())
        tick = None if held.place.is_filling else stage.held_at
        if tick != waiting.tick:
            # Who went on alone until here, and has heard nothing since, need not wait again.
            goes_on = tick == stage.control.alone[1] and self._heard_at < waiting.alone_at
            waiting.tick, waiting.since, waiting.is_told = tick, -inf if goes_on else now, False
        limit_s = self.settings.learner_wait_s
        if tick is None or now - waiting.since < limit_s:
            return
        if self.settings.idle is not Idle.CLOCK or time() - tick > _LIVE_S:
            if not waiting.is_told:
                waiting.is_told = True
                log.warning("Shard %d waits for the learner; see that `breakwater worker learner` runs.", held.number)
            return
        if stage.go_on_alone():
            waiting.alone_at = now
            log.warning("Nothing was heard of the learner for %.0f s; shard %d goes on alone.", limit_s, held.number)
            held.hurries = True
            self.wake()


def _stage(held: Held[list[Revision]]) -> ShardStage:
    stage = held.place.keeper
    if not isinstance(stage, ShardStage):
        raise TypeError(f"{type(stage).__name__} is no shard")
    return stage
