"""The shard stage: windows, gate, deep look and episodes of the subjects of one partition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import numpy as np

from alerts.alert import Engine, Revision, write
from alerts.episode import MINUTE_S, Episode, EpisodeState, Participation, opens
from alerts.evidence import Erased, text_hash
from detectors.look import Finding
from detectors.model import Model
from detectors.signals import fresh_by_age
from detectors.slow import SLOW_WINDOWS_S, SlowState, SlowWatch
from detectors.surge import WINDOWS_S
from detectors.verdict import Outcome
from detectors.watch import Watch
from graph.columns import Array, Batch
from graph.events import NOT_PEOPLE, Flag
from graph.interactions import Act, Kind
from graph.summary import newcomers
from graph.window import Added, Window
from streams.frames import END_TICK, Frame
from streams.stages.order import TickBuffer
from streams.stages.shard_state import Parts, ShardLive
from streams.state import Checkpoint, Saved, decode, encode

LONGEST_S: Final = WINDOWS_S[-1]
TakenBack = dict[tuple[str | None, str | None], int]
"""The tick at which each item, by id and author, was taken back."""
_LATE, _MENDED = int(Flag.LATE), int(Flag.MENDED)


@dataclass(slots=True)
class ShardCounts:
    """What a shard did so far, for metrics."""

    rows: int = 0
    gate_passes: int = 0
    looks: int = 0
    look_seconds: float = 0.0
    alerts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))


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
    """

    def __init__(self, sources: int, model: Model, engine: Engine, salt: str) -> None:
        self._buffer = TickBuffer(sources, "seq", ordered=True)
        self._model, self._engine, self._salt = model, engine, salt
        self.window = Window(LONGEST_S, SLOW_WINDOWS_S[-1])
        self._watches: dict[int, Watch] = {}
        self._slow: dict[int, SlowWatch] = {}
        self._findings: dict[int, list[Finding]] = {}
        self._episodes: dict[tuple[int, str], Episode] = {}
        self._taken_back: TakenBack = {}
        self._episode_parts, self._slow_parts = Parts("episode/"), Parts("slow/")
        self._begin_ms = 0
        self.counts = ShardCounts()
        self.tick = 0
        """The first tick that was not handled yet."""

    @property
    def watched(self) -> int:
        """How many subjects are watched."""
        return len(self._watches)

    @property
    def episodes(self) -> list[Episode]:
        """The episodes that are not over."""
        return [episode for episode in self._episodes.values() if not episode.is_over]

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
        names = self.window.strings
        slow = {(key & 3, names[key >> 2]): watch for key, watch in self._slow.items()}
        live = ShardLive(
            progress=self._buffer.save(),
            tick=self.tick,
            begin_ms=self._begin_ms,
            first=self.window.ring.first,
            end=self.window.ring.end,
            watches=[(key & 3, names[key >> 2], watch.looked) for key, watch in self._watches.items()],
            slow=list(slow),
            episodes=list(self._episodes),
            taken_back=[(*item, tick) for item, tick in self._taken_back.items()],
        )
        episodes = self._episode_parts.to_save(live.episodes, number, oldest)
        parts = {name: encode(self._episodes[subject].state) for name, subject in episodes.items()}
        slowly = self._slow_parts.to_save(live.slow, number, oldest)
        parts |= {name: encode(slow[subject].state) for name, subject in slowly.items()}
        return Saved(self.window.save(number, oldest), encode(live), parts)

    def load(self, checkpoint: Checkpoint) -> None:
        """Take back what a checkpoint holds; checkpoints come in the order of their numbers."""
        number, parts = checkpoint.number, checkpoint.saved.parts
        self.window.load(checkpoint.saved.tables, number)
        self._episode_parts.load(parts, number)
        self._slow_parts.load(parts, number)

    def resume(self, live: bytes) -> None:
        """Go on from the newest checkpoint, after `load` and after the frames of the window were fed again."""
        was = decode(live, ShardLive)
        rows = self._buffer.resume(was.progress, was.tick - LONGEST_S)
        if rows.columns:
            rows = rows.take(rows["subject"] >= 0)
        self.window.refill(rows, was.first, was.end)
        self.tick, self._begin_ms = was.tick, was.begin_ms
        for kind, subject, looked in was.watches:
            key = self._key(kind, subject)
            watch = self._watches[key] = Watch(self.window, key, self._model)
            watch.add(self.window.rows_of(key))
            watch.looked = looked
        for kind, subject in was.slow:
            key = self._key(kind, subject)
            self._slow[key] = SlowWatch(self.window, key, self._model)
            self._slow[key].state = decode(self._slow_parts.take((kind, subject)), SlowState)
        for name in was.episodes:
            state = decode(self._episode_parts.take(name), EpisodeState)
            self._episodes[name] = Episode.restored(state, self._model, self._salt)
        self._taken_back = {(item, author): tick for item, author, tick in was.taken_back}
        if self._taken_back:
            self._erase_among(self._taken_back, self.window.ring.first)

    def _key(self, kind: int, subject: str) -> int:
        return self.window.strings.code(subject) * 4 + kind

    def feed(self, frame: Frame) -> None:
        """Take a frame of interactions from an authors partition."""
        self._buffer.feed(frame)

    def advance(self) -> list[Revision]:
        """Handle every tick that is complete; the revisions that were due, by tick, id and revision."""
        ticks = self._buffer.take()
        if ticks is None:
            return []
        self._begin_ms = ticks.begin_ms
        until = ticks.until if ticks.until != END_TICK else max(self.tick, ticks.newest_ms // 1000 + 1)
        candidates = self._add(ticks.batch)
        revisions: list[Revision] = []
        for key in sorted(set(candidates) | set(self._findings) | self._due(until)):
            revisions.extend(self._subject(key, candidates.get(key), until))
        self._findings.clear()
        self.tick = until
        self._let_go(until)
        for revision in revisions:
            if revision.revision == 1:
                self.counts.alerts[revision.verdict] += 1
        return sorted(revisions, key=lambda one: (one.tick, one.id, one.revision))

    def _add(self, batch: Batch) -> dict[int, Array]:
        """Take rows into the window; for each watched subject with rows the ticks at which the gate lets it pass."""
        if not len(batch.columns) or not len(batch):
            return {}
        self.counts.rows += len(batch)
        deletes, first_new = batch["subject"] < 0, self.window.ring.end
        here = batch.take(~deletes) if deletes.any() else batch
        candidates: dict[int, Array] = {}
        if len(here):
            added = self.window.add(here)
            self._add_slowly(added)
            candidates = self._add_to_watches(added)
        if self._taken_back or deletes.any():
            self._erase(batch.take(deletes), first_new)
        return candidates

    def _add_slowly(self, added: Added) -> None:
        """Take newcomers at accounts into their summaries, and note what looks at those found. Threads do not live so
        long, and at a community there is always somebody new.
        """
        of_accounts = added.subjects & 3 == Kind.ACCOUNT
        begins = of_accounts & np.logical_or.reduceat(added.slow, added.starts)
        keys, summaries = added.subjects.tolist(), self._slow
        concerned = begins | of_accounts & np.array([key in summaries for key in keys], bool)
        sizes = added.ends - added.starts
        came = np.flatnonzero(np.repeat(concerned, sizes) & self.window.ring.column("slow_newcomer", added.numbers))
        if not len(came):
            return
        slow = newcomers(self.window, added.numbers[came], added.slow[came])
        lows, highs = came.searchsorted(added.starts).tolist(), came.searchsorted(added.ends).tolist()
        for position in np.flatnonzero(concerned).tolist():
            key, low, high = keys[position], lows[position], highs[position]
            if low == high:
                continue
            watch = summaries.get(key)
            if watch is None:
                watch = summaries[key] = SlowWatch(self.window, key, self._model)
            self._slow_parts.touch((key & 3, self.window.strings[key >> 2]))
            found = watch.add(slow, range(low, high), self._begin_ms)
            if found:
                self._findings[key] = found
                self.counts.looks += len(found)

    def _add_to_watches(self, added: Added) -> dict[int, Array]:
        """Take rows of watched subjects in, and watch those where a crowd may have come; for each the ticks at which the
        gate lets it pass.
        """
        keys, watches, thin = added.subjects.tolist(), self._watches, self._findings
        concerned = added.crowded | np.array([key in watches or key in thin for key in keys], bool)
        lows, highs = added.starts.tolist(), added.ends.tolist()
        candidates: dict[int, Array] = {}
        for position in np.flatnonzero(concerned).tolist():
            key, rows = keys[position], added.numbers[lows[position] : highs[position]]
            watch = watches.get(key)
            if watch is None:
                watch = watches[key] = Watch(self.window, key, self._model)
                rows = self.window.ring.chain(int(rows[-1]))
                self.counts.gate_passes += 1
            candidates[key] = watch.add(rows)
        return candidates

    def _due(self, until: int) -> set[int]:
        found = set()
        for (kind, subject), episode in self._episodes.items():
            tick = episode.next_tick
            if tick is not None and tick < until:
                found.add(self.window.strings.code(subject) * 4 + kind)
        return found

    def _subject(self, key: int, passing: Array | None, until: int) -> Iterator[Revision]:
        """Take one subject through all ticks before `until`, in order."""
        watch = self._watches[key]
        kind, subject = Kind(key & 3), self.window.strings[key >> 2]
        episode = self._episodes.get((kind, subject))
        gates = iter([] if passing is None else passing.tolist())
        gate = next(gates, END_TICK)
        slow = self._findings.get(key, [])
        while True:
            thin = slow[0].scene.tick if slow else END_TICK
            timer = END_TICK if episode is None or episode.next_tick is None else episode.next_tick
            tick = min(gate, thin, timer)
            if tick >= until:
                return
            looked = False
            finding: Finding | None = None
            under_way = episode if episode is not None and not episode.is_over else None
            if tick == thin:
                found = slow.pop(0)
                looked = under_way is None or under_way.is_slow
                finding = found if looked else None
            if tick == gate:
                gate = next(gates, END_TICK)
                fast = under_way is not None and not under_way.is_slow
                if watch.due(tick, fast):
                    looked = True
                    finding = self._look(watch, under_way if fast else None, tick) or finding
            if finding is not None:
                episode = self._take(kind, subject, episode, finding)
            if episode is None or not (looked or tick == timer):
                continue
            self._episode_parts.touch((kind, subject))
            if not episode.is_over:
                self._count(watch, episode, tick)
            if episode.is_minute(tick):
                episode.on_minute(tick, watch.count_between(tick - MINUTE_S, tick))
            events = episode.revise(tick)
            if events is not None:
                yield write(episode, tick, events, self._engine)

    def _look(self, watch: Watch, under_way: Episode | None, tick: int) -> Finding | None:
        """What a look finds; None if it finds that no episode can open, for the crowd is elsewhere."""
        began = perf_counter()
        finding: Finding | None = None
        if under_way is not None:
            finding = watch.look(tick, under_way.opening, self._known_ms(tick))
        elif not watch.belongs_elsewhere(tick):
            finding = watch.look(tick, None, self._known_ms(tick))
        self.counts.looks += 1
        self.counts.look_seconds += perf_counter() - began
        return finding

    def _known_ms(self, tick: int) -> int:
        """For how long the log has run at the end of a tick."""
        return (tick + 1) * 1000 - self._begin_ms

    def _take(self, kind: Kind, subject: str, episode: Episode | None, finding: Finding) -> Episode | None:
        """What a finding means for the subject's case: it goes on, opens, opens again, or stays as it is."""
        if episode is not None and not episode.is_over and episode.is_slow == finding.is_slow:
            episode.on_finding(finding)
            return episode
        if not opens(kind.name.lower(), finding, self._model):
            return episode
        if episode is not None and episode.is_recent(finding.scene.tick):
            if episode.is_another_wave(finding):
                episode.reopen(finding)
            return episode
        opened = Episode(kind.name.lower(), subject, finding, self._model, self._salt)
        opened.on_finding(finding)
        self._episodes[kind, subject] = opened
        return opened

    def _count(self, watch: Watch, episode: Episode, tick: int) -> None:
        numbers = watch.rows_between(episode.counted_tick, tick)
        if not len(numbers):
            episode.counted_tick = tick
            return
        ring, names = self.window.ring, self.window.strings
        spoke = ring.rows(numbers)
        said = ring.rows(numbers[(spoke["act"] == Act.ADDRESS) & (spoke["flags"] & NOT_PEOPLE == 0)])
        time, flags = said["time"], said["flags"].tolist()
        fresh = fresh_by_age(time, said["created"], said["seen"], self._known_ms(tick), self._model.population)
        stranger = said["first"] >= episode.started_ms - 1000 * LONGEST_S
        episode.count(
            tick,
            map(
                Participation,
                [names[code] for code in said["author"].tolist()],
                said["id"].tolist(),
                time.tolist(),
                said["text"].tolist(),
                stranger.tolist(),
                fresh.tolist(),
                [flag & _LATE > 0 for flag in flags],
                [flag & _MENDED > 0 for flag in flags],
            ),
        )

    def _erase(self, deletes: Batch, first_new: int) -> None:
        """Take the text of deleted items out of the window, whether they came before the deletion or up to an hour
        after it; the interactions and the text's hash stay.
        """
        fresh = dict(
            zip(
                zip(deletes.strings("parent"), deletes.strings("author"), strict=True),
                deletes["tick"].tolist(),
                strict=True,
            )
        )
        if self._taken_back:
            self._erase_among(self._taken_back, first_new)
        if fresh:
            self._erase_among(fresh, self.window.ring.first)
            self._taken_back |= fresh

    def _erase_among(self, taken_back: TakenBack, first: int) -> None:
        ring, names = self.window.ring, self.window.strings
        said = ring.rows(np.arange(first, ring.end))
        speaker = np.where(said["act"] == Act.OWN, said["subject"], said["author"])
        deleters = np.zeros(names.capacity + 1, bool)
        deleters[[names.find(author) for _, author in taken_back if author is not None]] = True
        deleters[-1] = False
        for place in np.flatnonzero(deleters[speaker]).tolist():
            number = np.array([first + place])
            name, text = ring.column("id", number)[0], ring.column("text", number)[0]
            if isinstance(text, str) and (name, names.get(int(speaker[place]))) in taken_back:
                ring.put("text", first + place, Erased(text_hash(self._salt, name, text)))

    def _let_go(self, tick: int) -> None:
        for name, episode in list(self._episodes.items()):
            if episode.next_tick is None and not episode.is_recent(tick):
                del self._episodes[name]
        busy = {
            self.window.strings.code(subject) * 4 + kind
            for (kind, subject), episode in self._episodes.items()
            if episode.next_tick is not None
        }
        for key, watch in list(self._watches.items()):
            if watch.is_idle(tick) and key not in busy:
                del self._watches[key]
        self._taken_back = {item: at for item, at in self._taken_back.items() if at >= tick - LONGEST_S}
        self.window.expire(tick)
        for watch in self._watches.values():
            watch.expire()
        for key, slow in list(self._slow.items()):
            if slow.is_idle(tick):
                del self._slow[key]
