"""The ingest stage on Kafka: the source partitions of one worker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, Final

import faust
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition
from faust.types import TP

from streams.frames import TICK_MS, Frame
from streams.kafka.connection import client_arguments, started
from streams.kafka.names import AUTHORED, REJECTED, Stage, full, group, is_end, largest_refusal
from streams.kafka.options import Idle
from streams.notices import to_authors
from streams.settings import Settings
from streams.status import WorkerStatus
from streams.wire import Refusal, encode_refusal
from streams.workers.app import commit_offsets
from streams.workers.gaps import Gap, in_turn
from streams.workers.holding import Holding
from streams.workers.offsets import Offsets
from streams.workers.sending import Sender, dealt
from streams.workers.source import Message, SourcePartition, read_position
from streams.workers.transactions import Outgoing

log = logging.getLogger(__name__)

_COMMIT_S: Final = 1.0
_QUIET_S: Final = 1.0
_UNSURE_S: Final = 30.0
_LIVE_MS: Final = 3_600_000
"""How old the newest event of all sources may be for the clock to stand in for silent ones."""


@dataclass(slots=True)
class HeldSource:
    """An open source partition."""

    number: int
    source: SourcePartition
    committed: tuple[int, str] | None = None
    came_at: float = field(default_factory=monotonic)
    gap: Gap = field(default_factory=Gap)
    unsure_since: float | None = None


class IngestHost:
    """The source partitions of one worker.

    Parameters
    ----------
    app, settings
        Whose they are.
    numbers
        The number of every source.
    authors
        How many partitions the authors stage has.
    status
        Where events are counted, and the stage notes how it stands.
    """

    def __init__(
        self, app: faust.App, settings: Settings, numbers: Mapping[TP, int], authors: int, status: WorkerStatus
    ) -> None:
        self.app, self.settings = app, settings
        self._numbers, self._authors, self._summary = numbers, authors, status.summary
        self.worker, self.status = status, status.stages[Stage.INGEST]
        self.holding: Holding[HeldSource] = Holding(
            app, self.start, self._open, self._close, self.status, numbers.__getitem__
        )
        kafka = settings.kafka
        self.sender = Sender(kafka, largest=largest_refusal(kafka))
        self.offsets = Offsets(kafka)
        self._turn = asyncio.Lock()
        self._admin: AIOKafkaAdminClient | None = None

    async def take(self, messages: Iterable[Any]) -> None:
        """Take messages of any of the partitions, as they came."""
        by_place: dict[TP, list[Any]] = defaultdict(list)
        for message in messages:
            by_place[message.tp].append(message)
        for place, ours in by_place.items():
            held = await self.holding.of(place)
            if held is None:
                continue
            async with self._turn:
                if held.unsure_since is not None:
                    continue
                wanted = await self._in_order(place, held, ours)
                sent = self._handle(held, wanted) if wanted else None
            if sent is not None:
                await sent

    async def commit_for_ever(self) -> None:
        """Commit positions, and let the clock stand in for silent sources, until the app stops."""
        while not self.app.should_stop:
            await self.app.sleep(_COMMIT_S)
            async with self.holding.lock:
                if self.holding.is_closed:
                    return
                try:
                    await self._commit()
                    if self.settings.kafka.idle is Idle.CLOCK and self.holding.held:
                        await self._carry()
                except Exception as error:
                    await self.app.crash(error)
                    raise

    async def start(self) -> None:
        """Connect; `UnavailableError` when no broker answers."""
        kafka = self.settings.kafka
        await self.sender.open()
        await self.offsets.open()
        self._admin = await started(lambda: AIOKafkaAdminClient(**client_arguments(kafka)), kafka)

    async def refresh(self) -> None:
        """Note how far behind each partition is; `RuntimeError` where messages are missing."""
        if self.holding.is_closed:
            return
        ends = await self.offsets.ends(self.holding.held)
        for place, held in self.holding.held.items():
            held.gap.check(f"{place.topic}, partition {place.partition}")
            position = held.source.next_offset
            self.status.move(held.number, position, ends.get(place, position))

    async def close(self) -> None:
        """Commit positions once more, and let go of connections."""
        async with self.holding.lock:
            self.holding.is_closed = True
            try:
                await self._commit()
            except Exception as error:  # noqa: BLE001 - the partitions may have gone to others already
                log.info("Positions were not committed at the end: %s", error)
        await self.holding.let_go()
        if self._admin is not None:
            await self._admin.close()
        await self.offsets.close()
        await self.sender.close()

    def _handle(self, held: HeldSource, messages: list[Message]) -> asyncio.Task[None] | None:
        frames, refusals = held.source.take(messages)
        newest_ms = held.source.ingest.clock.newest_ms
        self.worker.newest_ms = max(self.worker.newest_ms, newest_ms or 0)
        self.status.frames_in += len(messages)
        self.status.rows_out += sum(len(frame.batch) for frame in frames)
        held.came_at = monotonic()
        for refusal in refusals:
            self._summary.refuse(refusal)
        records = [*self._refused(refusals), *self._dealt(frames)]
        self.status.frames_out += len(records)
        return self.sender.send(held.number, records) if records else None

    def _dealt(self, frames: Iterable[Frame]) -> list[Outgoing]:
        kafka = self.settings.kafka
        topic = full(kafka, AUTHORED)
        return [
            record
            for frame in frames
            for record in dealt(frame, to_authors, topic, self._authors, kafka.max_message_bytes)
        ]

    def _refused(self, refusals: Iterable[Refusal]) -> list[Outgoing]:
        topic = full(self.settings.kafka, REJECTED)
        return [Outgoing(topic, None, None, encode_refusal(refusal)) for refusal in refusals]

    async def _in_order(self, place: TP, held: HeldSource, messages: list[Any]) -> list[Message]:
        """The messages that are next, in order; what was taken before, or is not the next one, is left aside."""
        wanted: list[Message] = []
        for one in await in_turn(messages, held.source.next_offset, partial(self.offsets.first_from, place), held.gap):
            headers = one.headers.items() if isinstance(one.headers, Mapping) else one.headers or ()
            wanted.append(Message(one.offset, round(1000 * one.timestamp), one.value, is_end(one.value, headers)))
        return wanted

    async def _commit(self) -> None:
        due: dict[TP, tuple[int, str]] = {}
        for place, held in self.holding.held.items():
            if held.unsure_since is not None:
                self._wait_for_rebalance(place, held.unsure_since)
                continue
            position = held.source.position
            if position != held.committed:
                due[place] = position
        for place in due:
            await self.sender.delivered(self.holding.held[place].number)
        if due and await commit_offsets(self.app, due):
            for place, position in due.items():
                self.holding.held[place].committed = position
        self.status.commit()

    def _wait_for_rebalance(self, place: TP, since: float) -> None:
        """Nobody knows whether a mark of the clock was committed: nothing more is taken until the source is opened anew."""
        if monotonic() - since > _UNSURE_S:
            raise RuntimeError(
                f"A mark of {place.topic}/{place.partition} was not committed, and no rebalance followed."
            )

    async def _is_live(self, now_ms: int) -> bool:
        """Whether events of the present come, in any source: the clock says nothing of a replay."""
        if self._admin is None:
            return False
        committed = await self._admin.list_consumer_group_offsets(group(self.settings.kafka, Stage.INGEST))
        told = [read_position(one.metadata).progress.newest_ms for one in committed.values()]
        own = [held.source.ingest.clock.newest_ms for held in self.holding.held.values()]
        return max((newest_ms or 0 for newest_ms in (*told, *own)), default=0) > now_ms - _LIVE_MS

    async def _carry(self) -> None:
        """Move silent sources on by the clock: the mark is committed before anything relies on it."""
        now_ms = round(1000 * time.time())
        if not await self._is_live(now_ms):
            return
        ends = await self.offsets.ends(self.holding.held)
        async with self._turn:
            mark = (now_ms - 1000 * self.settings.allowed_lateness_s) // TICK_MS
            silent = {
                place: held
                for place, held in self.holding.held.items()
                if held.source.next_offset >= ends.get(place, 0)
                and monotonic() - held.came_at >= _QUIET_S
                and held.source.mark < mark
                and held.source.can_be_carried
                and held.unsure_since is None
            }
            if not silent:
                return
            for held in silent.values():
                held.source.carry(mark)
            await self._commit()
            for held in silent.values():
                if held.committed == held.source.position:
                    await self._carried(held)
                else:
                    held.unsure_since = monotonic()

    async def _carried(self, held: HeldSource) -> None:
        frames = held.source.carried()
        if frames:
            await self.sender.send(held.number, self._dealt(frames))

    async def _open(self, place: TP) -> HeldSource:
        if self._admin is None:
            raise RuntimeError("partitions cannot be opened before the host has started")
        where = TopicPartition(place.topic, place.partition)
        who = group(self.settings.kafka, Stage.INGEST)
        committed = await self._admin.list_consumer_group_offsets(who, partitions=[where])
        found = committed.get(where)
        known = found is not None and found.offset >= 0
        number = self._numbers[place]
        held = HeldSource(
            number,
            SourcePartition(
                self.settings,
                number,
                f"{place.topic}/{place.partition}",
                offset=found.offset if known and found is not None else None,
                metadata=found.metadata if known and found is not None else "",
                beginning=(await self.offsets.beginnings([place]))[place],
                summary=self._summary,
            ),
        )
        await self._carried(held)
        self.status.restored(number)
        return held

    async def _close(self, held: HeldSource) -> None:
        """Nothing to close: what was sent is sent."""
