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

from graph.columns import CODE, Array, Batch
from graph.events import NOT_PEOPLE
from graph.fading import BUCKET_S, FORGET_S, Fading
from graph.hashing import pool_hashes
from graph.interactions import INTERACTION_SCHEMA, Act, Kind, does
from graph.interner import Interner
from graph.memory import Memory
from graph.noted import NOTED_SCHEMA, Noted
from graph.ring import NO_ROW, Ring
from graph.segments import Segments, turns
from graph.store import Store
from graph.tables import Tables, subject_key

_TIES: Final = (Act.ADDRESS, Act.THREAD, Act.OWN, Act.OWN_SHARE, Act.SHARE, Act.REACTION)
_KEPT: Final = {name: kind for name, kind in INTERACTION_SCHEMA.items() if name != "parent"}
_CODES: Final = [name for name, kind in _KEPT.items() if kind == CODE]

_READ: Final = ("tick", "time", "kind", "act", "flags", "subject", "author", "community", "home")
"""What is read to note something with a row."""

RING_SCHEMA: Final[dict[str, str]] = {
    **{name: "int32" if kind == CODE else kind for name, kind in _KEPT.items()},
    "answers": "int64",  # hash of the id of the item that it answers, 0 for none
    **NOTED_SCHEMA,
}


_USUAL: Final = Fading(3 * 86400)
_THREAD_USUAL: Final = Fading(3 * 3600)
"""A thread lives for hours: what was usual when it was new is not later."""
_SHOWN: Final = Fading(6 * 3600)


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
    early
        By the number of a row with which there are so many for the first time, the ticks of those before, oldest first.
    """

    subjects: Array
    starts: Array
    ends: Array
    numbers: Array
    crowded: Array
    slow: Array
    early: dict[int, list[int]]


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
        self.memory = Memory()
        self.gone: dict[int, int] = {}
        """Rows whose text is being taken back, each with the tick from which on nobody may read it."""
        self.gone_items: dict[tuple[str | None, str | None], int] = {}
        """The same by id and author."""
        self._noted = Noted()

    @property
    def subjects(self) -> int:
        """How many subjects are remembered."""
        return len(self.memory.subjects)

    @property
    def ties(self) -> int:
        """How many pairs of subject and account are remembered."""
        return len(self.memory.ties)

    @property
    def calls(self) -> int:
        """How many items that pointed at accounts are remembered."""
        return len(self.memory.calls)

    def add(self, batch: Batch) -> Added:
        """Take in a batch of interactions, in order."""
        columns = self._columns(batch)
        keys = subject_key(columns["subject"], columns["kind"])
        self.memory.calls.note(columns, keys, self.strings)
        subjects = Segments(self.memory.subjects.find_or_add(keys))
        by_subject = {name: columns[name][subjects.order] for name in _READ}
        keys = keys[subjects.order]
        self._meet(by_subject, keys)
        self._gather(by_subject, keys)
        crowded, slow, early = self._note(subjects, by_subject)
        columns |= {name: subjects.back(by_subject[name]) for name in NOTED_SCHEMA}
        numbers = self._append(subjects, columns)
        early = {int(numbers[row]): ticks for row, ticks in early.items()}
        return Added(keys[subjects.starts], subjects.starts, subjects.ends, numbers, crowded, slow, early)

    def expire(self, tick: int) -> None:
        """Let rows leave that no look at this tick or later can want, and free memory that nothing holds."""
        self.ring.expire(tick - self._exact_s)
        self.memory.release(tick)
        if self.strings.due:
            self.strings.release(*self.memory.codes, *(self.ring.all(name) for name in (*_CODES, "lives", "stands")))

    def save(self, number: int, oldest: int) -> Tables:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept.

        The rows themselves are not in it, only what was noted with them.
        """
        tables = self.memory.save(self.strings, number, oldest)
        tables["rows"] = self._noted.save(self.ring, self.strings, number, oldest)
        return tables

    def load(self, tables: Tables, number: int) -> None:
        """Take back what the checkpoint of this number holds; checkpoints come in the order of their numbers.

        The rows have to be given again afterwards, by `refill`.
        """
        self.memory.load(tables, self.strings, number)
        self._noted.load(tables["rows"], self.strings, number)

    def refill(self, batch: Batch, first: int, end: int) -> None:
        """Put the rows back that were in the window, numbered from `first` to before `end`, in order.

        Raises
        ------
        StateError
            If they are not the rows that the checkpoint tells of.
        """
        columns = self._columns(batch)
        columns |= self._noted.of_rows(columns["time"], first, end)
        self.ring.first = self.ring.end = first
        self.memory.subjects["row"][:] = NO_ROW
        if len(batch):
            keys = subject_key(columns["subject"], columns["kind"])
            self._append(Segments(self.memory.subjects.find_or_add(keys)), columns)

    def readable(self, numbers: Array) -> list[str | None]:
        """What was said in these rows, as it may be read at their ticks; None where nothing may."""
        rows = self.ring.rows(numbers)
        return [
            text if isinstance(text, str) and self.gone.get(number, tick + 1) > tick else None
            for number, tick, text in zip(numbers.tolist(), rows["tick"].tolist(), rows["text"].tolist(), strict=True)
        ]

    def rows_of(self, key: int) -> Array:
        """The rows of a subject, oldest first."""
        slot = int(self.memory.subjects.find(np.array([key]))[0])
        return self.ring.chain(int(self.memory.subjects["row"][slot]) if slot >= 0 else NO_ROW)

    def _columns(self, batch: Batch) -> dict[str, Array]:
        """What the ring keeps of a batch, strings in this window's codes."""
        columns: dict[str, Array] = {name: batch[name] for name in _KEPT}
        columns["answers"] = pool_hashes(batch.pool, batch["parent"])
        return columns | self.strings.adopt(batch, _CODES)

    def _meet(self, columns: dict[str, Array], keys: Array) -> None:
        """Ties: since when author and subject know each other, and who is a newcomer."""
        tick, time, act = columns["tick"], columns["time"], columns["act"]
        first = time.copy()
        newcomer, slow = np.zeros(len(tick), bool), np.zeros(len(tick), bool)
        met = np.flatnonzero(np.isin(act, _TIES) & (columns["author"] >= 0))
        if len(met):
            pairs = Segments(self.memory.ties.find_or_add(keys[met] << 32 | columns["author"][met]))
            rows = met[pairs.order]
            ties, slots = self.memory.ties, pairs.keys
            ticks, speaks = tick[rows], does(act[rows], Act.ADDRESS)
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
            kin[rows] = self.memory.kin.note(subject << 32 | columns["home"][rows], bucket)
            audience[rows] = self.memory.audience.note(subject, bucket)
        columns |= {"kin": kin, "audience": audience}

    def _note(self, rows: Segments, columns: dict[str, Array]) -> tuple[Array, Array, dict[int, list[int]]]:
        """The subject's usual rates, as they were before this bucket, and whether a crowd has come: closely, and slowly, and
        when the first of that came.
        """
        slots, memory = rows.keys, self.memory.subjects
        tick = columns["tick"]
        new = rows.previous(tick, memory["tick"][slots]) < tick - FORGET_S
        self._usual(rows, columns, new)
        for name, told in (("lives", "home"), ("stands", "community")):
            own = does(columns["act"], Act.OWN) & (columns[told] >= 0)
            columns[name] = rows.last_where(np.where(own, columns[told], -1), own | new, memory[name][slots])
            memory[name][slots] = columns[name][rows.ends - 1]
        memory["tick"][slots] = tick[rows.ends - 1]
        quick, _ = self._crowds(rows, tick, np.flatnonzero(columns["newcomer"]), "lately", self._exact_s)
        slow, early = self._crowds(rows, tick, np.flatnonzero(columns["slow_newcomer"]), "slowly", self._slow_s)
        crowded = np.zeros(len(slots), bool)
        crowded[rows.number[quick]] = True
        return crowded, slow, early

    def _crowds(
        self, rows: Segments, tick: Array, came: Array, name: str, span: int
    ) -> tuple[Array, dict[int, list[int]]]:
        """Which rows are newcomers, of those at the positions `came`, with whom a subject has enough of them; and by the
        position of a row with which it has them for the first time, the ticks of those before.
        """
        crowd, early = np.zeros(len(tick), bool), dict[int, list[int]]()
        if len(came):
            memory = self.memory.crowds
            part = Segments(rows.number[came])
            slots = memory.find_or_add(self.memory.subjects.keys[rows.keys[part.keys]])
            kept = memory[name][slots]
            enough = part.lagged(tick[came], kept) > tick[came] - span
            begins = np.flatnonzero(enough & ~part.previous(enough, kept[:, 0] > kept[:, -1].astype(np.int64) - span))
            ticks = part.earlier(begins, tick[came], kept).tolist()
            early = dict(zip(came[begins].tolist(), ticks, strict=True))
            crowd[came] = enough
            memory[name][slots] = part.last(tick[came], kept)
            memory["tick"][slots] = tick[came][part.ends - 1]
        return crowd, early

    def _usual(self, rows: Segments, columns: dict[str, Array], new: Array) -> None:
        bucket = columns["tick"] // BUCKET_S
        heads = np.flatnonzero((rows.rank == 0) | np.append(True, bucket[1:] != bucket[:-1]))
        came = np.add.reduceat(columns["newcomer"].astype(np.int64), heads)
        shares = np.add.reduceat(does(columns["act"], Act.SHARE).astype(np.int64), heads)
        owner = rows.number[heads]
        slot, now = rows.keys[owner], bucket[heads]
        noted = {name: np.empty(len(heads)) for name in ("usual", "usual_square", "weight", "shown")}
        for group in turns(owner):
            self._turn(slot[group], now[group], new[heads[group]], came[group], shares[group])
            for name in ("usual", "usual_square", "shown"):
                noted[name][group] = self.memory.subjects[name][slot[group]]
            noted["weight"][group] = _weight(self.memory.subjects, slot[group], now[group])
        number = np.zeros(len(bucket), np.int64)
        number[heads] = 1
        number = np.cumsum(number) - 1
        columns |= {name: values[number] for name, values in noted.items()}

    def _turn(self, slot: Array, now: Array, new: Array, came: Array, shares: Array) -> None:
        """Close the last bucket of these subjects, all different, where it is over, and count in this one; forget what
        was before where the subject is `new`.
        """
        memory = self.memory.subjects
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
        numbers = self.ring.end + rows.order
        before = rows.previous(numbers, self.memory.subjects["row"][rows.keys])
        self.ring.append({**columns, "before": rows.back(before)})
        self.memory.subjects["row"][rows.keys] = numbers[rows.ends - 1]
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
