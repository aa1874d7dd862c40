"""The stages with state on Kafka: authors, shard and learner."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import inf
from time import monotonic
from typing import Any, Generic, TypeVar

import faust
from faust.types import TP

from alerts.alert import Revision
from alerts.chunk import Chunk
from streams.kafka.names import MAX_STATE_BYTES, Stage, transactional_id
from streams.kafka.options import KafkaSettings
from streams.state.checkpoint import Record
from streams.status import WorkerStatus
from streams.workers.app import commit_offsets
from streams.workers.gaps import Gap, in_turn
from streams.workers.holding import Holding
from streams.workers.offsets import Offsets
from streams.workers.place import BasePlace
from streams.workers.transactions import Outgoing, PartitionStore

log = logging.getLogger(__name__)

Out = TypeVar("Out")


@dataclass(slots=True)
class Held(Generic[Out]):
    """An open partition: where it stands, its state's store, and what is to be written.

    Attributes
    ----------
    pending, evidence : revisions and what they rest on, with the next commit, which comes at once
    beside : records that go with the next checkpoint
    hurries : whether that should come at once
    """

    number: int
    place: BasePlace[Out]
    store: PartitionStore
    pending: list[Revision] = field(default_factory=list)
    evidence: list[Chunk] = field(default_factory=list)
    beside: list[Outgoing] = field(default_factory=list)
    hurries: bool = False
    gap: Gap = field(default_factory=Gap)
    is_noted: bool = False
    saved_at: float = field(default_factory=monotonic)


class StatefulHost(ABC, Generic[Out]):
    """A stage's partitions in one worker.

    Parameters
    ----------
    app, settings, stage
        Whose they are.
    topic, state
        What is read, and where state lies; with the prefix.
    make
        Takes a partition over by its number, the records of its state and the offset of its oldest message.
    status
        Where the stage notes how it stands.
    """

    def __init__(
        self,
        app: faust.App,
        settings: KafkaSettings,
        stage: Stage,
        topic: str,
        state: str,
        make: Callable[[int, list[Record], int], BasePlace[Out]],
        status: WorkerStatus,
    ) -> None:
        self.app, self.settings, self.stage = app, settings, stage
        self.topic, self._state, self._make = topic, state, make
        self.worker, self.status = status, status.stages[stage]
        self.holding: Holding[Held[Out]] = Holding(
            app, self.start, self._open, self._close, self.status, lambda place: place.partition
        )
        self.offsets = Offsets(settings)
        self._wake = asyncio.Event()

    async def take(self, messages: Iterable[Any]) -> None:
        """Take messages of any of the partitions, as they came."""
        by_place: dict[TP, list[Any]] = defaultdict(list)
        for message in messages:
            by_place[message.tp].append(message)
        for place, ours in by_place.items():
            held = await self.holding.of(place)
            if held is not None:
                await self._handle(held, ours)

    async def commit_for_ever(self) -> None:
        """Commit what is due, until the app stops; an error ends the process."""
        while not self.app.should_stop:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), min(1.0, self.settings.checkpoint_s))
            self._wake.clear()
            async with self.holding.lock:
                if self.holding.is_closed:
                    return
                try:
                    await self._commit_due()
                except Exception as error:
                    await self.app.crash(error)
                    raise

    async def _handle(self, held: Held[Out], messages: list[Any]) -> None:
        place, status = held.place, self.status
        for message in await in_turn(messages, place.next_offset, partial(self.first_from, held.number), held.gap):
            place.skip_to(message.offset)
            status.rows_in += place.take(message.offset, message.value)
            status.frames_in += 1
        self._note(held)
        await self.advance(held)
        await asyncio.sleep(0)

    async def first_from(self, number: int, offset: int) -> int | None:
        """The offset of the first message of a partition from one on: frames follow each other without a hole."""
        return offset

    async def advance(self, held: Held[Out]) -> None:
        """Let a partition handle what it can."""
        place = held.place
        out = place.advance()
        if out is not None:
            await self.handle(held, out)
        if held.hurries or (place.keeper.ended and place.is_dirty):
            self._wake.set()

    def _note(self, held: Held[Out]) -> None:
        if held.place.is_filling:
            self.status.restoring(held.number, held.place.left_to_fill)
        elif not held.is_noted:
            held.is_noted = True
            self.status.restored(held.number)

    async def refresh(self) -> None:
        """Note how far behind each partition is; `RuntimeError` where messages are missing."""
        if self.holding.is_closed:
            return
        ends = await self.offsets.ends(self.holding.held)
        for place, held in self.holding.held.items():
            held.gap.check(f"{place.topic}, partition {held.number}")
            self.status.move(held.number, held.place.next_offset, ends.get(place, held.place.next_offset))

    async def _commit_due(self) -> None:
        now = monotonic()
        due = [held for held in self.holding.held.values() if self._is_due(held, now)]
        results = await asyncio.gather(*(self._commit(held, now) for held in due), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        offsets = {
            TP(self.topic, held.number): (held.place.checkpoints.manifest.start, "")
            for held in due
            if held.place.checkpoints.manifest is not None
        }
        if offsets:
            await commit_offsets(self.app, offsets)
        self.status.commit()

    def _is_due(self, held: Held[Out], now: float) -> bool:
        place = held.place
        if held.pending or held.evidence or held.hurries:
            return True
        return place.is_dirty and (now - held.saved_at >= self.settings.checkpoint_s or place.keeper.ended)

    async def _commit(self, held: Held[Out], now: float) -> None:
        place = held.place
        is_first = place.checkpoints.manifest is None
        is_whole = is_first or held.hurries or place.keeper.ended or now - held.saved_at >= self.settings.checkpoint_s
        pending, held.pending = held.pending, []
        evidence, held.evidence = held.evidence, []
        beside: list[Outgoing] = []
        records: list[Record]
        if is_whole:
            records, held.saved_at, held.hurries = place.save(), now, False
            beside, held.beside = held.beside, []
        else:
            told = [*((one.id, one.revision) for one in pending), *(one.told for one in evidence)]
            records = [place.checkpoints.tell(told)]
        saved = self.saved(held)
        await self.delivered(held)
        await held.store.commit(records, [*self.written(held, pending, evidence), *beside])
        self.worker.alerts.update(one.verdict for one in pending if one.revision == 1)
        if is_whole:
            await self.committed(held, saved)

    async def _open(self, place: TP) -> Held[Out]:
        number = place.partition
        store = PartitionStore(
            self.settings,
            transactional_id(self.settings, self.stage, number),
            self._state,
            number,
            largest=MAX_STATE_BYTES,
        )
        try:
            records = await store.open()
            beginning = (await self.offsets.beginnings([place]))[place]
            held = Held(number, self._make(number, records, beginning), store)
            self._note(held)
            return held
        except BaseException:
            await store.close()
            raise

    async def _close(self, held: Held[Out]) -> None:
        await held.store.close()

    async def start(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        await self.offsets.open()

    async def close(self) -> None:
        """Write a last checkpoint, so that the next owner has little to do, and let go of connections."""
        async with self.holding.lock:
            self.holding.is_closed = True
            for held in self.holding.held.values():
                held.saved_at = -inf
            try:
                await self._commit_due()
            except Exception as error:  # noqa: BLE001 - the partitions may have gone to others already
                log.info("There was no last checkpoint: %s", error)
        await self.holding.let_go()
        await self.offsets.close()

    def saved(self, held: Held[Out]) -> int:
        """What `committed` is to be told of a checkpoint that was just made."""
        return 0

    async def committed(self, held: Held[Out], saved: int) -> None:
        """A checkpoint is safe; `saved` is what was to be told of it."""

    @abstractmethod
    async def handle(self, held: Held[Out], out: Out) -> None:
        """Do with what a stage said what is to be done."""

    async def delivered(self, held: Held[Out]) -> None:
        """Wait until everything that was sent beside the transactions is safe."""

    def written(self, held: Held[Out], pending: list[Revision], evidence: list[Chunk]) -> list[Outgoing]:
        """What goes into the transaction beside the state."""
        return []

    def wake(self) -> None:
        """Commit soon."""
        self._wake.set()
