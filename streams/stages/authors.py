"""The authors stage: drops duplicates, adds what an author's own history tells, and routes to subjects."""

from __future__ import annotations

from typing import Final

import numpy as np

from graph.authors import AuthorMemory, Histories
from graph.columns import CODE, Array, Batch, dtype_of
from graph.events import LAST_ADDRESSING, EventType, Flag
from graph.interactions import INTERACTION_SCHEMA, LIKED_COLUMNS, OWN_ACTS, RECENT_COLUMNS, Act, Kind, does
from graph.register import Register
from graph.segments import stable_order
from streams.frames import END_TICK, Frame
from streams.notices import OF_ITEMS, inside
from streams.stages.order import Progress, TickBuffer
from streams.state import Checkpoint, Saved, decode, encode

THIN_TEXT_BYTES: Final = 500
"""How much of a text a thread or a community is sent."""

_WARMTH: Final = {"like": 1, "love": 1, "up": 1, "angry": -1, "down": -1}
_ACTS: Final = {
    EventType.SHARE: Act.SHARE,
    EventType.REACTION: Act.REACTION,
    EventType.REPORT: Act.REPORT,
    EventType.DELETE: Act.DELETE,
}
_ROUTES: Final = 32
"""Sequence numbers that the rows of one part of an event may take."""
_NOTICED: Final = 1024
"""Sequence number of a call that came by a notice, beyond those of all parts."""
_KINDS: Final = (Kind.ACCOUNT, Kind.THREAD)
"""What a link may name, beside a community, which is called by a notice."""


class AuthorsStage:
    """One partition of authors.

    Parameters
    ----------
    partition
        Its number, which its frames carry as their source.
    sources
        How many source partitions send frames to it.
    duplicate_s
        Within how many seconds a repeated id is a duplicate.
    """

    def __init__(self, partition: int, sources: int, duplicate_s: int) -> None:
        self._partition = partition
        self._duplicate_s = duplicate_s
        self._buffer = TickBuffer(sources, "part")
        self._memory = AuthorMemory(duplicate_s)
        self._register = Register()
        self.accepted = 0
        """Events handled so far that were none of those."""
        self.duplicates = 0
        """Events dropped so far because the same author had sent the same id."""

    @property
    def authors(self) -> int:
        """How many authors are remembered."""
        return len(self._memory)

    def feed(self, frame: Frame) -> None:
        """Take a frame of events from a source partition."""
        self._buffer.feed(frame)

    @property
    def needs_tick(self) -> int:
        """The first tick of which rows are needed when it is restored."""
        return self._buffer.until - self._duplicate_s

    @property
    def ended(self) -> bool:
        """Whether every source has come to its end."""
        return self._buffer.until == END_TICK

    def save(self, number: int, oldest: int) -> Saved:
        """What the checkpoint of this number has to hold, when none before `oldest` is kept."""
        tables = self._memory.save(number, oldest) | self._register.save(number, oldest)
        return Saved(tables, encode(self._buffer.save()))

    def load(self, checkpoint: Checkpoint) -> None:
        """Take back what a checkpoint holds; checkpoints come in the order of their numbers."""
        self._memory.load(checkpoint.saved.tables, checkpoint.number)
        self._register.load(checkpoint.saved.tables, checkpoint.number)

    def resume(self, live: bytes) -> None:
        """Go on from the newest checkpoint, after `load` and after the frames of the window were fed again."""
        progress = decode(live, Progress)
        taken = self._buffer.resume(progress, progress.until - self._duplicate_s)
        if len(taken.columns) and len(taken):
            self._memory.duplicates(taken)

    def advance(self) -> Frame | None:
        """Handle every tick that is complete: a frame of interactions in order, or None."""
        ticks = self._buffer.take()
        if ticks is None:
            return None
        batch = ticks.batch
        out = Batch.empty(INTERACTION_SCHEMA)
        if batch.columns and len(batch):
            repeated = self._memory.duplicates(batch)
            if repeated.any():
                events = batch["flags"] & OF_ITEMS == 0
                self.duplicates += int(np.count_nonzero(repeated & events & (batch["part"] == 0)))
                batch = batch.take(~repeated)
        if batch.columns and len(batch):
            out = self._handle(batch)
        return Frame(self._partition, out, ticks.until, ticks.begin_ms, ticks.newest_ms)

    def _handle(self, batch: Batch) -> Batch:
        """The interactions that events without duplicates, and notices, give."""
        last = int(batch["tick"][-1])
        notice = batch["flags"] & OF_ITEMS != 0
        if not notice.any():
            out = self._route(batch)
        else:
            events, notices = batch.take(~notice), batch.take(notice)
            owners = self._register.owners(notices, notices["flags"] & Flag.OPENS != 0)
            self._register.release(last)
            routed = self._route(events) if len(events) else Batch.empty(INTERACTION_SCHEMA)
            out = _merged(routed, called(notices, owners))
        self._memory.release(last)
        return out

    def _route(self, events: Batch) -> Batch:
        self.accepted += int(np.count_nonzero(events["part"] == 0))
        return route(events, self._memory.learn(events))


def called(notices: Batch, owners: list[str | None]) -> Batch:
    """Of notices of links, the calls to those whose items they are; what nobody is known to have opened may be a community.

    Nothing in them is from the caller's history, which is another partition's.
    """
    named, links = notices.strings("author"), (notices["flags"] & Flag.LINKS != 0).tolist()
    told = zip(links, owners, notices.strings("target"), strict=True)
    rows = np.array([at for at, (is_link, owner, caller) in enumerate(told) if is_link and owner != caller], np.int64)
    subjects = [(owners[at], Kind.ACCOUNT) if owners[at] else (named[at], Kind.COMMUNITY) for at in rows.tolist()]
    here, count = notices.take(rows), len(rows)
    blank: dict[str, Array] = {
        name: np.full(count, -1 if kind == CODE else 0, dtype_of(kind)) for name, kind in INTERACTION_SCHEMA.items()
    }
    kept = ("tick", "time", "type", "community", "home", "created", "id", "text")
    columns = {
        **blank,
        **{name: here[name] for name in kept},
        "flags": here["flags"] & np.uint16(~OF_ITEMS & 0xFFFF),
        "seq": np.full(count, _NOTICED, np.uint16),
        "act": np.full(count, Act.CALL, np.uint8),
        "kind": np.array([kind for _, kind in subjects], np.uint8),
        "subject": np.arange(len(here.pool), len(here.pool) + count, dtype=np.int32),
        "author": here["target"],
        "views": np.full(count, -1),
        "seen": here["time"],
    }
    return Batch(INTERACTION_SCHEMA, columns, [*here.pool, *(name or "" for name, _ in subjects)])


def _merged(routed: Batch, calls: Batch) -> Batch:
    """Both, each in the order of the stage, in that order; `calls` are few."""
    if not len(calls):
        return routed
    ticks, times, ids = routed["tick"], routed["time"], routed["id"]
    actors = np.where(does(routed["act"], Act.OWN), routed["subject"], routed["author"])
    callers = calls.strings("author")
    places = np.arange(len(routed) + len(calls)).astype(float)
    for at, (tick, time) in enumerate(zip(calls["tick"].tolist(), calls["time"].tolist(), strict=True)):
        low, high = ticks.searchsorted((tick, tick + 1)).tolist()
        here = times[low:high]
        first, last = (low + here.searchsorted((time, time + 1))).tolist()
        mine = calls["id"][at], callers[at] or ""
        while first < last and (ids[first], _name(routed.pool, actors[first])) <= mine:
            first += 1
        places[len(routed) + at] = first - 0.5
    return Batch.concat([routed, calls]).take(np.argsort(places, kind="stable"))


def _name(pool: list[str], code: int) -> str:
    return pool[code] if code >= 0 else ""


def route(batch: Batch, histories: Histories) -> Batch:
    """Each event as it concerns each of its subjects, in the order of the events."""
    kind, author, target = batch["type"], batch["author"], batch["target"]
    thread, owner = batch["thread"], batch["thread_author"]
    first = batch["part"] == 0
    speaks = kind <= LAST_ADDRESSING
    names_other = (target >= 0) & (target != author)
    deletes = kind == EventType.DELETE
    act = np.full(len(batch), Act.ADDRESS, np.uint8)
    for event_type, context in _ACTS.items():
        act[kind == event_type] = context
    act[histories.exposure] = Act.SHARE
    about = np.where(target >= 0, target, owner)
    concerns = (about >= 0) & (about != author) & (kind != EventType.POST) & ~deletes
    own = (speaks & (names_other | first)) | (first & (kind == EventType.POST))
    talks_to_himself = speaks & ~_any_part(names_other, first)
    in_thread = first & (thread >= 0) & (speaks | (kind == EventType.SHARE) | (kind == EventType.REACTION))
    in_community = first & (batch["community"] >= 0) & ((speaks & ~histories.exposure) | (kind == EventType.POST))
    beside = first & speaks & (owner >= 0) & (owner != author) & ~_any_part(owner == target, first)
    routes = [
        (concerns & ((target >= 0) | ~speaks), Kind.ACCOUNT, about, act),
        (in_thread & ~talks_to_himself, Kind.THREAD, thread, act),
        (in_community & ~talks_to_himself, Kind.COMMUNITY, batch["community"], act),
        (beside, Kind.ACCOUNT, owner, Act.THREAD),
        (own, Kind.ACCOUNT, author, Act.OWN),
        (does(act, Act.SHARE) & (kind == EventType.SHARE) & names_other, Kind.ACCOUNT, author, Act.OWN_SHARE),
        (first & deletes, Kind.ACCOUNT, np.full(len(batch), -1, np.int32), Act.DELETE),
    ]
    pool = batch.pool
    calls, called, pool = _calls(batch, pool)
    source: list[Array] = []
    parts: dict[str, list[Array]] = {"seq": [], "kind": [], "act": [], "subject": []}
    for number, (mask, subject_kind, subject, acts) in enumerate(routes):
        rows = np.flatnonzero(mask)
        source.append(rows)
        parts["seq"].append(batch["part"][rows].astype(np.uint16) * _ROUTES + number)
        parts["kind"].append(np.full(len(rows), subject_kind, np.uint8))
        parts["act"].append(acts[rows] if isinstance(acts, np.ndarray) else np.full(len(rows), acts, np.uint8))
        parts["subject"].append(subject[rows])
    for place, subject_kind in enumerate(_KINDS):
        source.append(calls)
        rank = np.arange(len(calls)) - np.searchsorted(calls, calls)
        parts["seq"].append((len(routes) + len(_KINDS) * rank + place).astype(np.uint16))
        parts["kind"].append(np.full(len(calls), subject_kind, np.uint8))
        parts["act"].append(np.full(len(calls), Act.CALL, np.uint8))
        parts["subject"].append(called)
    rows = np.concatenate(source)
    order = stable_order(rows)
    rows = rows[order]
    columns = {name: np.concatenate(values)[order] for name, values in parts.items()}
    return _interactions(batch, histories, rows, columns, pool)


def _any_part(mask: Array, first: Array) -> Array:
    """For each row whether the mask is true for any part of its event."""
    starts = np.flatnonzero(first)
    any_part: Array = np.logical_or.reduceat(mask, starts)
    return np.asarray(any_part[np.cumsum(first) - 1])


def _interactions(batch: Batch, histories: Histories, rows: Array, columns: dict[str, Array], pool: list[str]) -> Batch:
    own = np.isin(columns["act"], OWN_ACTS)
    target = batch["target"][rows]
    author = batch["author"][rows]
    homes = np.array([-1 if home is None else len(pool) + at for at, home in enumerate(histories.homes)], np.int32)
    columns |= {
        "warmth": _warmth(batch)[rows],
        "author": np.where(own, np.where(target == author, np.int32(-1), target), author),
        "other": _others(batch)[rows],
        "home": homes[histories.home[rows]],
        "seen": histories.seen[rows],
        "activity": histories.activity[rows],
        "reports": histories.reports[rows],
        "text": _texts(batch["text"], rows, columns["kind"] != Kind.ACCOUNT),
        **{name: histories.recent[rows, number] for number, name in enumerate(RECENT_COLUMNS)},
        **{name: histories.liked[rows, number] for number, name in enumerate(LIKED_COLUMNS)},
    }
    taken = {name: columns[name] if name in columns else batch[name][rows] for name in INTERACTION_SCHEMA}
    return Batch(INTERACTION_SCHEMA, taken, [*pool, *(home or "" for home in histories.homes)])


def _calls(batch: Batch, pool: list[str]) -> tuple[Array, Array, list[str]]:
    """Rows whose links name something of the platform, and what they name."""
    rows: list[int] = []
    named: list[str] = []
    linking = np.flatnonzero((batch["links"] != None) & (batch["part"] == 0))  # noqa: E711 - elementwise
    for row in linking.tolist():
        links = inside(batch["links"][row])
        rows.extend([row] * len(links))
        named.extend(links)
    start = len(pool)
    return np.array(rows, np.int64), np.arange(start, start + len(named), dtype=np.int32), [*pool, *named]


def _others(batch: Batch) -> Array:
    """Of each row of an event that addresses several: the first account addressed that is not the row's own target."""
    target, part = batch["target"], batch["part"]
    first = part == 0
    second = np.append(np.where(part[1:] == 1, target[1:], np.int32(-1)), np.int32(-1))
    lead = np.maximum.accumulate(np.where(first, np.arange(len(part)), 0))
    return np.where(first, second, target[lead])


def _warmth(batch: Batch) -> Array:
    out = np.zeros(len(batch), np.int8)
    reactions = batch["type"] == EventType.REACTION
    values = batch["value"]
    for code in np.unique(values[reactions]).tolist():
        if code >= 0:
            out[reactions & (values == code)] = _WARMTH.get(batch.pool[code], 0)
    return out


def _texts(texts: Array, rows: Array, thin: Array) -> Array:
    """The texts of the events at `rows`, cut where they are for the `thin`."""
    out = texts[rows]
    long = np.array([text is not None and 4 * len(text) > THIN_TEXT_BYTES for text in texts.tolist()], bool)
    for place in np.flatnonzero(thin & long[rows]).tolist():
        out[place] = _cut(out[place])
    return out


def _cut(text: str) -> str:
    return text.encode()[:THIN_TEXT_BYTES].decode(errors="ignore")
