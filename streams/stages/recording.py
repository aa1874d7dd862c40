"""What goes into the evidence of an episode beside what is counted: details of interactions, minutes, ties.

Everything follows from the rows of the episode's subject up to given ticks, as all that is said of it does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from alerts.attributed import roles
from alerts.chunk import Chunk, Sealed
from alerts.episode import Episode
from alerts.evidence import Omitted
from alerts.record import MINUTE_S, Detail, Minute, Record
from detectors.attribution import Played
from detectors.surge import WINDOWS_S
from detectors.watch import Watch
from graph.columns import Array
from graph.events import NOT_PEOPLE, EventType
from graph.hashing import signed_hash
from graph.interactions import Act, does
from graph.window import Window
from streams.stages.shard_state import Subject

_BEFORE: Final = 10
"""How many minutes from before an onset are told too."""
_IN_COMMON: Final = 500
_FEW: Final = 1_000
_TYPES: Final = [kind.name.lower() for kind in EventType]


@dataclass(slots=True)
class _Ids:
    """A subject's rows by the hash of their id, up to a row."""

    upto: int = -1
    count: int = 0
    rows: dict[int, list[int]] = field(default_factory=dict)


class Recording:
    """Makes the evidence of a shard's episodes.

    Parameters
    ----------
    window
        Where rows are.
    texts
        Whether what was said is part of it, beside its hash.
    """

    def __init__(self, window: Window, *, texts: bool) -> None:
        self._window, self._has_texts = window, texts
        self._ids: dict[Subject, _Ids] = {}

    def details(self, watch: Watch, numbers: Array, tick: int) -> list[Detail]:
        """What is told of these rows of a subject, which are counted at the end of a tick."""
        ring, names = self._window.ring, self._window.strings.names
        said = ring.rows(numbers)
        community, home, thread, target = (
            names(said[name].tolist()) for name in ("community", "home", "thread", "target")
        )
        texts = self._window.readable(numbers) if self._has_texts else [None] * len(numbers)
        return list(
            map(
                Detail,
                [_TYPES[kind] for kind in said["type"].tolist()],
                community,
                home,
                thread,
                self._parents(watch, numbers, thread, tick),
                target,
                texts,
            )
        )

    def note(self, watch: Watch, episode: Episode, record: Record, tick: int) -> None:
        """Count the minutes that are over by the end of a tick, and who addressed whom."""
        first = max(record.next_minute, self._first_minute(episode, tick))
        over = (tick + 1) // MINUTE_S
        for number in range(first, over):
            record.minutes += self._minute(watch, number, number * MINUTE_S + MINUTE_S - 1)
        record.next_minute = max(first, over)
        since = max(record.seen_tick, episode.onset_tick - 1, tick - WINDOWS_S[-1])
        record.tie(self._ties(watch.rows_between(since, tick)))
        record.seen_tick = tick

    def tell(self, watch: Watch, episode: Episode, record: Record, tick: int) -> list[Chunk]:
        """The evidence that is due with a revision at the end of a tick."""
        self.note(watch, episode, record, tick)
        return record.tell(
            tick,
            self._sealed(episode, episode.chain.omitted, roles(episode)),
            self._window.gone_items,
            self._minute(watch, record.next_minute, tick),
            _in_common(episode),
        )

    def tell_erased(self, episode: Episode, record: Record, tick: int) -> list[Chunk]:
        """What is due at the end of a tick because texts were taken back while there was a case."""
        if not episode.is_recent(tick):
            record.erasing(tick)
            return []
        return record.tell_erased(tick, self._sealed(episode, Omitted(0, ""), []))

    def forget(self, subjects: Collection[Subject]) -> None:
        """Only these subjects have a case still."""
        self._ids = {subject: ids for subject, ids in self._ids.items() if subject in subjects}

    def _sealed(self, episode: Episode, omitted: Omitted, played: list[Played]) -> Sealed:
        return Sealed(
            alert=episode.id,
            revision=episode.revision,
            digest=episode.chain.digest,
            previous=episode.chain.previous,
            omitted=omitted,
            roles=played,
            usual_per_minute=round(episode.opening.scene.usual.expected(MINUTE_S), 4),
            is_sample=episode.is_slow,
            is_salted=bool(episode.chain.salt),
            has_texts=self._has_texts,
        )

    def _first_minute(self, episode: Episode, tick: int) -> int:
        return max(episode.onset_tick // MINUTE_S - _BEFORE, (tick - WINDOWS_S[-1]) // MINUTE_S + 1)

    def _minute(self, watch: Watch, number: int, tick: int) -> list[Minute]:
        """A minute up to the end of a tick, if anything came in it."""
        before = number * MINUTE_S - 1
        rows = self._window.ring.rows(watch.rows_between(before, tick))
        people = rows["flags"] & NOT_PEOPLE == 0
        found = Minute(
            start_ms=1000 * MINUTE_S * number,
            newcomers=watch.count_between(before, tick),
            interactions=int(np.count_nonzero(does(rows["act"], Act.ADDRESS) & people)),
            shares=int(np.count_nonzero(does(rows["act"], Act.SHARE) & people)),
        )
        return [found] if any(found[1:]) else []

    def _ties(self, numbers: Array) -> list[tuple[str, str]]:
        """Who addressed whom in these rows, once for each time."""
        rows, names = self._window.ring.rows(numbers), self._window.strings.names
        speaks = does(rows["act"], Act.ADDRESS, Act.THREAD) & (rows["author"] >= 0) & (rows["flags"] & NOT_PEOPLE == 0)
        authors = names(rows["author"][speaks].tolist())
        found = []
        for to in ("target", "other"):
            others = names(rows[to][speaks].tolist())
            found += [
                (one, other) for one, other in zip(authors, others, strict=True) if one and other and one != other
            ]
        return found

    def _parents(self, watch: Watch, numbers: Array, threads: list[str | None], tick: int) -> list[str | None]:
        """The items that these rows answer, where they are among the subject's rows of the last hour, or are the thread."""
        ring = self._window.ring
        answers = ring.column("answers", numbers).tolist()
        if not any(answers):
            return [None] * len(answers)
        ids = self._known(watch).rows
        found: list[str | None] = []
        for number, answered, thread in zip(numbers.tolist(), answers, threads, strict=True):
            event = None
            if thread is not None and signed_hash(thread) == answered:
                event = thread
            elif answered in ids:
                rows = ids[answered]
                at = bisect_left(rows, number) - 1
                if at >= 0 and rows[at] >= ring.first and ring.value("tick", rows[at]) > tick - WINDOWS_S[-1]:
                    event = ring.value("id", rows[at])
            found.append(event)
        return found

    def _known(self, watch: Watch) -> _Ids:
        ring, subject = self._window.ring, (watch.subject & 3, self._window.strings[watch.subject >> 2])
        ids = self._ids.setdefault(subject, _Ids())
        if ids.count > 2 * len(watch.numbers) + _FEW:
            # Most of them have left the window.
            ids = self._ids[subject] = _Ids()
        fresh = watch.numbers[watch.numbers > ids.upto]
        if len(fresh):
            for number, event in zip(fresh.tolist(), ring.column("id", fresh).tolist(), strict=True):
                ids.rows.setdefault(signed_hash(event), []).append(number)
            ids.upto = int(fresh[-1])
            ids.count += len(fresh)
        return ids


def _in_common(episode: Episode) -> list[tuple[str, str, int]]:
    """Members of the crowd who lately addressed the same other accounts, and how many; the most first."""
    graph = episode.finding.scene.crowd.in_common(episode.subject)
    edges = [(min(pair), max(pair), int(shared)) for *pair, shared in graph.edges(data="shared")]
    return sorted(edges, key=lambda edge: (-edge[2], edge[0], edge[1]))[:_IN_COMMON]
