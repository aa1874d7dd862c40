"""The sliding window over all subjects, and what is remembered of each subject from before it.

Rows come in the order (tick, time, id) and are taken in a batch at a time. Everything that is noted with a row
is what the subject's rows up to and including it tell, whatever batch they came in. Memory that fades does so
at the borders of fixed *buckets* of ten minutes: within a bucket only whole numbers are added, so no sum depends
on how the rows were cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from graph.authors import NEVER
from graph.columns import CODE, Array, Batch
from graph.events import NOT_PEOPLE
from graph.fading import BUCKET_S, FORGET_S, NO_BUCKET, Fading, FadingCounts
from graph.interactions import INTERACTION_SCHEMA, Act, Kind
from graph.interner import Interner
from graph.ring import NO_ROW, Ring
from graph.segments import Segments, turns
from graph.store import Store

NEWCOMERS_KEPT: Final = 12
"""Of how many newcomers the times are kept for every subject: the smallest crowd that can be looked at."""

_TIES: Final = (Act.ADDRESS, Act.THREAD, Act.OWN, Act.SHARE, Act.REACTION)
_CODES: Final = [name for name, kind in INTERACTION_SCHEMA.items() if kind == CODE and name != "parent"]

RING_SCHEMA: Final[dict[str, str]] = {
    **{name: "int32" if kind == CODE else kind for name, kind in INTERACTION_SCHEMA.items() if name != "parent"},
    "first": "int64",  # ms UTC of the first contact of author and subject
    # Addresses the subject, and did not within the longest exact window before. Who is at home in a community is never
    # a newcomer there, nor in its threads.
    "newcomer": "bool",
    "slow_newcomer": "bool",  # the same for the longest summary window
    "usual": "float64",  # fading sum of newcomers a bucket, up to the start of this bucket
    "usual_square": "float64",
    "weight": "float64",  # fading number of buckets that `usual` is the sum over
    "shown": "float64",  # fading sum of shares
    "kin": "float64",  # fading number of the subject's newcomers with this author's home, up to this bucket
    "audience": "float64",  # the same, whatever their home
    "lives": "int32",  # the subject's own home community, as he told last
    "stands": "int32",  # the community where the subject spoke last
}


_USUAL: Final = Fading(3 * 86400)
_THREAD_USUAL: Final = Fading(3 * 3600)
"""A thread lives for hours: what was usual when it was new is not later."""
_SHOWN: Final = Fading(6 * 3600)
_AUDIENCE: Final = Fading(14 * 86400)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch of rows; row-wise arrays are sorted by subject and in order within each.

    Attributes
    ----------
    subjects : shape `(m,)`
        Key of each subject that the batch concerns: four times the code of its id plus its `Kind`.
    starts, ends : shape `(m,)`
        Where a subject's rows begin and end.
    numbers : shape `(n,)`
        The rows' numbers in the ring.
    crowded : shape `(m,)`
        Whether at some row of the batch the subject had `NEWCOMERS_KEPT` newcomers within the longest exact window.
    slow : shape `(n,)`
        Whether the row is a newcomer with whom the subject has so many within the longest summary window.
    """

    subjects: Array
    starts: Array
    ends: Array
    numbers: Array
    crowded: Array
    slow: Array


class Window:
    """The interactions of the last `exact_s` seconds, and the memory of subjects and ties.

    Parameters
    ----------
    exact_s, slow_s
        Length of the longest exact window and of the longest summary window, in seconds.

    A subject, or a tie, not heard of for `FORGET_S` is a new one.
    """

    def __init__(self, exact_s: int, slow_s: int) -> None:
        self._exact_s, self._slow_s = exact_s, slow_s
        self.strings = Interner()
        self.ring = Ring(RING_SCHEMA)
        self._ties = Store({"first": ("int64", 0, 1), "tick": ("uint32", 0, 1), "spoke": ("uint32", 0, 1)})
        self._kin, self._audience = FadingCounts(_AUDIENCE), FadingCounts(_AUDIENCE)
        self._subjects = Store(
            {
                "tick": ("int64", NEVER, 1),
                "row": ("int64", NO_ROW, 1),
                "since": ("int64", 0, 1),
                "bucket": ("int64", NO_BUCKET, 1),
                "came": ("int64", 0, 1),
                "shares": ("int64", 0, 1),
                "usual": ("float64", 0.0, 1),
                "usual_square": ("float64", 0.0, 1),
                "shown": ("float64", 0.0, 1),
                "lives": ("int32", -1, 1),
                "stands": ("int32", -1, 1),
                "lately": ("uint32", 0, NEWCOMERS_KEPT),
                "slowly": ("uint32", 0, NEWCOMERS_KEPT),
            }
        )

    @property
    def subjects(self) -> int:
        """How many subjects are remembered."""
        return len(self._subjects)

    @property
    def ties(self) -> int:
        """How many pairs of subject and account are remembered."""
        return len(self._ties)

    def add(self, batch: Batch) -> Added:
        """Take in a batch of interactions, in order."""
        columns: dict[str, Array] = {name: batch[name] for name in INTERACTION_SCHEMA if name != "parent"}
        columns |= self.strings.adopt(batch, _CODES)
        keys = columns["subject"].astype(np.int64) * 4 + columns["kind"]
        subjects = Segments(self._subjects.find_or_add(keys))
        columns = {name: column[subjects.order] for name, column in columns.items()}
        keys = keys[subjects.order]
        self._meet(columns, keys)
        self._gather(columns, keys)
        crowded, slow = self._note(subjects, columns)
        numbers = self._append(subjects, columns)
        return Added(keys[subjects.starts], subjects.starts, subjects.ends, numbers, crowded, slow)

    def expire(self, tick: int) -> None:
        """Let rows leave that no look at this tick or later can want, and free memory that nothing holds."""
        self.ring.expire(tick - self._exact_s)
        if self._ties.due:
            self._ties.keep(self._ties["tick"] >= tick - FORGET_S)
        if self._subjects.due:
            self._subjects.keep(self._subjects["tick"] >= tick - FORGET_S)
        for counts in (self._kin, self._audience):
            counts.release(tick)
        if self.strings.due:
            ring = [self.ring.all(name) for name in (*_CODES, "lives", "stands")]
            pairs = np.concatenate([self._ties.keys, self._kin.keys])
            alone = np.concatenate([self._subjects.keys, self._audience.keys])
            own = [self._subjects[name] for name in ("lives", "stands")]
            self.strings.release(alone >> 2, pairs >> 34, pairs & 0xFFFFFFFF, *own, *ring)

    def _meet(self, columns: dict[str, Array], keys: Array) -> None:
        """Ties: since when author and subject know each other, and who is a newcomer."""
        tick, time, act = columns["tick"], columns["time"], columns["act"]
        first = time.copy()
        newcomer, slow = np.zeros(len(tick), bool), np.zeros(len(tick), bool)
        met = np.flatnonzero(np.isin(act, _TIES) & (columns["author"] >= 0))
        if len(met):
            pairs = Segments(self._ties.find_or_add(keys[met] << 32 | columns["author"][met]))
            rows = met[pairs.order]
            ties, slots = self._ties, pairs.keys
            ticks, speaks = tick[rows], act[rows] == Act.ADDRESS
            speaks &= columns["flags"][rows] & NOT_PEOPLE == 0
            new = pairs.previous(ticks, ties["tick"][slots]) < ticks - FORGET_S
            firsts = pairs.last_where(time[rows], new, ties["first"][slots])
            spoke = pairs.previous_where(ticks, speaks, ties["spoke"][slots])
            first[rows] = firsts
            place = np.where(columns["kind"] == Kind.COMMUNITY, columns["subject"], columns["community"])
            at_home = (columns["kind"] != Kind.ACCOUNT) & (columns["home"] == place) & (place >= 0)
            comes = speaks & ~at_home[rows]
            newcomer[rows] = comes & (spoke < ticks - self._exact_s)
            slow[rows] = comes & (spoke < ticks - self._slow_s)
            last = pairs.ends - 1
            ties["first"][slots] = firsts[last]
            ties["tick"][slots] = ticks[last]
            ties["spoke"][slots] = np.where(speaks[last], ticks[last], spoke[last])
        columns |= {"first": first, "newcomer": newcomer, "slow_newcomer": slow}

    def _gather(self, columns: dict[str, Array], keys: Array) -> None:
        """The usual audience of accounts: where those who address them are at home."""
        kin, audience = np.zeros(len(keys)), np.zeros(len(keys))
        rows = np.flatnonzero(columns["newcomer"] & (columns["home"] >= 0) & (columns["kind"] == Kind.ACCOUNT))
        if len(rows):
            bucket, subject = columns["tick"][rows] // BUCKET_S, keys[rows]
            kin[rows] = self._kin.note(subject << 32 | columns["home"][rows], bucket)
            audience[rows] = self._audience.note(subject, bucket)
        columns |= {"kin": kin, "audience": audience}

    def _note(self, rows: Segments, columns: dict[str, Array]) -> tuple[Array, Array]:
        """The subject's usual rates, as they were before this bucket, and whether a crowd has come."""
        slots, memory = rows.keys, self._subjects
        tick = columns["tick"]
        new = rows.previous(tick, memory["tick"][slots]) < tick - FORGET_S
        self._usual(rows, columns, new)
        for name, told in (("lives", "home"), ("stands", "community")):
            own = (columns["act"] == Act.OWN) & (columns[told] >= 0)
            columns[name] = rows.last_where(np.where(own, columns[told], -1), own | new, memory[name][slots])
            memory[name][slots] = columns[name][rows.ends - 1]
        memory["tick"][slots] = tick[rows.ends - 1]
        quick = self._crowds(rows, tick, np.flatnonzero(columns["newcomer"]), "lately", self._exact_s)
        slow = self._crowds(rows, tick, np.flatnonzero(columns["slow_newcomer"]), "slowly", self._slow_s)
        crowded = np.zeros(len(slots), bool)
        crowded[rows.number[quick]] = True
        return crowded, slow

    def _crowds(self, rows: Segments, tick: Array, came: Array, name: str, span: int) -> Array:
        """Which rows are newcomers, of those at the positions `came`, with whom a subject has enough of them."""
        crowd = np.zeros(len(tick), bool)
        if len(came):
            memory = self._subjects
            part = Segments(rows.number[came])
            slots = rows.keys[part.keys]
            kept = memory[name][slots]
            crowd[came] = part.lagged(tick[came], kept) > tick[came] - span
            memory[name][slots] = part.last(tick[came], kept)
        return crowd

    def _usual(self, rows: Segments, columns: dict[str, Array], new: Array) -> None:
        bucket = columns["tick"] // BUCKET_S
        heads = np.flatnonzero((rows.rank == 0) | np.append(True, bucket[1:] != bucket[:-1]))
        came = np.add.reduceat(columns["newcomer"].astype(np.int64), heads)
        shares = np.add.reduceat((columns["act"] == Act.SHARE).astype(np.int64), heads)
        owner = rows.number[heads]
        slot, now = rows.keys[owner], bucket[heads]
        noted = {name: np.empty(len(heads)) for name in ("usual", "usual_square", "weight", "shown")}
        for group in turns(owner):
            self._turn(slot[group], now[group], new[heads[group]], came[group], shares[group])
            for name in ("usual", "usual_square", "shown"):
                noted[name][group] = self._subjects[name][slot[group]]
            noted["weight"][group] = _weight(self._subjects, slot[group], now[group])
        number = np.zeros(len(bucket), np.int64)
        number[heads] = 1
        number = np.cumsum(number) - 1
        columns |= {name: values[number] for name, values in noted.items()}

    def _turn(self, slot: Array, now: Array, new: Array, came: Array, shares: Array) -> None:
        """Close the last bucket of these subjects, all different, where it is over, and count in this one; forget what
        was before where the subject is `new`.
        """
        memory = self._subjects
        last = memory["bucket"][slot]
        over = now > last
        gap = np.where(over & ~new, now - last, 0)
        memory["since"][slot] = np.where(new, now, memory["since"][slot])
        counted = _moderate(memory, slot, last)
        fade = np.where(_is_thread(memory, slot), _THREAD_USUAL.factor(gap), _USUAL.factor(gap))
        for name, value, factor in (
            ("usual", counted, fade),
            ("usual_square", counted * counted, fade),
            ("shown", memory["shares"][slot].astype(float), _SHOWN.factor(gap)),
        ):
            old = memory[name][slot]
            memory[name][slot] = np.where(new, 0.0, np.where(over, (old + value) * factor, old))
        memory["came"][slot] = np.where(over, 0, memory["came"][slot]) + came
        memory["shares"][slot] = np.where(over, 0, memory["shares"][slot]) + shares
        memory["bucket"][slot] = now

    def _append(self, rows: Segments, columns: dict[str, Array]) -> Array:
        # The ring keeps rows in the order of ticks, the chains run through it by subject.
        order = np.argsort(rows.order, kind="stable")
        numbers = self.ring.end + rows.order
        columns["before"] = rows.previous(numbers, self._subjects["row"][rows.keys])
        self.ring.append({name: column[order] for name, column in columns.items()})
        self._subjects["row"][rows.keys] = numbers[rows.ends - 1]
        return numbers


def _is_thread(memory: Store, slot: Array) -> Array:
    return np.asarray(memory.keys[slot] & 3 == Kind.THREAD)


def _weight(memory: Store, slot: Array, bucket: Array) -> Array:
    """The fading number of whole buckets from when each subject was first heard of to this one."""
    age = bucket - memory["since"][slot]
    return np.where(_is_thread(memory, slot), _THREAD_USUAL.weight(age), _USUAL.weight(age))


def _moderate(memory: Store, slot: Array, bucket: Array) -> Array:
    """Newcomers of a bucket as the memory takes them: a burst must not become the usual at once, so what lies
    beyond four standard deviations is cut (winsorised).
    """
    weight = _weight(memory, slot, bucket)
    mean = memory["usual"][slot] / np.maximum(weight, 1.0)
    square = memory["usual_square"][slot] / np.maximum(weight, 1.0)
    spread = np.sqrt(np.maximum(square - mean * mean, mean))
    return np.asarray(np.minimum(memory["came"][slot].astype(float), np.floor(mean + 4 * spread + 4)))
