"""What an account's own history tells of it: memory by author.

Everything said of an event depends on the earlier events of its author alone, in their order; where a batch
was cut cannot be seen in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.columns import Array, Batch
from graph.events import LAST_ADDRESSING, EventType
from graph.fading import FORGET_S
from graph.hashing import stable_hash
from graph.interner import Interner
from graph.segments import Segments
from graph.store import Store
from graph.tables import Tables, load, save

RECENT: Final = 4
"""How many of the accounts that an author addressed last are remembered."""
LIKED: Final = 3
"""How many of those whose posts he shared or reacted to last."""
NEVER: Final = -(1 << 62)
_KEY_MASK: Final = np.uint64((1 << 63) - 1)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Histories:
    """What is known of the author of each event of a batch, from before that event; all shape `(n,)`.

    Attributes
    ----------
    seen : ms UTC of the author's first event
    activity : how many events of the author came before
    reports : how many of them were reports
    home : position in `homes` of the author's home community, declared or learnt
    homes : list of distinct communities, shape `(k,)`, None for not known
    recent : shape `(n, RECENT)`, 64-bit hashes of the accounts addressed last, newest last; 0 for none
    liked : shape `(n, LIKED)`, the same of the accounts shared or reacted to last
    exposure : whether this mention is part of a share by the same author in the same second
    """

    seen: Array
    activity: Array
    reports: Array
    home: Array
    homes: list[str | None]
    recent: Array
    liked: Array
    exposure: Array


class AuthorMemory:
    """Remembers authors for as long as they are heard of.

    Parameters
    ----------
    duplicate_s
        An author's event with the id of one that he sent within so many seconds is a duplicate.

    An author who was silent for `FORGET_S` is a new one.
    """

    def __init__(self, duplicate_s: int) -> None:
        self._duplicate_s = duplicate_s
        self._strings = Interner()
        self._sent = Store({"tick": ("int64", NEVER, 1)})
        self._authors = Store(
            {
                "seen": ("int64", 0, 1),
                "tick": ("int64", NEVER, 1),
                "count": ("int32", 0, 1),
                "reports": ("int32", 0, 1),
                "declared": ("int32", -1, 1),
                "home": ("int32", -1, 1),
                "weight": ("int32", 0, 1),
                "recent": ("int64", 0, RECENT),
                "liked": ("int64", 0, LIKED),
            }
        )

    def __len__(self) -> int:
        """How many authors are remembered."""
        return len(self._authors)

    def duplicates(self, batch: Batch) -> Array:
        """Which rows of a batch of events, in order, repeat an earlier one; shape `(n,)`."""
        # Python's own hash is salted by process, so nobody can choose ids that collide; nothing is decided by its value.
        authors = np.fromiter(map(hash, batch.pool), np.int64, len(batch.pool)).view(np.uint64)
        ids = np.fromiter(map(hash, batch["id"].tolist()), np.int64, len(batch)).view(np.uint64)
        events = (((ids * _MIX) ^ authors[batch["author"]]) & _KEY_MASK).view(np.int64)
        part = batch["part"].astype(np.int64)
        rows = Segments(self._sent.find_or_add(events ^ part << 40))
        sent = self._sent["tick"]
        ticks = batch["tick"][rows.order]
        before = rows.previous(ticks, sent[rows.keys])
        out = np.empty(len(batch), bool)
        out[rows.order] = ticks - before <= self._duplicate_s
        sent[rows.keys] = ticks[rows.ends - 1]
        if part.any():
            taken = np.flatnonzero(~out & (part == 0) & np.isin(events, events[part > 0]))
            known = set(zip(events[taken].tolist(), batch["time"][taken].tolist(), strict=True))
            for row in np.flatnonzero(part).tolist():
                out[row] |= (int(events[row]), int(batch["time"][row])) not in known
        return out

    def learn(self, batch: Batch) -> Histories:
        """Take in a batch of events, in order and without duplicates."""
        codes = self._strings.adopt(batch, ["author", "community", "home"])
        rows = Segments(self._authors.find_or_add(codes["author"].astype(np.int64)))
        order, slots = rows.order, rows.keys
        leads = batch["part"][order] == 0
        ticks, times = batch["tick"][order], batch["time"][order]
        memory = self._authors
        new = leads & (rows.previous(ticks, memory["tick"][slots]) < ticks - FORGET_S)

        seen = rows.last_where(times, new, memory["seen"][slots])
        activity, count = self._counts("count", rows, leads, new)
        reports, reported = self._counts("reports", rows, leads & (batch["type"][order] == EventType.REPORT), new)
        home = self._homes(rows, leads, new, codes["community"][order], codes["home"][order])
        kind, target = batch["type"][order], batch["target"][order]
        towards = (target >= 0) & (target != batch["author"][order])
        likes = (kind == EventType.SHARE) | (kind == EventType.REACTION)
        recent = self._latest("recent", rows, new, batch.pool, target, towards & (kind <= LAST_ADDRESSING))
        liked = self._latest("liked", rows, new, batch.pool, target, towards & likes)
        memory["seen"][slots] = seen[rows.ends - 1]
        memory["tick"][slots] = ticks[rows.ends - 1]
        memory["count"][slots] = count
        memory["reports"][slots] = reported

        lead = np.maximum.accumulate(np.where(leads, np.arange(len(batch)), 0))
        back = np.empty(len(batch), np.int64)
        back[order] = lead
        homes, place = np.unique(home[back], return_inverse=True)
        return Histories(
            seen=seen[back],
            activity=activity[back],
            reports=reports[back],
            home=place,
            homes=[self._strings.get(code) for code in homes.tolist()],
            recent=recent[back],
            liked=liked[back],
            exposure=_exposures(batch),
        )

    def release(self, tick: int) -> None:
        """Free what was not heard of for long enough to be forgotten, when that is worth its cost."""
        if self._sent.due:
            self._sent.keep(self._sent["tick"] >= tick - self._duplicate_s)
        if self._authors.due:
            self._authors.keep(self._authors["tick"] >= tick - FORGET_S)
        if self._strings.due:
            memory = self._authors
            self._strings.release(memory.keys, memory["declared"], memory["home"])

    def save(self, number: int, oldest: int) -> Tables:
        """What the checkpoint of this number has to hold of authors, when none before `oldest` is kept."""
        memory = self._authors
        slots = memory.to_save(number, oldest)
        codes = {"author": memory.keys[slots], "declared": memory["declared"][slots], "home": memory["home"][slots]}
        return {"authors": save(memory, slots, self._strings, codes)}

    def load(self, tables: Tables, number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers."""
        table = tables["authors"]
        codes = self._strings.adopt(table, ["author", "declared", "home"])
        load(self._authors, codes["author"].astype(np.int64), table, codes, number)

    def _counts(self, name: str, rows: Segments, counted: Array, new: Array) -> tuple[Array, Array]:
        """How many rows that count came before each, and by author how many there are now."""
        before = np.cumsum(counted) - counted
        since = rows.last_where(before, new, before[rows.starts] - self._authors[name][rows.keys])
        held = before - since
        last = rows.ends - 1
        return held, held[last] + counted[last]

    def _homes(self, rows: Segments, leads: Array, new: Array, said_in: Array, declared: Array) -> Array:
        """The declared home, else the majority of the communities so far (Boyer and Moore 1981)."""
        memory, slots = self._authors, rows.keys
        homes = rows.last_where(declared, (declared >= 0) | new, memory["declared"][slots])
        kept = homes[rows.ends - 1]
        candidate, weight = memory["home"][slots].tolist(), memory["weight"][slots].tolist()
        learnt: list[int] = []
        for number, lead, is_new, community in zip(
            rows.number.tolist(), leads.tolist(), new.tolist(), said_in.tolist(), strict=True
        ):
            if is_new:
                candidate[number], weight[number] = -1, 0
            learnt.append(candidate[number])
            if lead and community >= 0:
                if candidate[number] == community:
                    weight[number] += 1
                elif weight[number] <= 1:
                    candidate[number], weight[number] = community, 1
                else:
                    weight[number] -= 1
        memory["declared"][slots] = kept
        memory["home"][slots] = candidate
        memory["weight"][slots] = weight
        return np.where(homes >= 0, homes, np.array(learnt, np.int32))

    def _latest(self, name: str, rows: Segments, new: Array, pool: list[str], target: Array, noted: Array) -> Array:
        """Before each event, the hashes of the targets of the author's last `noted` events, newest last; remembers those
        after the last one.
        """
        hashes = np.append(_target_hashes(pool, target, noted)[noted], 0)
        memory = self._authors[name]
        stored = memory[rows.keys]
        width = stored.shape[1]
        renewals = np.cumsum(new)
        renewed = renewals - (renewals - new)[rows.starts][rows.number] > 0
        lives = Segments(rows.number + renewals)
        held = np.where(renewed[lives.starts][:, None], 0, stored[rows.number[lives.starts]])
        after = np.cumsum(noted)
        before = after - noted
        since = before[lives.starts]

        def latest(so_far: Array, life: Array) -> Array:
            count = so_far - since[life]
            out = np.empty((len(so_far), width), np.int64)
            for column in range(width):
                lag = width - column
                inside = count >= lag
                kept = held[life, np.minimum(column + count, width - 1)]
                out[:, column] = np.where(inside, hashes[np.where(inside, so_far - lag, 0)], kept)
            return out

        last = rows.ends - 1
        memory[rows.keys] = latest(after[last], lives.number[last])
        return latest(before, lives.number)


def _target_hashes(pool: list[str], target: Array, wanted: Array) -> Array:
    out = np.zeros(len(pool) + 1, np.uint64)
    used = np.unique(target[wanted])
    out[used] = [stable_hash(pool[code]) for code in used.tolist()]
    return out[target].view(np.int64)


def _exposures(batch: Batch) -> Array:
    """Mentions that are one act with a share: of the same target, or with no words of their own."""
    kinds = batch["type"]
    out = np.zeros(len(batch), bool)
    mentions = np.flatnonzero(kinds == EventType.MENTION)
    shares = np.flatnonzero(kinds == EventType.SHARE)
    if not len(mentions) or not len(shares):
        return out
    pool, texts = batch.pool, batch["text"]

    def said(rows: Array) -> Iterator[tuple[tuple[str, int, int], str]]:
        """Who acted in which second, and at whom."""
        read = (batch["author"][rows], batch["tick"][rows], batch["time"][rows] // 1000, batch["target"][rows])
        for author, tick, second, target in zip(*(values.tolist() for values in read), strict=True):
            yield (pool[author], tick, second), pool[target] if target >= 0 else ""

    shared: dict[tuple[str, int, int], set[str]] = {}
    for key, target in said(shares):
        shared.setdefault(key, set()).add(target)
    for row, (key, target) in zip(mentions.tolist(), said(mentions), strict=True):
        found = shared.get(key)
        if found is not None:
            out[row] = not texts[row] or target in found
    return out
