"""The shard stage: windows, gate, deep look and episodes of the subjects of one partition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Final, TypeVar

from alerts.alert import Engine, Revision, write
from alerts.chunk import Chunk
from alerts.episode import Episode
from alerts.record import MINUTE_S
from detectors.hostility import HostilityModel, load_model
from detectors.look import Finding
from detectors.model import Model
from detectors.reading import Reader
from detectors.slow import SLOW_WINDOWS_S
from detectors.watch import Watch
from graph.columns import Array, Batch
from graph.interactions import INTERACTION_SCHEMA
from graph.window import Window
from streams.frames import END_TICK, Frame
from streams.stages.attributing import Attributing, reading_with
from streams.stages.cases import Cases
from streams.stages.control import EPOCH_S, Control
from streams.stages.order import TickBuffer, Ticks
from streams.stages.recording import Recording
from streams.stages.shard_state import ShardLive, Subject
from streams.stages.signals import Looks
from streams.stages.taken_back import TakenBack
from streams.stages.watching import LONGEST_S, ShardCounts, Watching
from streams.state import Checkpoint, Saved, decode, encode

__all__ = ["LONGEST_S", "ShardCounts", "ShardStage", "ShardStatus"]

_ALONE: Final = ("learner",)
"""What an alert does without when nothing is heard of the learner."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class ShardStatus:
    """How a shard stands, for metrics.

    Attributes
    ----------
    tick : the first one that it has not handled
    counts : what it did so far
    rows, subjects, ties, calls : in its window
    watched, open_episodes : how many there are now
    is_alone : whether it goes on though nothing is heard of the learner
    """

    tick: int
    counts: ShardCounts
    rows: int
    subjects: int
    ties: int
    calls: int
    watched: int
    open_episodes: int
    is_alone: bool


class ShardStage:
    """One partition of subjects.

    Parameters
    ----------
    sources
        How many authors partitions send frames to it.
    model
        Figures and weights of the verdict.
    engine
        What alerts say of the program.
    salt
        Secret that text hashes are salted with.
    hostility
        How hostile texts are; by the shipped model unless another is given.
    waits
        Whether it waits for what the learner says before it goes on.
    evidence, evidence_text
        Whether what episodes rest on is wanted too, and whether with texts.
    """

    def __init__(
        self,
        sources: int,
        model: Model,
        engine: Engine,
        salt: str,
        hostility: HostilityModel | None = None,
        *,
        waits: bool = False,
        evidence: bool = False,
        evidence_text: bool = True,
    ) -> None:
        self._buffer = TickBuffer(sources, "seq", ordered=True)
        self._engine = engine
        self.counts = ShardCounts()
        self.window = Window(LONGEST_S, SLOW_WINDOWS_S[-1])
        self._recording = Recording(self.window, texts=evidence_text) if evidence else None
        self._chunks: list[Chunk] = []
        self._cases = Cases(self.window, model, salt, self._recording)
        read = reading_with(Reader(hostility or load_model()))
        self._watching = Watching(self.window, model, read, self.counts)
        self._attributing = Attributing(self.window, read)
        self._taken_back = TakenBack(self.window, salt, read)
        self.on_finding: Callable[[Finding], None] | None = None
        """Told of every look's finding, for those who learn from them."""
        self.looks = Looks(model)
        """What it looked at, until somebody takes that."""
        self.control = Control(model, waits=waits)
        self._begin_ms = 0
        self.tick = 0
        """The first tick that was not handled yet."""

    @property
    def watched(self) -> int:
        """How many subjects are watched."""
        return len(self._watching)

    @property
    def episodes(self) -> list[Episode]:
        """The episodes that are not over."""
        return [episode for episode in self._cases if not episode.is_over]

    @property
    def status(self) -> ShardStatus:
        """How it stands."""
        return ShardStatus(
            tick=self.tick,
            counts=self.counts,
            rows=len(self.window.ring),
            subjects=self.window.subjects,
            ties=self.window.ties,
            calls=self.window.calls,
            watched=self.watched,
            open_episodes=len(self.episodes),
            is_alone=self.control.is_alone(self.tick),
        )

    @property
    def needs_tick(self) -> int:
        """The first tick of which rows are needed when it is restored."""
        return self.tick - LONGEST_S

    @property
    def ended(self) -> bool:
        """Whether every source has come to its end."""
        return self._buffer.until == END_TICK

    def save(self, number: int, oldest: int) -> Saved:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""
        live = ShardLive(
            progress=self._buffer.save(),
            tick=self.tick,
            begin_ms=self._begin_ms,
            first=self.window.ring.first,
            end=self.window.ring.end,
            watches=self._watching.looks,
            slow=self._watching.slow,
            episodes=self._cases.subjects,
            taken_back=self._taken_back.told,
            control=self.control.state,
        )
        parts = self._cases.save(number, oldest) | self._watching.save(number, oldest)
        return Saved(self.window.save(number, oldest), encode(live), parts)

    def load(self, checkpoint: Checkpoint) -> None:
        """Take back what a checkpoint holds; checkpoints come in the order of their numbers."""
        number, saved = checkpoint.number, checkpoint.saved
        self.window.load(saved.tables, number)
        self._cases.load(saved.parts, number)
        self._watching.load(saved.parts, number)

    def resume(self, live: bytes) -> None:
        """Go on from the newest checkpoint, after `load` and after the frames of the window were fed again."""
        was = decode(live, ShardLive)
        rows = self._buffer.resume(was.progress, was.tick - LONGEST_S)
        rows = rows.take(rows["subject"] >= 0) if rows.columns else Batch.empty(INTERACTION_SCHEMA)
        self.window.refill(rows, was.first, was.end)
        self.tick, self._begin_ms = was.tick, was.begin_ms
        self._watching.resume(was.watches, was.slow)
        self._cases.resume(was.episodes)
        self._taken_back.resume(was.taken_back)
        self.control.state = was.control
        if was.control.in_force is not None:
            self._use(self.control.model)

    def feed(self, frame: Frame) -> None:
        """Take a frame of interactions from an authors partition."""
        self._buffer.feed(frame)

    @property
    def mark(self) -> int:
        """The first tick that was not handled; `END_TICK` when no more will come."""
        return END_TICK if self.ended else self.tick

    @property
    def held_at(self) -> int | None:
        """The tick before which it waits for the learner, though more is there to be handled; None if it does not."""
        limit = self._limit
        waits = self._buffer.until >= limit and self._buffer.complete > limit and not self.ended
        return limit if waits else None

    def go_on_alone(self) -> bool:
        """Nothing is heard of the learner: go on by what is known to the end of the epoch of what is there, once that
        has been saved and `control.go_alone` is called. False if that was planned already.
        """
        newest = min(self._buffer.complete, self._buffer.newest_tick + 1)
        return self.control.plan_alone(self._limit, (newest // EPOCH_S + 1) * EPOCH_S)

    def advance(self) -> list[Revision]:
        """Handle every tick that is complete and for which it is known by what to judge; the revisions that were due, by
        tick, id and revision.
        """
        revisions: list[Revision] = []
        while True:
            model = self.control.switch(self.tick)
            if model is not None:
                self._use(model)
            ticks = self._buffer.take(self._limit)
            if ticks is None:
                break
            revisions += self._handle(ticks)
        return sorted(revisions, key=lambda one: (one.tick, one.id, one.revision))

    @property
    def _limit(self) -> int:
        return self.control.limit(self.tick, self._buffer.begin_ms)

    def take_evidence(self) -> list[Chunk]:
        """The evidence that was due since the last call, by tick, alert, revision and part."""
        chunks, self._chunks = sorted(self._chunks, key=lambda one: one[:4]), []
        return chunks

    def _use(self, model: Model) -> None:
        self._watching.use(model)
        self._engine = replace(self._engine, model=model.name)

    def _handle(self, ticks: Ticks) -> list[Revision]:
        self._begin_ms = ticks.begin_ms
        until = ticks.until if ticks.until != END_TICK else max(self.tick, ticks.newest_ms // 1000 + 1)
        candidates = self._add(ticks.batch)
        due = {self._watching.key(subject) for subject in self._cases.waiting(until)}
        revisions: list[Revision] = []
        for key in sorted(set(candidates) | set(self._watching.due) | due):
            revisions.extend(self._subject(key, candidates.get(key), until))
        for subject in self._cases.erasing(until):
            self._tell_erased(subject, until)
        self._watching.due.clear()
        self.tick = until
        if self.window.gone or self.window.gone_items:
            self._watching.forget(self._taken_back.items)
            self._cases.forget(self.window.gone_items)
            self._taken_back.erase()
        self._let_go(until)
        for revision in revisions:
            if revision.revision == 1:
                self.counts.alerts[revision.verdict] += 1
        return revisions

    def _add(self, batch: Batch) -> dict[int, Array]:
        """Take rows into the window; for each watched subject with rows the ticks at which the gate lets it pass."""
        if not len(batch.columns) or not len(batch):
            return {}
        self.counts.rows += len(batch)
        deletes, first_new = batch["subject"] < 0, self.window.ring.end
        here = batch.take(~deletes) if deletes.any() else batch
        added = self.window.add(here) if len(here) else None
        if self._taken_back or deletes.any():
            self._taken_back.take(batch.take(deletes), first_new)
            self._cases.take_back(self.window.gone_items)
        return {} if added is None else self._watching.add(added, self._begin_ms)

    def _subject(self, key: int, passing: Array | None, until: int) -> Iterator[Revision]:
        """Take one subject through all ticks before `until`, in order."""
        watch, subject = self._watching[key], self._watching.subject(key)
        episode = self._cases.get(subject)
        gates = iter([] if passing is None else passing.tolist())
        gate = next(gates, END_TICK)
        slow = self._watching.due.get(key, iter(()))
        thin = next(slow, None)
        while True:
            timer = END_TICK if episode is None or episode.next_tick is None else episode.next_tick
            tick = min(gate, timer, END_TICK if thin is None else thin.tick)
            if tick >= until:
                return
            self._tell_erased(subject, tick)
            looked = False
            finding: Finding | None = None
            under_way = episode if episode is not None and not episode.is_over else None
            if thin is not None and tick == thin.tick:
                if under_way is None or under_way.is_slow:
                    looked, finding = True, self._timed(thin.take)
                thin = next(slow, None)
            if tick == gate:
                gate = next(gates, END_TICK)
                fast = under_way is not None and not under_way.is_slow
                if watch.due(tick, fast):
                    looked = True
                    found = self._timed(partial(self._look, watch, under_way if fast else None, tick))
                    finding = found or finding
            if finding is not None:
                if self.on_finding is not None:
                    self.on_finding(finding)
                episode = self._cases.take(subject, finding)
            events = None
            if episode is not None and (looked or tick == timer):
                self._cases.touch(subject)
                events = self._go_on(watch, episode, tick)
            self.looks.note(finding, episode, tick, told=events is not None)
            if episode is not None and events is not None:
                yield self._tell(watch, episode, tick, events)

    def _tell(self, watch: Watch, episode: Episode, tick: int, events: list[str]) -> Revision:
        """The revision that is due, after which the evidence is made ready that goes with it."""
        revision = write(episode, tick, events, self._engine, _ALONE if self.control.is_alone(tick) else ())
        if self._recording is not None and episode.record is not None:
            self._chunks += self._recording.tell(watch, episode, episode.record, tick)
        return revision

    def _go_on(self, watch: Watch, episode: Episode, tick: int) -> list[str] | None:
        """What an episode has come to at the end of a tick: the events of the revision that is due, or None."""
        if not episode.is_over:
            self._cases.count(watch, episode, tick, self._known_ms(tick))
        minutes = episode.minutes_due(tick)
        if minutes:
            if self._recording is not None and episode.record is not None:
                self._recording.note(watch, episode, episode.record, tick)
            episode.on_minutes(tick, [watch.count_between(end - MINUTE_S, end) for end in minutes])
        self._attributing.take(watch, episode, tick)
        return episode.revise(tick)

    def _tell_erased(self, subject: Subject, before: int) -> None:
        """Tell what has to be told before a tick of texts that were taken back."""
        episode = self._cases.get(subject)
        record = None if episode is None else episode.record
        while record is not None and record.due is not None and record.due < before:
            self._cases.touch(subject)
            if episode is not None and self._recording is not None:
                self._chunks += self._recording.tell_erased(episode, record, record.due)

    def _look(self, watch: Watch, under_way: Episode | None, tick: int) -> Finding | None:
        """What a look finds; None if it finds that no episode can open, for the crowd is elsewhere."""
        if under_way is None and watch.belongs_elsewhere(tick):
            return None
        return watch.look(tick, None if under_way is None else under_way.opening, self._known_ms(tick))

    def _timed(self, look: Callable[[], _Found]) -> _Found:
        began = perf_counter()
        found = look()
        self.counts.looks += 1
        self.counts.look_seconds += perf_counter() - began
        return found

    def _known_ms(self, tick: int) -> int:
        """For how long the log has run at the end of a tick."""
        return (tick + 1) * 1000 - self._begin_ms

    def _let_go(self, tick: int) -> None:
        self._cases.let_go(tick)
        busy = {self._watching.key(subject) for subject in self._cases.waiting()}
        self._taken_back.expire(tick)
        self.window.expire(tick)
        self._watching.let_go(tick, busy)
