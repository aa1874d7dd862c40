"""Who is watched on a shard: the subjects to which a crowd may have come, closely, and accounts over days, slowly."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import numpy as np

from detectors.model import Model
from detectors.reading import Read
from detectors.slow import SlowLook, SlowState, SlowWatch
from detectors.surge import WINDOWS_S
from detectors.verdict import Outcome
from detectors.watch import Watch
from graph.columns import Array
from graph.events import NOT_PEOPLE
from graph.interactions import Act, Kind, does
from graph.summary import newcomers
from graph.window import Added, Window
from streams.stages.shard_state import Parts, Subject
from streams.state import decode, encode

LONGEST_S: Final = WINDOWS_S[-1]


@dataclass(slots=True)
class ShardCounts:
    """What a shard did so far, for metrics."""

    rows: int = 0
    gate_passes: int = 0
    looks: int = 0
    look_seconds: float = 0.0
    alerts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))


class Watching:
    """The subjects of a shard that are watched.

    Parameters
    ----------
    window
        Where their rows are.
    model, read
        Figures and weights of the verdict; what reads texts.
    counts
        Where what is done is counted.

    Attributes
    ----------
    due
        By subject, the looks that are due at its slow watch for the rows of the last `add`, oldest first. All have to be asked
        for before the next `add`.
    """

    def __init__(self, window: Window, model: Model, read: Read, counts: ShardCounts) -> None:
        self._window, self._model, self._read, self._counts = window, model, read, counts
        self._watches: dict[int, Watch] = {}
        self._slow: dict[int, SlowWatch] = {}
        self._parts = Parts("slow/")
        self.due: dict[int, Iterator[SlowLook]] = {}

    def __len__(self) -> int:
        """How many subjects are watched closely."""
        return len(self._watches)

    def __getitem__(self, key: int) -> Watch:
        return self._watches[key]

    def key(self, subject: Subject) -> int:
        """The key that a subject has in the window."""
        kind, name = subject
        return self._window.strings.code(name) * 4 + kind

    def subject(self, key: int) -> Subject:
        """Kind and id of the subject of a key."""
        return key & 3, self._window.strings[key >> 2]

    def use(self, model: Model) -> None:
        """Judge by this model from now on."""
        self._model = model
        for watch in self._watches.values():
            watch.use(model)
        for slow in self._slow.values():
            slow.use(model)

    def add(self, added: Added, begin_ms: int) -> dict[int, Array]:
        """Take in rows that came into the window; for each watched subject with rows the ticks at which the gate lets it
        pass. `begin_ms` is since when the log has run.
        """
        self._add_slowly(added, begin_ms)
        return self._add_closely(added)

    def let_go(self, tick: int, busy: set[int]) -> None:
        """Watch no longer where nobody came for long enough at this tick, but for the subjects that are `busy`; let go of
        the rows that the window no longer holds.
        """
        for key, watch in list(self._watches.items()):
            if watch.is_idle(tick) and key not in busy:
                del self._watches[key]
            else:
                watch.expire()
        for key, slow in list(self._slow.items()):
            if slow.is_idle(tick):
                del self._slow[key]

    def forget(self, items: Collection[tuple[str | None, str | None]]) -> None:
        """Erase the texts of these items, each given by id and author, where they are kept for days."""
        for key, slow in self._slow.items():
            if slow.forget(items):
                # The next checkpoint has to hold it anew: else the text would be back after a restart.
                self._parts.touch(self.subject(key))

    @property
    def looks(self) -> list[tuple[int, str, tuple[int, int]]]:
        """The subjects that are watched closely, each with its next look."""
        return [(*self.subject(key), watch.next_look) for key, watch in self._watches.items()]

    @property
    def slow(self) -> list[Subject]:
        """The subjects that are watched slowly."""
        return [self.subject(key) for key in self._slow]

    def save(self, number: int, oldest: int) -> dict[str, bytes]:
        """The slow watches that the checkpoint of this number has to hold, when none before `oldest` is kept."""
        due = self._parts.to_save(self.slow, number, oldest)
        return {name: encode(self._slow[self.key(subject)].state) for name, subject in due.items()}

    def load(self, parts: dict[str, bytes], number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        self._parts.load(parts, number)

    def resume(self, looks: list[tuple[int, str, tuple[int, int]]], slow: list[Subject]) -> None:
        """Watch these subjects again, after `load` and after the window was filled again."""
        for kind, name, next_look in looks:
            key = self.key((kind, name))
            watch = self._watches[key] = Watch(self._window, key, self._model, self._read)
            watch.add(self._window.rows_of(key))
            watch.next_look = next_look
        for subject, part in self._parts.take(slow):
            key = self.key(subject)
            self._slow[key] = SlowWatch(self._window, key, self._model, self._read)
            self._slow[key].state = decode(part, SlowState)

    def _add_slowly(self, added: Added, begin_ms: int) -> None:
        """Take newcomers at accounts, and what others say there, into their summaries, and note what looks at those are due.
        Threads do not live so long, and at a community there is always somebody new.
        """
        of_accounts = added.subjects & 3 == Kind.ACCOUNT
        begins = of_accounts & np.logical_or.reduceat(added.slow, added.starts)
        keys, summaries = added.subjects.tolist(), self._slow
        concerned = begins | of_accounts & np.array([key in summaries for key in keys], bool)
        here = np.flatnonzero(np.repeat(concerned, added.ends - added.starts))
        if not len(here):
            return
        rows = self._window.ring.rows(added.numbers[here])
        is_new = rows["slow_newcomer"]
        came = here[is_new]
        again = np.zeros(len(added.numbers), bool)
        again[here] = ~is_new & does(rows["act"], Act.ADDRESS) & (rows["flags"] & NOT_PEOPLE == 0)
        slow = newcomers(self._window, added.numbers[came], added.slow[came], added.early)
        lows, highs = came.searchsorted(added.starts).tolist(), came.searchsorted(added.ends).tolist()
        for position in np.flatnonzero(concerned).tolist():
            key, places = keys[position], range(lows[position], highs[position])
            mine = slice(added.starts[position], added.ends[position])
            later = added.numbers[mine][again[mine]]
            if not places and not len(later):
                continue
            watch = summaries.get(key)
            if watch is None:
                watch = summaries[key] = SlowWatch(self._window, key, self._model, self._read)
            self._parts.touch(self.subject(key))
            due = watch.add(slow, places, later, begin_ms)
            first = next(due, None)
            if first is not None:
                self.due[key] = chain((first,), due)

    def _add_closely(self, added: Added) -> dict[int, Array]:
        """Take rows of watched subjects in, and watch those where a crowd may have come."""
        keys, watches, thin = added.subjects.tolist(), self._watches, self.due
        complained = does(self._window.ring.column("act", added.numbers), Act.REPORT)
        concerned = added.crowded | np.logical_or.reduceat(complained, added.starts)
        concerned |= np.array([key in watches or key in thin for key in keys], bool)
        lows, highs = added.starts.tolist(), added.ends.tolist()
        candidates: dict[int, Array] = {}
        for position in np.flatnonzero(concerned).tolist():
            key, rows = keys[position], added.numbers[lows[position] : highs[position]]
            watch = watches.get(key)
            if watch is None:
                watch = watches[key] = Watch(self._window, key, self._model, self._read)
                rows = self._window.ring.chain(int(rows[-1]))
                self._counts.gate_passes += 1
            candidates[key] = watch.add(rows)
        # Texts are read many times faster all at once.
        passing = [watches[key].likely_read(ticks) for key, ticks in candidates.items() if len(ticks)]
        texts = self._window.ring.column("text", np.concatenate(passing)).tolist() if passing else []
        self._read([*texts, *chain.from_iterable(self._slow[key].likely_read for key in thin)])
        return candidates
